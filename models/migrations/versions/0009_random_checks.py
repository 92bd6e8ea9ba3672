"""Random checks"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('inspection',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('drawn_on', sa.Date(), nullable=False),
    sa.Column('drawn_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('seed', sa.Integer(), nullable=False),
    sa.Column('per_committee', sa.Integer(), nullable=False),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(length=8), nullable=False),
    sa.Column('told_on', sa.Date(), nullable=True),
    sa.Column('pool_sealed', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['drawn_by'], ['person.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('inspected_branch',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('inspection_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('organisation_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('checked_on', sa.Date(), nullable=True),
    sa.Column('checked_by', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('righted_on', sa.Date(), nullable=True),
    sa.Column('defects_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('note_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('answer_sealed', sa.LargeBinary(), nullable=True),
    sa.ForeignKeyConstraint(['checked_by'], ['person.id'], ),
    sa.ForeignKeyConstraint(['inspection_id'], ['inspection.id'], ),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('inspection_id', 'organisation_id')
    )
    with op.batch_alter_table('inspected_branch', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_inspected_branch_due_on'), ['due_on'], unique=False)
        batch_op.create_index(batch_op.f('ix_inspected_branch_inspection_id'), ['inspection_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_inspected_branch_organisation_id'), ['organisation_id'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('inspected_branch', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_inspected_branch_organisation_id'))
        batch_op.drop_index(batch_op.f('ix_inspected_branch_inspection_id'))
        batch_op.drop_index(batch_op.f('ix_inspected_branch_due_on'))

    op.drop_table('inspected_branch')
    op.drop_table('inspection')
