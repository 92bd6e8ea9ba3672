"""Whose turn it is in a case"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('case_waiting',
    sa.Column('case_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('role', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['case_file.id'], ),
    sa.PrimaryKeyConstraint('case_id', 'role')
    )
    with op.batch_alter_table('case_waiting', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_case_waiting_role'), ['role'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('case_waiting', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_case_waiting_role'))

    op.drop_table('case_waiting')
