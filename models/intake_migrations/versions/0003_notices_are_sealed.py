"""Whom a notice is about is sealed: the staff side, which knows it, puts it there again"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM intake_notice")
    with op.batch_alter_table("intake_notice") as batch_op:
        batch_op.drop_column("person")
        batch_op.drop_column("unit")
        batch_op.add_column(sa.Column("sealed", sa.LargeBinary(), nullable=False))


def downgrade() -> None:
    op.execute("DELETE FROM intake_notice")
    with op.batch_alter_table("intake_notice") as batch_op:
        batch_op.drop_column("sealed")
        batch_op.add_column(sa.Column("unit", sa.String(length=200), nullable=False))
        batch_op.add_column(sa.Column("person", sa.String(length=200), nullable=False))
