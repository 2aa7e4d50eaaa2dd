"""Where a dataset comes from: its address, apart from what must stay secret in it."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from badc.errors import UsageError
from badc.home import from_home

_SCP = re.compile(r"[^/]+:")  # host:path, as git reads it; a slash before the colon makes a path
_USER, _PASSWORD = "BADC_GIT_USER", "BADC_GIT_PASSWORD"
_HELPER = (
    '!f() { test "$1" != get || printf "username=%s\\npassword=%s\\n"'
    f' "${_USER}" "${_PASSWORD}"; }}; f'
)
_NO_SECRETS = ("ssh", "git+ssh", "file")


@dataclass(frozen=True)
class Address:
    """The address of a dataset.

    Attributes:
        plain: to be shown and kept; a local folder's is absolute.
        credentials: name and password, as they stood in it, or None; never shown or kept.
    """

    plain: str
    credentials: str | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, text: str, start: Path) -> "Address":
        """Read an address as git would; a relative path is relative to ``start``.

        Raises:
            UsageError: it cannot be one. Its text is not repeated, as it may hold a password.
        """
        if not text.strip() or not text.isprintable():
            raise UsageError("--url is empty or holds a control character.", "Give an address.")
        if "://" not in text:
            if _SCP.match(text):
                return cls(text)
            return cls(os.path.abspath(start / from_home(text, "--url")))
        try:
            parts = urlsplit(text)
            _ = parts.port
        except ValueError:
            raise UsageError(
                "--url: what stands before its path is no host and port.",
                "In a name or password, write / as %2F and @ as %40.",
            ) from None
        if parts.query:
            raise UsageError("--url holds a '?', which no git address does.", "Leave that out.")
        user, _, host = parts.netloc.rpartition("@")
        if parts.scheme.removeprefix("ria+") in _NO_SECRETS:
            user, _, secret = user.partition(":")
            host = f"{user}@{host}" if user else host
            return cls(parts._replace(netloc=host).geturl(), None) if secret else cls(text)
        return cls(parts._replace(netloc=host).geturl(), user) if user else cls(text)

    def settings(self, given: Mapping[str, str]) -> dict[str, str]:
        """Return environment variables that have git, while it runs, use the credentials.

        So they stand in no command line and in no ``.git/config``, and no program that prints the
        address prints them.

        Args:
            given: the environment that they are added to.
        """
        if self.credentials is None:
            return {}
        parts = urlsplit(self.plain)
        user, _, password = self.credentials.partition(":")
        key = f"credential.{parts.scheme.removeprefix('ria+')}://{parts.netloc}.helper"
        number = int(given.get("GIT_CONFIG_COUNT") or 0)
        return {
            "GIT_CONFIG_COUNT": str(number + 2),
            f"GIT_CONFIG_KEY_{number}": key,
            f"GIT_CONFIG_VALUE_{number}": "",  # no other helper is asked, or told
            f"GIT_CONFIG_KEY_{number + 1}": key,
            f"GIT_CONFIG_VALUE_{number + 1}": _HELPER,
            _USER: unquote(user),
            _PASSWORD: unquote(password),
        }

    def is_same(self, other: "Address") -> bool:
        """Say whether two addresses mean one place, as far as can be told without asking."""
        return _bare(self.plain) == _bare(other.plain)


def _bare(plain: str) -> str:
    place = plain.removeprefix("file://")
    if place.startswith("/"):
        place = os.path.realpath(place)
    return place.rstrip("/").removesuffix("/.git").removesuffix(".git")
