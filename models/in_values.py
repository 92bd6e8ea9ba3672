"""`column IN (…)` over any number of values as one argument of the statement.

PostgreSQL takes 32,767 arguments, SQLite as many as it was compiled for: a post that stands above
40,000 branches has more. Few values stay arguments of their own, by which a planner sees how few
they are.

Worked example, 40,000 branches, as SQLite and as PostgreSQL are asked:

    organisation_id IN (SELECT value FROM json_each(?))
    organisation_id IN (SELECT json_array_elements_text(CAST($1 AS JSON)))
"""

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Text, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Mapped
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

FEW = 100
"""Up to so many values are arguments of their own."""


class _Listed(GenericFunction[str]):
    """The texts of a JSON list, a row each."""

    name = "yinlu_listed"
    type = Text()
    inherit_cache = True


@compiles(_Listed, "sqlite")
def _on_sqlite(element: _Listed, compiler: SQLCompiler, **options: Any) -> str:
    return f"(SELECT value FROM json_each({compiler.process(element.clauses, **options)}))"


@compiles(_Listed, "postgresql")
def _on_postgresql(element: _Listed, compiler: SQLCompiler, **options: Any) -> str:
    text = compiler.process(element.clauses, **options)
    return f"(SELECT json_array_elements_text(CAST({text} AS JSON)))"


def among(column: Mapped[Any], values: Iterable[str]) -> ColumnElement[bool]:
    """Whether a column of text has one of `values`, however many those are."""
    wanted = tuple(dict.fromkeys(values))
    if len(wanted) <= FEW:
        return column.in_(wanted)
    return column.bool_op("IN")(_Listed(literal(json.dumps(wanted), Text())))
