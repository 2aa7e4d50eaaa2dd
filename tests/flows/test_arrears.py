"""What a server has not recorded yet, asked of a real one."""

from uuid import uuid4

from prefect.settings import PREFECT_API_URL, temporary_settings

from flows.arrears import arrears


def test_task_runs_that_the_server_has_not_recorded_are_told_where_there_are_many(
    prefect_server: dict[str, str],
) -> None:
    with temporary_settings({PREFECT_API_URL: prefect_server["PREFECT_API_URL"]}):
        line = arrears(uuid4(), 150)  # a run it knows nothing of
        assert line is not None
        assert line.startswith("The Prefect server has yet to record 150 of 150 task runs")
        assert arrears(uuid4(), 99) is None
