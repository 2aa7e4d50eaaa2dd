"""DataLad datasets: where one begins, and the command lines that record work in it."""

from badc.datalad.dataset import dataset_root

__all__ = ["dataset_root"]
