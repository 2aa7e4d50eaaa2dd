"""Whether the configured Prefect server can be reached, before a run relies on it."""

from urllib.parse import urlsplit

from distributed import Client
from prefect.client.orchestration import get_client
from prefect.settings import PREFECT_API_URL

from badc.errors import UsageError
from flows.server import answers

HOW_TO_REACH = (
    "Start one that other hosts reach ('prefect server start --host 0.0.0.0') and set"
    " PREFECT_API_URL=http://THIS-HOST:4200/api."
)
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def require_server() -> None:
    """Ask the configured Prefect server for its version, as Prefect itself will; none is fine.

    Raises:
        UsageError: a server is configured, and it does not answer or cannot serve this client.
    """
    try:
        if PREFECT_API_URL.value():
            # a client of its own: a flow run's would try for a minute where it was connected once
            get_client(httpx_settings={}, sync_client=True).raise_for_api_version_mismatch()
    except Exception as error:
        # Prefect's own words name the address, a password left out
        reasons = " ".join(f"{error} ({error.__cause__})".split())
        raise UsageError(
            f"PREFECT_API_URL: no Prefect server can be used: {reasons.removesuffix(' (None)')}.",
            "Start one ('prefect server start'), correct the address (it ends in /api), or unset"
            " PREFECT_API_URL (in a profile: 'prefect config unset PREFECT_API_URL').",
        ) from error


def flow_server() -> str:
    """Return the API address of the server that the current flow run is recorded by."""
    return str(get_client(sync_client=True).api_url).rstrip("/")


def server_on_this_host_alone() -> str | None:
    """Return the flow's server where its address means nothing on other hosts, else None."""
    address = flow_server()
    return address if urlsplit(address).hostname in _LOOPBACK else None


def require_server_there(client: Client) -> None:
    """See whether a cluster's workers reach the flow's Prefect server, and have BADC at all.

    Task runs talk to the server from where they run. The temporary one that Prefect starts where
    none is configured answers on its own host alone.

    Raises:
        UsageError: they do not.
    """
    address = flow_server()
    said = client.run(answers, address, on_error="return")
    hosts = {where: urlsplit(where).hostname for where in said}
    for where, answer in said.items():
        if isinstance(answer, Exception):
            raise UsageError(
                f"The Dask worker on {hosts[where]} cannot run BADC"
                f" ({type(answer).__name__}: {' '.join(str(answer).split())}).",
                "Install the same BADC, with the same Python, for the workers as here.",
            )
    silent = sorted({str(hosts[where]) for where, answer in said.items() if not answer})
    if silent:
        raise UsageError(
            f"PREFECT_API_URL: from the Dask workers on {', '.join(silent)} no Prefect server"
            f" answers at {address}.",
            HOW_TO_REACH,
        )
