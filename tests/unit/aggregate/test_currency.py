import os
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from badc.aggregate import (
    Origins,
    are_current,
    date_tables,
    made_by,
    newest_change_ns,
    recipe_of,
)
from badc.meta import load_rules


@pytest.fixture
def results(tmp_path: Path) -> Path:
    folder = tmp_path / "infer" / "REC"
    folder.mkdir(parents=True)
    (folder / "a.json").write_text("{}")
    _age(folder.parent)
    return folder.parent


def _age(results: Path) -> None:
    """Make all changes old ones: two within one tick of the disk's clock are one."""
    for path in (results / "REC", results):
        os.utime(path, ns=(1_000, 1_000))


def _table(results: Path) -> Path:
    table = results.parent / "table.csv"
    table.touch()
    date_tables([table], newest_change_ns(results))
    return table


def test_a_table_is_current_until_a_result_comes_changes_or_goes(results: Path) -> None:
    first, second = results / "REC" / "a.json", results / "REC" / "b.json"
    for change in (second.touch, partial(second.replace, first), first.unlink):
        _age(results)
        table = _table(results)
        assert are_current([table], newest_change_ns(results))
        change()
        assert not are_current([table], newest_change_ns(results))


def test_what_was_changed_while_the_table_was_made_counts_as_newer(results: Path) -> None:
    begun = newest_change_ns(results)
    (results / "REC" / "b.json").touch()
    table = results.parent / "table.csv"
    table.touch()
    date_tables([table], begun)
    assert not are_current([table], newest_change_ns(results))


def test_a_table_that_is_not_there_is_not_current(results: Path) -> None:
    assert not are_current([_table(results), results / "none"], newest_change_ns(results))


def test_a_table_tells_how_it_was_made(tree: Any, payload: Any, call: Any) -> None:
    tree.put("c.json", payload("c1", call()))
    tree.aggregate()
    torn = tree.parquet.with_name("torn.parquet")
    torn.write_bytes(tree.parquet.read_bytes()[:100])
    tables = [tree.parquet, torn, tree.parquet.with_name("none.parquet")]
    plain = load_rules(None, "UTC"), load_rules(None, "-07:00"), load_rules("station", "UTC")
    recipes = [recipe_of(rules, dedupe=dedupe) for rules in plain for dedupe in (True, False)]
    assert len(set(recipes)) == 6
    tree.aggregate(origins=Origins(plain[2]), dedupe=True)
    assert [made_by(recipe, tables) for recipe in recipes] == [
        set(), set(), set(), set(), {tree.parquet}, set()
    ]  # fmt: skip
