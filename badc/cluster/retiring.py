"""Taking a slot out of a running cluster."""

from typing import Any

from distributed import Client, SpecCluster

from badc.cluster.opening import OpenCluster


def retire_slot(cluster: OpenCluster, client: Client, label: str) -> None:
    """Close the worker of one slot for good; what it had to do goes to the others.

    Args:
        cluster: one of this host's slots.
        client: connected to it.
        label: the slot's.
    """
    names = [str(worker["name"]) for worker in _workers(client)]
    worker = next((name for name in names if _label(name) == label), None)
    if worker is None:  # of a worker with several threads, the second slot and so on
        worker = next((name for name in names if label.startswith(f"{_label(name)}.")), None)
    if worker is not None:
        client.retire_workers(names=[worker], close_workers=True, remove=True)
    place = cluster.place
    if isinstance(place, SpecCluster):  # or its nanny would start the worker again
        for key, spec in list(place.worker_spec.items()):
            if spec["options"].get("name", key) == label:
                del place.worker_spec[key]
        place.sync(place._correct_state)  # noqa: SLF001 - the way SpecCluster drops workers


def slots_left(cluster: OpenCluster, client: Client) -> int:
    """Return how many chunks the cluster can hear at a time.

    Of workers on this host those count as well that were lost and come back.
    """
    joined: int = sum(client.nthreads().values())
    if cluster.elsewhere or not isinstance(cluster.place, SpecCluster):
        return joined
    return max(len(cluster.place.worker_spec), joined)


def _workers(client: Client) -> list[dict[str, Any]]:
    return list(client.scheduler_info(n_workers=-1)["workers"].values())


def _label(name: str) -> str:
    return name.replace("/", "_")
