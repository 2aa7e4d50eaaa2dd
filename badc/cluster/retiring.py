"""Taking a slot out of a running cluster."""

from typing import Any

from distributed import Client, SpecCluster


def retire_slot(cluster: Any, client: Client, label: str) -> None:  # noqa: ANN401 - see open_cluster
    """Close the worker of one slot for good; what it had to do goes to the others.

    Args:
        cluster: what :func:`badc.cluster.open_cluster` yielded.
        client: connected to it.
        label: the slot's.
    """
    names = [str(worker["name"]) for worker in _workers(client)]
    worker = next((name for name in names if _label(name) == label), None)
    if worker is None:  # of a worker with several threads, the second slot and so on
        worker = next((name for name in names if label.startswith(f"{_label(name)}.")), None)
    if worker is not None:
        client.retire_workers(names=[worker], close_workers=True, remove=True)
    if isinstance(cluster, SpecCluster):  # or its nanny would start the worker again
        for key, spec in list(cluster.worker_spec.items()):
            if spec["options"].get("name", key) == label:
                del cluster.worker_spec[key]
        cluster.sync(cluster._correct_state)  # noqa: SLF001 - the way SpecCluster drops workers


def slots_left(cluster: Any, client: Client) -> int:  # noqa: ANN401 - see open_cluster
    """Return how many chunks the cluster can hear at a time, now or when lost workers are back."""
    expected: int = len(cluster.worker_spec) if isinstance(cluster, SpecCluster) else 0
    joined: int = sum(client.nthreads().values())
    return max(expected, joined)


def _workers(client: Client) -> list[dict[str, Any]]:
    return list(client.scheduler_info(n_workers=-1)["workers"].values())


def _label(name: str) -> str:
    return name.replace("/", "_")
