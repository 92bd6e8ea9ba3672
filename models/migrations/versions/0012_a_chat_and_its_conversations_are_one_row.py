"""A chat and its conversations are one row

Where a conversation stood under its own key can't be carried over: the key isn't stored. Whoever
was in one is shown a fresh screen; what was answered is still there as a draft.
"""

from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute('DELETE FROM conversation_state')


def downgrade() -> None:
    op.execute('DELETE FROM conversation_state')
