"""How often a message was repeated, what was merged, and the silence the messenger asked for"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import models.columns

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('send_pause',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
    sa.Column('until', models.columns.UTCDateTime(), nullable=False),
    sa.Column('chat_sealed', sa.LargeBinary(), nullable=True),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('outgoing_message', schema=None) as batch_op:
        batch_op.add_column(sa.Column('repeats', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('merged', sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    with op.batch_alter_table('outgoing_message', schema=None) as batch_op:
        batch_op.drop_column('merged')
        batch_op.drop_column('repeats')
    op.drop_table('send_pause')
