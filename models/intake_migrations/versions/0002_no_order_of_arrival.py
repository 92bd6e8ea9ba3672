"""Rows lie in the order of their random ids: SQLite's own numbers would tell who came when"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

PARENT, CHILDREN = "intake_report", ("intake_file", "intake_letter")


def _rewrite(with_rowid: bool) -> None:
    if op.get_bind().dialect.name != "sqlite":
        return
    # A table is replaced by its copy; what refers to it has to stand aside meanwhile.
    for table in CHILDREN:
        op.execute(f"CREATE TEMP TABLE aside_{table} AS SELECT * FROM {table}")
        op.execute(f"DELETE FROM {table}")
    for table in (PARENT, *CHILDREN):
        with op.batch_alter_table(
            table, recreate="always", table_kwargs={"sqlite_with_rowid": with_rowid}
        ):
            pass
    for table in CHILDREN:
        op.execute(f"INSERT INTO {table} SELECT * FROM aside_{table}")
        op.execute(f"DROP TABLE aside_{table}")


def upgrade() -> None:
    _rewrite(with_rowid=False)


def downgrade() -> None:
    _rewrite(with_rowid=True)
