from pathlib import Path

import pytest

from badc.datalad.address import Address
from badc.datalad.registry import registry_path
from badc.errors import UsageError
from badc.home import from_home
from badc.orchestration import OrchestrateRequest, plan_dataset


def test_a_tilde_means_home_and_anything_else_stays(monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")
    assert from_home("~/x", "--x") == Path("/home/me/x")
    assert from_home(Path("x/~"), "--x") == Path("x/~")


def _registry(monkeypatch):
    monkeypatch.setenv("BADC_DATA_CONFIG", "~nobody-here/data.toml")
    registry_path()


@pytest.mark.parametrize(
    "read",
    [
        lambda _: from_home("~nobody-here/x", "--x"),
        lambda _: Address.parse("~nobody-here/x", Path("/")),
        lambda _: plan_dataset(OrchestrateRequest(dataset=Path("~nobody-here/x"))),
        _registry,
    ],
    ids=["itself", "address", "dataset", "registry"],
)
def test_a_home_of_nobody_is_refused_in_words(monkeypatch, read):
    with pytest.raises(UsageError, match="begins with ~, but there is no such home folder"):
        read(monkeypatch)
