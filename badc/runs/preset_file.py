"""A preset as it stands on the disk."""

from typing import ClassVar

from badc.toml_file import TomlFile


class PresetFile(TomlFile):
    """The TOML file of ``badc infer run-config``, parsed."""

    kind: ClassVar[str] = "preset"
    start: ClassVar[str] = "configs/hawkears-local.toml is one to start from."
    example: ClassVar[str] = (
        'A preset has lines such as manifest = "manifests/REC.csv" under [runner].'
    )
