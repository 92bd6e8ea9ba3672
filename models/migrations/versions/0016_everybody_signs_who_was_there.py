"""Several people sign an entry in one role, and are asked for it by name"""

import sqlalchemy as sa
from alembic import op

from models.columns import UTCDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

COLUMNS = "id, entry_id, person_id, role, signed_at"


def upgrade() -> None:
    paper = sa.Column("paper_by", sa.String(), sa.ForeignKey("person.id"), nullable=True)
    _made_anew(("entry_id", "role", "person_id"), True, paper)


def downgrade() -> None:
    """Of several in one role the one who signed first is kept."""
    op.execute("DELETE FROM signature WHERE signed_at IS NULL")
    op.execute(
        "DELETE FROM signature WHERE EXISTS (SELECT 1 FROM signature AS other"
        " WHERE other.entry_id = signature.entry_id AND other.role = signature.role"
        " AND (other.signed_at, other.id) < (signature.signed_at, signature.id))"
    )
    _made_anew(("entry_id", "role"), False)


def _made_anew(unique: tuple[str, ...], asked: bool, *more: sa.Column[str]) -> None:
    """What is unique has no name on SQLite, and so can't be changed in place."""
    op.drop_index("ix_signature_entry_id", "signature")
    op.rename_table("signature", "signature_before")
    op.create_table(
        "signature",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("entry_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("signed_at", UTCDateTime(), nullable=asked),
        *more,
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(*unique),
    )
    op.execute(f"INSERT INTO signature ({COLUMNS}) SELECT {COLUMNS} FROM signature_before")
    op.drop_table("signature_before")
    op.create_index("ix_signature_entry_id", "signature", ["entry_id"])
