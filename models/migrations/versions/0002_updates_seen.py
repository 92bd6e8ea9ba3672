"""Updates that were taken in once"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import models.columns

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('seen_update',
    sa.Column('bot', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('update_id', sa.BigInteger(), nullable=False),
    sa.Column('seen_at', models.columns.UTCDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('bot', 'update_id')
    )
    with op.batch_alter_table('seen_update', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_seen_update_seen_at'), ['seen_at'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('seen_update', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_seen_update_seen_at'))
    op.drop_table('seen_update')
