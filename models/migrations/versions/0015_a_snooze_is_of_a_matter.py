"""A snooze is of a matter, not of a person"""

import sqlalchemy as sa
from alembic import op

from models.columns import UTCDateTime

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('person') as batch_op:
        batch_op.drop_column('snoozed_until')


def downgrade() -> None:
    with op.batch_alter_table('person') as batch_op:
        batch_op.add_column(sa.Column('snoozed_until', UTCDateTime(), nullable=True))
