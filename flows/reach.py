"""Whether the configured Prefect server can be reached, before a run relies on it."""

from prefect.client.orchestration import get_client
from prefect.settings import PREFECT_API_URL

from badc.errors import UsageError


def require_server() -> None:
    """Ask the configured Prefect server for its version, as Prefect itself will; none is fine.

    Raises:
        UsageError: a server is configured, and it does not answer or cannot serve this client.
    """
    try:
        if PREFECT_API_URL.value():
            get_client(sync_client=True).raise_for_api_version_mismatch()
    except Exception as error:
        # Prefect's own words name the address, a password left out
        reasons = " ".join(f"{error} ({error.__cause__})".split())
        raise UsageError(
            f"PREFECT_API_URL: no Prefect server can be used: {reasons.removesuffix(' (None)')}.",
            "Start one ('prefect server start'), correct the address (it ends in /api), or unset"
            " PREFECT_API_URL (in a profile: 'prefect config unset PREFECT_API_URL').",
        ) from error
