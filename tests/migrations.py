"""A later schema to upgrade to: the program itself begins with a single migration in each tree."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import models.migrate
from models.migrate import FOLDER, INTAKE, STAFF, revisions

NEXT = "0002"
CHANGED = {STAFF: "person", INTAKE: "intake_report"}
"""A table of each tree to which other rows refer."""
KEPT = {STAFF: "{}", INTAKE: '{"sqlite_with_rowid": False}'}
SCRIPT = '''"""A later version"""

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{before}"
branch_labels = None
depends_on = None


def changed():
    how = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    return op.batch_alter_table("{table}", recreate=how, table_kwargs={kept})


def upgrade() -> None:
    with changed() as batch:
        batch.add_column(sa.Column("later", sa.Integer(), nullable=True))


def downgrade() -> None:
    with changed() as batch:
        batch.drop_column("later")
'''


@contextmanager
def later_version(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The program of a later version: each tree has one more migration, which replaces a table that
    others refer to."""
    for tree, table in CHANGED.items():
        shutil.copytree(FOLDER / tree, folder / tree)
        script = SCRIPT.format(
            revision=NEXT, before=revisions(tree)[-1], table=table, kept=KEPT[tree]
        )
        folder.joinpath(tree, "versions", f"{NEXT}_later.py").write_text(script, "utf-8")
    monkeypatch.setattr(models.migrate, "FOLDER", folder)
    revisions.cache_clear()
    yield
    monkeypatch.undo()
    revisions.cache_clear()
