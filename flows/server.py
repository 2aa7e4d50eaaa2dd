"""Whether a Prefect server is there to record a flow run. Prefect is imported only if need be."""

import os
import urllib.error
import urllib.request
from pathlib import Path

_ANSWER_WITHIN_S = 5


def configured_server() -> str | None:
    """Return the API address of the configured Prefect server, or None where there is none.

    Prefect itself is asked, which takes a second, only where one of its setting files may name a
    server.
    """
    if address := os.environ.get("PREFECT_API_URL"):
        return address
    if not _settings_may_name_one():
        return None
    from prefect.settings import PREFECT_API_URL  # noqa: PLC0415 - see above

    return PREFECT_API_URL.value() or None


def answers(address: str) -> bool:
    """Say whether a Prefect server answers at ``address``, if only to ask who is there."""
    try:
        with urllib.request.urlopen(  # noqa: S310 - the address is the user's own setting
            f"{address.rstrip('/')}/health", timeout=_ANSWER_WITHIN_S
        ):
            return True
    except urllib.error.HTTPError:
        return True
    except (OSError, ValueError):
        return False


def _settings_may_name_one() -> bool:
    home = Path(os.environ.get("PREFECT_HOME") or Path.home() / ".prefect")
    signs = {
        Path(os.environ.get("PREFECT_PROFILES_PATH") or home / "profiles.toml"): "prefect_api_url",
        Path("prefect.toml"): "url",
        Path("pyproject.toml"): "[tool.prefect",
        Path(".env"): "prefect_api_url",
    }
    return any(sign in _text(path) for path, sign in signs.items())


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").lower()
    except OSError:
        return ""
