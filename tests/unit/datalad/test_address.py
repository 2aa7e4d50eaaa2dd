"""Addresses of datasets: what is shown and kept of them, and what is not."""

import os
import subprocess
from pathlib import Path

import pytest

from badc.datalad.address import Address
from badc.errors import UsageError

HERE = Path("/here")


@pytest.mark.parametrize(
    ("text", "plain", "credentials"),
    [
        ("https://host/a.git", "https://host/a.git", None),
        ("https://me:s3@cret@host:8/a.git", "https://host:8/a.git", "me:s3@cret"),
        ("https://t0ken@host/a", "https://host/a", "t0ken"),
        ("ria+https://me:pw@host/store#~name", "ria+https://host/store#~name", "me:pw"),
        ("ssh://git@host/a", "ssh://git@host/a", None),
        ("ssh://git:pw@host:2/a", "ssh://git@host:2/a", None),
        ("git@host:a/b.git", "git@host:a/b.git", None),
        ("file:///a b", "file:///a b", None),
        ("../a b", "/a b", None),
        ("x/y:z", "/here/x/y:z", None),
        ("/a", "/a", None),
        ("-x", "/here/-x", None),
    ],
)
def test_credentials_stand_apart_and_paths_are_absolute(text, plain, credentials):
    address = Address.parse(text, HERE)
    assert (address.plain, address.credentials) == (plain, credentials)
    assert Address.parse(plain, Path("/elsewhere")) == Address(plain)
    assert credentials is None or credentials not in repr(address)


@pytest.mark.parametrize(
    "text", ["", " ", "a\nb", "a\0", "https://me:s3/cret@host/a", "https://h/a?token=s3cret"]
)
def test_what_is_no_address_is_refused_without_being_repeated(text):
    with pytest.raises(UsageError, match="--url") as refused:
        Address.parse(text, HERE)
    assert "s3" not in str(refused.value)


def test_git_is_given_the_credentials_beside_the_settings_that_there_are(tmp_path):
    address = Address.parse("https://me:p%40 'w@host/a", tmp_path)
    given = {**os.environ, "GIT_CONFIG_COUNT": "1"}
    given |= {"GIT_CONFIG_KEY_0": "credential.helper", "GIT_CONFIG_VALUE_0": "!echo password=no; :"}
    for asked, said in (
        ("host", "username=me\npassword=p@ 'w\n"),
        ("other", "password=no\n"),
    ):
        told = subprocess.run(
            ["git", "credential", "fill"],
            input=f"protocol=https\nhost={asked}\nusername=me\n\n",
            env=given | address.settings(given),
            capture_output=True,
            text=True,
            check=True,
        )
        assert said in told.stdout
    assert Address.parse("https://host/a", tmp_path).settings({}) == {}


def test_spellings_of_one_place_are_the_same(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "link").symlink_to("a")
    a = Address.parse("a", tmp_path)
    for other in ("a/", "link", "a/.git", f"file://{tmp_path}/a"):
        assert a.is_same(Address.parse(other, tmp_path)), other
    assert not a.is_same(Address.parse("b", tmp_path))
    assert Address("https://h/a").is_same(Address("https://h/a.git"))
