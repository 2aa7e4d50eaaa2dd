"""What Prefect runs: composition only, no rules of the domain."""
