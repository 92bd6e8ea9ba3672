"""Where each audit chain ends, kept apart and sealed"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

from models.columns import dumps, ring

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

NEWEST = """SELECT chain, number, hash FROM audit_line AS line WHERE number = (
    SELECT max(number) FROM audit_line AS other WHERE other.chain = line.chain)"""


def upgrade() -> None:
    heads = op.create_table(
        "audit_head",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("newest_sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    found = op.get_bind().execute(sa.text(NEWEST)).all()
    op.bulk_insert(heads, [_head(*line) for line in found])


def _head(chain: str, number: int, line_hash: str) -> dict[str, object]:
    said = dumps({"number": number, "hash": line_hash}).encode()
    return {"id": chain, "newest_sealed": ring().seal(said, f"audit_head.newest_sealed.{chain}")}


def downgrade() -> None:
    op.drop_table("audit_head")
