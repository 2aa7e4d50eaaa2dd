"""DataLad datasets: where one begins, and commands that one records."""

from badc.datalad.dataset import dataset_root
from badc.datalad.recorded import Recorded, check_recordable, records, save

__all__ = ["Recorded", "check_recordable", "dataset_root", "records", "save"]
