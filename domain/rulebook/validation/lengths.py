"""What the rows of a case couldn't hold of a rulebook: found when the file is read, and not when
somebody saves."""

from collections.abc import Iterator

from domain.files.toml import Finding
from domain.rulebook.listing.rules import rules_of
from domain.rulebook.schema import Rulebook

LONGEST_FINDING, LONGEST_STAGE, LONGEST_RULE = 30, 40, 60
"""Characters of an id. A rule's source stands beside it in the row, and is no longer."""


def too_long(book: Rulebook) -> Iterator[Finding]:
    """`book`: one that holds together, since its rules can be listed only then."""
    named = [(f"findings[{item.id}].id", item.id, LONGEST_FINDING) for item in book.findings]
    named += [(f"stages[{item.id}].id", item.id, LONGEST_STAGE) for item in book.stages]
    for rule in rules_of(book):
        named.append((f"{rule.id}.id", rule.id, LONGEST_RULE))
        named.append((f"{rule.id}.source", rule.source, LONGEST_RULE))
    for key, text, most in named:
        if len(text) > most:
            yield key, f"expected {most} characters at most, found {len(text)}"
