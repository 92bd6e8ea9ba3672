"""Where a case moved from, until the other branch takes it or gives it back"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("case_file") as batch_op:
        batch_op.add_column(sa.Column("moved_from", sa.String(), nullable=True))
        batch_op.create_foreign_key(
            "fk_case_file_moved_from", "organisation", ["moved_from"], ["id"]
        )


def downgrade() -> None:
    with op.batch_alter_table("case_file") as batch_op:
        batch_op.drop_constraint("fk_case_file_moved_from", type_="foreignkey")
        batch_op.drop_column("moved_from")
