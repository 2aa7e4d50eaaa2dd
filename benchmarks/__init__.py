"""What BADC's claims of speed come from. ``python -m benchmarks [NAME …]`` runs all, or some."""
