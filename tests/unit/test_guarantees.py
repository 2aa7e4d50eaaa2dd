"""The document, the table and the code speak of the same guarantees."""

import re
from pathlib import Path

import pytest

from tools.protections import PROTECTIONS

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = (ROOT / "docs" / "guarantees.md").read_text(encoding="utf-8")


def test_every_guarantee_has_a_protection_and_every_protection_a_guarantee():
    titles = re.findall(r"^## (.+)$", DOCUMENT.partition("# What else")[0], re.MULTILINE)
    assert sorted(titles) == sorted({each.guarantee for each in PROTECTIONS})


def test_every_test_that_the_document_names_exists():
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", DOCUMENT)
    assert named
    for file, test in named:
        assert not test or f"def {test}(" in (ROOT / file).read_text(encoding="utf-8"), (file, test)


@pytest.mark.parametrize("each", PROTECTIONS, ids=lambda each: f"{each.file}: {each.text.strip()}")
def test_a_protection_stands_where_it_is_said_to(each):
    assert (ROOT / each.file).read_text(encoding="utf-8").count(each.text) == 1
    section = DOCUMENT.partition(f"## {each.guarantee}\n")[2].partition("\n## ")[0]
    assert f"`{each.file}`" in section
    assert f"`{each.test}`" in section
