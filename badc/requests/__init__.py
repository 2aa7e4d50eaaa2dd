"""What users ask for. Each field defines an option: its name, type, default and help stand here.

Command lines, presets, plans of recordings and Prefect's form are made from these fields.
"""

from badc.requests.infer import InferRequest
from badc.requests.option import Option, options_of, paths_of
from badc.requests.orchestrate import OrchestrateRequest
from badc.requests.run_options import ChunksPerTask, RunnerName, RunnerOptions, RunOptions

__all__ = [
    "ChunksPerTask",
    "InferRequest",
    "Option",
    "OrchestrateRequest",
    "RunOptions",
    "RunnerName",
    "RunnerOptions",
    "options_of",
    "paths_of",
]
