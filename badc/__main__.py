"""``python -m badc``."""

from badc.cli.app import main

main()
