"""What Prefect runs: composition only. Importing this package does not import Prefect."""
