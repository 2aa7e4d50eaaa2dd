"""Who listens: the runners, one small protocol for all, and one place that chooses."""
