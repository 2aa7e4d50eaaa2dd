"""A folder in /tmp that others could have put there first."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from badc.errors import BadcError
from badc.private_folder import private_folder

ROOT = Path(__file__).resolve().parents[2]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_it_is_made_for_this_user_alone_and_taken_again(tmp_path):
    assert private_folder(tmp_path / "x", "") == tmp_path / "x"
    (tmp_path / "x" / "kept").touch()
    private_folder(tmp_path / "x", "")
    assert mode(tmp_path / "x") == 0o700
    assert (tmp_path / "x" / "kept").exists()


def test_one_of_ours_that_others_could_enter_is_closed(tmp_path):
    (tmp_path / "x").mkdir()
    (tmp_path / "x").chmod(0o777)
    private_folder(tmp_path / "x", "")
    assert mode(tmp_path / "x") == 0o700


def _link(place: Path) -> None:
    place.with_name("theirs").mkdir()
    place.symlink_to("theirs")


def _foreign(place: Path) -> None:
    place.mkdir()
    if os.geteuid():
        pytest.skip("only root can give a folder away")
    os.chown(place, 65534, -1)


@pytest.mark.parametrize("make", [_link, _foreign, Path.touch], ids=["link", "foreign", "file"])
def test_what_somebody_else_may_have_put_there_is_refused(tmp_path, make):
    make(tmp_path / "x")
    with pytest.raises(BadcError, match=r"/x: (is somebody else's|cannot be made).* Mend it\."):
        private_folder(tmp_path / "x", "Mend it.")


def test_prefect_gets_such_a_folder_where_home_cannot_be_written(tmp_path):
    home = tmp_path / "file"
    home.touch()
    settle = "from flows.settings import settle_prefect; settle_prefect()"
    words = [sys.executable, "-c", f"import os; {settle}; print(os.environ['PREFECT_HOME'])"]
    unset = {name: value for name, value in os.environ.items() if name != "PREFECT_HOME"}
    environment = unset | {"HOME": str(home), "TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(words, env=environment, capture_output=True, text=True, check=True)
    own = tmp_path / f"badc-prefect-{os.getuid()}"
    assert ended.stdout.strip() == str(own)
    assert mode(own) == 0o700
    own.rmdir()
    _link(own)
    ended = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    assert "Set PREFECT_HOME to a folder of your own." in ended.stderr
    assert not list((tmp_path / "theirs").iterdir())
