"""The format of a rulebook is documented from the types that read it, key by key."""

import json
from dataclasses import dataclass

import pytest

from docs import rulebook
from domain.files.toml import FileModel


def test_every_key_is_explained_and_shown() -> None:
    assert list(rulebook.problems()) == []
    page = rulebook.page()
    for table in rulebook.tables():
        assert f"\n## {rulebook.title(table)}\n" in page
        assert all(f"`{key.name}`" in page.replace("*", "") for key in rulebook.keys(table))


def test_the_schema_holds_the_same_words() -> None:
    """A key that only the code calls otherwise stands there as the file calls it."""
    made = json.loads(rulebook.schema())
    called = made["$defs"]["StepTrigger"]["properties"]
    assert called.keys() == {"step", "field", "is", "approved"}
    assert called["is"]["description"] == "The answers to it that call."
    assert made["$defs"]["OpenPoint"]["required"] == ["id", "text", "options", "default", "source"]
    assert made["$defs"]["Step"]["additionalProperties"] is False


@dataclass(frozen=True)
class Bare:
    """A table whose key nobody explained."""

    key: str = ""


class Unknown(FileModel):
    """A file that has one."""

    bare: Bare = Bare()
    """Explained."""


def test_a_key_without_meaning_and_a_stale_page_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rulebook, "MODELS", (*rulebook.MODELS, Unknown))
    found = list(rulebook.problems())
    assert "Bare.key: no docstring says what this key means" in found
    assert "Unknown.bare: no file of ours has an example of this key" in found
    assert "docs/rulebook.md: stale; run python -m docs.rulebook write" in found
    assert rulebook.main(["check"]) == 1
    assert rulebook.main([]) == 2
