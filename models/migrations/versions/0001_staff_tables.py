"""The tables of the staff database"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import models.columns

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('audit_head',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('newest_sealed', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('audit_line',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('chain', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('at', models.columns.UTCDateTime(), nullable=False),
    sa.Column('actor', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('act', sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
    sa.Column('act_key', sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
    sa.Column('previous', sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
    sa.Column('hash', sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
    sa.Column('result_sealed', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('act_key'),
    sa.UniqueConstraint('chain', 'number')
    )
    op.create_table('conversation_state',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
    sa.Column('data_sealed', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('organisation',
    sa.Column('mac', sa.LargeBinary(), nullable=False),
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('parent_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('level', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('name_sealed', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['parent_id'], ['organisation.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_organisation_parent_id', 'organisation', ['parent_id'], unique=False)

    op.create_table('seen_update',
    sa.Column('bot', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('update_id', sa.BigInteger(), nullable=False),
    sa.Column('seen_at', models.columns.UTCDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('bot', 'update_id')
    )
    op.create_index('ix_seen_update_seen_at', 'seen_update', ['seen_at'], unique=False)

    op.create_table('send_pause',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
    sa.Column('until', models.columns.UTCDateTime(), nullable=False),
    sa.Column('chat_sealed', sa.LargeBinary(), nullable=True),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('send_share',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
    sa.Column('source', sa.Integer(), nullable=False),
    sa.Column('share', sa.Integer(), nullable=False),
    sa.Column('wants', sa.Integer(), nullable=False),
    sa.Column('until', models.columns.UTCDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('setting',
    sa.Column('mac', sa.LargeBinary(), nullable=False),
    sa.Column('key', sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
    sa.Column('value', sqlmodel.sql.sqltypes.AutoString(length=400), nullable=False),
    sa.PrimaryKeyConstraint('key')
    )
    op.create_table('update_inbox',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('bot', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('update_id', sa.BigInteger(), nullable=False),
    sa.Column('chat_index', sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
    sa.Column('received_at', models.columns.UTCDateTime(), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('parked', sa.Boolean(), nullable=False),
    sa.Column('error', sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
    sa.Column('payload_sealed', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('bot', 'update_id')
    )
    op.create_index('ix_inbox_chat', 'update_inbox', ['parked', 'chat_index', 'update_id'], unique=False)

    op.create_table('case_file',
    sa.Column('mac', sa.LargeBinary(), nullable=False),
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('organisation_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('rulebook', sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
    sa.Column('opened_on', sa.Date(), nullable=False),
    sa.Column('status', sa.String(length=16), nullable=False),
    sa.Column('stage', sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
    sa.Column('moved_from', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('person_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('counted_sealed', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['moved_from'], ['organisation.id'], ),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_case_file_newest', 'case_file', ['opened_on', 'id'], unique=False)
    op.create_index('ix_case_file_organisation_id', 'case_file', ['organisation_id'], unique=False)
    op.create_index('ix_case_file_status', 'case_file', ['status'], unique=False)

    op.create_table('person',
    sa.Column('mac', sa.LargeBinary(), nullable=False),
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('organisation_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('full_member', sa.Boolean(), nullable=False),
    sa.Column('language', sqlmodel.sql.sqltypes.AutoString(length=8), nullable=False),
    sa.Column('chat_index', sqlmodel.sql.sqltypes.AutoString(length=40), nullable=True),
    sa.Column('blocked_at', models.columns.UTCDateTime(), nullable=True),
    sa.Column('name_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('chat_sealed', sa.LargeBinary(), nullable=True),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('chat_index')
    )
    op.create_index('ix_person_organisation_id', 'person', ['organisation_id'], unique=False)

    op.create_table('attachment',
    sa.Column('mac', sa.LargeBinary(), nullable=False),
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('case_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('media_type', sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
    sa.Column('added_at', models.columns.UTCDateTime(), nullable=False),
    sa.Column('added_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('content_sealed', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['added_by'], ['person.id'], ),
    sa.ForeignKeyConstraint(['case_id'], ['case_file.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_attachment_case_id', 'attachment', ['case_id'], unique=False)

    op.create_table('breach',
    sa.Column('mac', sa.LargeBinary(), nullable=False),
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('case_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('step', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
    sa.Column('rule', sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
    sa.Column('source', sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('body', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('found_on', sa.Date(), nullable=False),
    sa.Column('cleared_on', sa.Date(), nullable=True),
    sa.Column('situation', sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('treatment', sqlmodel.sql.sqltypes.AutoString(length=30), nullable=False),
    sa.Column('treated_on', sa.Date(), nullable=True),
    sa.Column('treated_by', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('result_sealed', sa.LargeBinary(), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['case_file.id'], ),
    sa.ForeignKeyConstraint(['treated_by'], ['person.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('case_id', 'step', 'number', 'code', 'rule')
    )
    op.create_index('ix_breach_case_id', 'breach', ['case_id'], unique=False)

    op.create_table('case_helper',
    sa.Column('mac', sa.LargeBinary(), nullable=False),
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('case_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('person_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('role', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('since', models.columns.UTCDateTime(), nullable=False),
    sa.Column('until', models.columns.UTCDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['case_file.id'], ),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_case_helper_case_id', 'case_helper', ['case_id'], unique=False)
    op.create_index('ix_case_helper_person_id', 'case_helper', ['person_id'], unique=False)

    op.create_table('case_waiting',
    sa.Column('mac', sa.LargeBinary(), nullable=False),
    sa.Column('case_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('role', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['case_file.id'], ),
    sa.PrimaryKeyConstraint('case_id', 'role')
    )
    op.create_index('ix_case_waiting_role', 'case_waiting', ['role'], unique=False)

    op.create_table('outlook',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('outlook_sealed', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['id'], ['case_file.id'], ),
    sa.PrimaryKeyConstraint('id')
    )

    op.create_table('deadline',
    sa.Column('mac', sa.LargeBinary(), nullable=False),
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('case_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('step', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('limit_id', sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('source', sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
    sa.Column('ladder', sa.JSON(), nullable=False),
    sa.Column('provisional', sa.Boolean(), nullable=False),
    sa.Column('calendar_version', sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
    sa.Column('next_look', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['case_file.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('case_id', 'step', 'limit_id')
    )
    op.create_index('ix_deadline_case_id', 'deadline', ['case_id'], unique=False)
    op.create_index('ix_deadline_due', 'deadline', ['next_look', 'id'], unique=False)

    op.create_table('draft',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('person_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('case_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('step', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('kept_at', models.columns.UTCDateTime(), nullable=False),
    sa.Column('answers_sealed', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['case_file.id'], ),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('person_id', 'case_id', 'step')
    )
    op.create_index('ix_draft_person_id', 'draft', ['person_id'], unique=False)

    op.create_table('sheet',
    sa.Column('mac', sa.LargeBinary(), nullable=False),
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('person_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('staged_at', models.columns.UTCDateTime(), nullable=False),
    sa.Column('confirmed_at', models.columns.UTCDateTime(), nullable=True),
    sa.Column('lines', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_sheet_person_id', 'sheet', ['person_id'], unique=False)
    op.create_table('sheet_part',
    sa.Column('mac', sa.LargeBinary(), nullable=False),
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('sheet_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('lines_sealed', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['sheet_id'], ['sheet.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_sheet_part_sheet_id', 'sheet_part', ['sheet_id'], unique=False)
    op.create_table('entry',
    sa.Column('mac', sa.LargeBinary(), nullable=False),
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('case_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('step', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('done_on', sa.Date(), nullable=False),
    sa.Column('rulebook', sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
    sa.Column('recorded_at', models.columns.UTCDateTime(), nullable=False),
    sa.Column('recorded_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('replaced_by', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True),
    sa.Column('sheet_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('answers_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('reason_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('breaches', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['case_file.id'], ),
    sa.ForeignKeyConstraint(['recorded_by'], ['person.id'], ),
    sa.ForeignKeyConstraint(['sheet_id'], ['sheet.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_entry_case_id', 'entry', ['case_id'], unique=False)
    op.create_index('ix_entry_sheet_id', 'entry', ['sheet_id'], unique=False)

    op.create_table('guidance',
    sa.Column('mac', sa.LargeBinary(), nullable=False),
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('published_on', sa.Date(), nullable=False),
    sa.Column('published_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('text_sealed', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['published_by'], ['person.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('year', 'number')
    )
    op.create_table('hold',
    sa.Column('mac', sa.LargeBinary(), nullable=False),
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('case_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
    sa.Column('since', sa.Date(), nullable=False),
    sa.Column('released_on', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['case_file.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_hold_case_id', 'hold', ['case_id'], unique=False)

    op.create_table('duty',
    sa.Column('mac', sa.LargeBinary(), nullable=False),
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('organisation_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('duty', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('done_on', sa.Date(), nullable=False),
    sa.Column('done_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.ForeignKeyConstraint(['done_by'], ['person.id'], ),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('organisation_id', 'duty', 'year')
    )
    op.create_index('ix_duty_organisation_id', 'duty', ['organisation_id'], unique=False)

    op.create_table('figure',
    sa.Column('mac', sa.LargeBinary(), nullable=False),
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('organisation_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('cells_sealed', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_figure_organisation_id', 'figure', ['organisation_id'], unique=False)

    op.create_table('hotline',
    sa.Column('mac', sa.LargeBinary(), nullable=False),
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('organisation_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('since', sa.Date(), nullable=False),
    sa.Column('set_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('until', sa.Date(), nullable=True),
    sa.Column('ended_by', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('phone_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('person_sealed', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['ended_by'], ['person.id'], ),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], ),
    sa.ForeignKeyConstraint(['set_by'], ['person.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('organisation_id', 'number')
    )
    op.create_index('ix_hotline_organisation_id', 'hotline', ['organisation_id'], unique=False)
    op.create_table('inspection',
    sa.Column('mac', sa.LargeBinary(), nullable=False),
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('drawn_on', sa.Date(), nullable=False),
    sa.Column('drawn_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('seed', sa.Integer(), nullable=False),
    sa.Column('per_committee', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('told_on', sa.Date(), nullable=True),
    sa.Column('pool_sealed', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['drawn_by'], ['person.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('invitation',
    sa.Column('mac', sa.LargeBinary(), nullable=False),
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('token_hash', sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
    sa.Column('person_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('role', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('organisation_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('invited_by', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('expires_at', models.columns.UTCDateTime(), nullable=False),
    sa.Column('used_at', models.columns.UTCDateTime(), nullable=True),
    sa.Column('revoked_at', models.columns.UTCDateTime(), nullable=True),
    sa.Column('rejoins', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['invited_by'], ['person.id'], ),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], ),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('token_hash')
    )
    op.create_index('ix_invitation_person_id', 'invitation', ['person_id'], unique=False)

    op.create_table('meeting',
    sa.Column('mac', sa.LargeBinary(), nullable=False),
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('body', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('organisation_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('convened_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('convened_at', models.columns.UTCDateTime(), nullable=False),
    sa.Column('held_on', sa.Date(), nullable=True),
    sa.Column('answers_sealed', sa.LargeBinary(), nullable=True),
    sa.ForeignKeyConstraint(['convened_by'], ['person.id'], ),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_meeting_organisation_id', 'meeting', ['organisation_id'], unique=False)

    op.create_table('outgoing_message',
    sa.Column('mac', sa.LargeBinary(), nullable=False),
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('person_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('matter', sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(length=30), nullable=False),
    sa.Column('slot', sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
    sa.Column('priority', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('not_before', models.columns.UTCDateTime(), nullable=False),
    sa.Column('leased_until', models.columns.UTCDateTime(), nullable=True),
    sa.Column('worker', sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('ambiguous', sa.Boolean(), nullable=False),
    sa.Column('repeats', sa.Integer(), nullable=False),
    sa.Column('merged', sa.Boolean(), nullable=False),
    sa.Column('message_id', sa.BigInteger(), nullable=True),
    sa.Column('sent_at', models.columns.UTCDateTime(), nullable=True),
    sa.Column('payload_sealed', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('matter', 'kind', 'slot', 'person_id')
    )
    op.create_index('ix_outgoing_due', 'outgoing_message', ['state', 'not_before', 'priority'], unique=False)
    op.create_index('ix_outgoing_message_person_id', 'outgoing_message', ['person_id'], unique=False)

    op.create_table('own_template',
    sa.Column('mac', sa.LargeBinary(), nullable=False),
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('organisation_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('paper', sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
    sa.Column('added_on', sa.Date(), nullable=False),
    sa.Column('added_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('content_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('names_sealed', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['added_by'], ['person.id'], ),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('organisation_id', 'paper')
    )
    op.create_index('ix_own_template_organisation_id', 'own_template', ['organisation_id'], unique=False)

    op.create_table('plan_item',
    sa.Column('mac', sa.LargeBinary(), nullable=False),
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('case_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('proposed_on', sa.Date(), nullable=False),
    sa.Column('proposed_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('assessed_on', sa.Date(), nullable=True),
    sa.Column('checked_on', sa.Date(), nullable=True),
    sa.Column('checked_by', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('decided_on', sa.Date(), nullable=True),
    sa.Column('assessment_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('reason_sealed', sa.LargeBinary(), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['case_file.id'], ),
    sa.ForeignKeyConstraint(['checked_by'], ['person.id'], ),
    sa.ForeignKeyConstraint(['proposed_by'], ['person.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('case_id', 'year')
    )
    op.create_index('ix_plan_item_case_id', 'plan_item', ['case_id'], unique=False)
    op.create_index('ix_plan_item_year', 'plan_item', ['year'], unique=False)

    op.create_table('plan_quota',
    sa.Column('mac', sa.LargeBinary(), nullable=False),
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('organisation_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('places', sa.Integer(), nullable=False),
    sa.Column('set_on', sa.Date(), nullable=False),
    sa.Column('set_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], ),
    sa.ForeignKeyConstraint(['set_by'], ['person.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('organisation_id', 'year')
    )
    op.create_index('ix_plan_quota_organisation_id', 'plan_quota', ['organisation_id'], unique=False)

    op.create_table('preference',
    sa.Column('mac', sa.LargeBinary(), nullable=False),
    sa.Column('person_id', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('digest_at', sa.Time(), nullable=False),
    sa.Column('quiet_from', sa.Time(), nullable=True),
    sa.Column('quiet_until', sa.Time(), nullable=True),
    sa.Column('weekly', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], ),
    sa.PrimaryKeyConstraint('person_id')
    )
    op.create_table('responsibility',
    sa.Column('mac', sa.LargeBinary(), nullable=False),
    sa.Column('organisation_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('person_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('since', sa.Date(), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], ),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], ),
    sa.PrimaryKeyConstraint('organisation_id')
    )
    op.create_table('snooze',
    sa.Column('mac', sa.LargeBinary(), nullable=False),
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('person_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('case_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('step', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('until', sa.Date(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['case_file.id'], ),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('person_id', 'case_id', 'step')
    )
    op.create_index('ix_snooze_case_id', 'snooze', ['case_id'], unique=False)
    op.create_index('ix_snooze_person_id', 'snooze', ['person_id'], unique=False)
    op.create_index('ix_snooze_until', 'snooze', ['until'], unique=False)

    op.create_table('training_class',
    sa.Column('mac', sa.LargeBinary(), nullable=False),
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('organisation_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('step', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('held_on', sa.Date(), nullable=False),
    sa.Column('recorded_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('name_sealed', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], ),
    sa.ForeignKeyConstraint(['recorded_by'], ['person.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_training_class_organisation_id', 'training_class', ['organisation_id'], unique=False)

    op.create_table('totals',
    sa.Column('mac', sa.LargeBinary(), nullable=False),
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('side', sa.String(length=12), nullable=False),
    sa.Column('peer_id', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('as_of', sa.Date(), nullable=False),
    sa.Column('totals_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('groups_sealed', sa.LargeBinary(), nullable=True),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('side', 'peer_id', 'year', 'version')
    )
    op.create_index('ix_totals_year', 'totals', ['year'], unique=False)

    op.create_table('agenda_item',
    sa.Column('mac', sa.LargeBinary(), nullable=False),
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('meeting_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.Column('case_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('step', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('decided', sa.Boolean(), nullable=False),
    sa.Column('entry_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('answers_sealed', sa.LargeBinary(), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['case_file.id'], ),
    sa.ForeignKeyConstraint(['entry_id'], ['entry.id'], ),
    sa.ForeignKeyConstraint(['meeting_id'], ['meeting.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('meeting_id', 'case_id')
    )
    op.create_index('ix_agenda_item_case_id', 'agenda_item', ['case_id'], unique=False)
    op.create_index('ix_agenda_item_meeting_id', 'agenda_item', ['meeting_id'], unique=False)

    op.create_table('inspected_branch',
    sa.Column('mac', sa.LargeBinary(), nullable=False),
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('inspection_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('organisation_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('checked_on', sa.Date(), nullable=True),
    sa.Column('checked_by', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('righted_on', sa.Date(), nullable=True),
    sa.Column('defects_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('merits_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('note_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('answer_sealed', sa.LargeBinary(), nullable=True),
    sa.ForeignKeyConstraint(['checked_by'], ['person.id'], ),
    sa.ForeignKeyConstraint(['inspection_id'], ['inspection.id'], ),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('inspection_id', 'organisation_id')
    )
    op.create_index('ix_inspected_branch_due_on', 'inspected_branch', ['due_on'], unique=False)
    op.create_index('ix_inspected_branch_inspection_id', 'inspected_branch', ['inspection_id'], unique=False)
    op.create_index('ix_inspected_branch_organisation_id', 'inspected_branch', ['organisation_id'], unique=False)

    op.create_table('notice',
    sa.Column('mac', sa.LargeBinary(), nullable=False),
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('case_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('entry_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('first_day', sa.Date(), nullable=False),
    sa.Column('last_day', sa.Date(), nullable=False),
    sa.Column('published', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['case_file.id'], ),
    sa.ForeignKeyConstraint(['entry_id'], ['entry.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('entry_id')
    )
    op.create_index('ix_notice_case_id', 'notice', ['case_id'], unique=False)
    op.create_index('ix_notice_published', 'notice', ['published'], unique=False)

    op.create_table('post',
    sa.Column('mac', sa.LargeBinary(), nullable=False),
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('person_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('organisation_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('role', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('since', models.columns.UTCDateTime(), nullable=False),
    sa.Column('until', models.columns.UTCDateTime(), nullable=True),
    sa.Column('ended_on', sa.Date(), nullable=True),
    sa.Column('ended_by', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('end_reason', sa.String(length=12), nullable=True),
    sa.Column('invitation_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.ForeignKeyConstraint(['ended_by'], ['person.id'], ),
    sa.ForeignKeyConstraint(['invitation_id'], ['invitation.id'], ),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], ),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_post_organisation_id', 'post', ['organisation_id'], unique=False)
    op.create_index('ix_post_person_id', 'post', ['person_id'], unique=False)

    op.create_table('report',
    sa.Column('mac', sa.LargeBinary(), nullable=False),
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('intake_id', sqlmodel.sql.sqltypes.AutoString(length=40), nullable=True),
    sa.Column('channel', sa.String(length=12), nullable=False),
    sa.Column('received_on', sa.Date(), nullable=False),
    sa.Column('answer_by', sa.Date(), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('organiser_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('finding', sqlmodel.sql.sqltypes.AutoString(length=30), nullable=False),
    sa.Column('closed_on', sa.Date(), nullable=True),
    sa.Column('letters', sa.Integer(), nullable=False),
    sa.Column('notes_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('text_sealed', sa.LargeBinary(), nullable=True),
    sa.ForeignKeyConstraint(['organiser_id'], ['person.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('intake_id')
    )
    op.create_index('ix_report_state', 'report', ['state'], unique=False)

    op.create_table('report_case',
    sa.Column('mac', sa.LargeBinary(), nullable=False),
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('report_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('case_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('finding', sqlmodel.sql.sqltypes.AutoString(length=30), nullable=False),
    sa.Column('entry_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['case_file.id'], ),
    sa.ForeignKeyConstraint(['entry_id'], ['entry.id'], ),
    sa.ForeignKeyConstraint(['report_id'], ['report.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('report_id', 'case_id')
    )
    op.create_index('ix_report_case_case_id', 'report_case', ['case_id'], unique=False)

    op.create_table('signature',
    sa.Column('mac', sa.LargeBinary(), nullable=False),
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('case_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('entry_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('person_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('role', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('signed_at', models.columns.UTCDateTime(), nullable=True),
    sa.Column('paper_by', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['case_file.id'], ),
    sa.ForeignKeyConstraint(['entry_id'], ['entry.id'], ),
    sa.ForeignKeyConstraint(['paper_by'], ['person.id'], ),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('entry_id', 'role', 'person_id')
    )
    op.create_index('ix_signature_entry_id', 'signature', ['entry_id'], unique=False)

    op.create_table('training_place',
    sa.Column('mac', sa.LargeBinary(), nullable=False),
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('class_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('case_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('entry_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['case_file.id'], ),
    sa.ForeignKeyConstraint(['class_id'], ['training_class.id'], ),
    sa.ForeignKeyConstraint(['entry_id'], ['entry.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('class_id', 'case_id')
    )
    op.create_index('ix_training_place_class_id', 'training_place', ['class_id'], unique=False)

    op.create_table('own_peer',
    sa.Column('mac', sa.LargeBinary(), nullable=False),
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('made_at', models.columns.UTCDateTime(), nullable=False),
    sa.Column('keys_sealed', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('peer',
    sa.Column('mac', sa.LargeBinary(), nullable=False),
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('mark', sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
    sa.Column('relation', sa.String(length=12), nullable=False),
    sa.Column('address', sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
    sa.Column('verify_key', sa.LargeBinary(), nullable=False),
    sa.Column('box_key', sa.LargeBinary(), nullable=False),
    sa.Column('added_at', models.columns.UTCDateTime(), nullable=False),
    sa.Column('left_at', models.columns.UTCDateTime(), nullable=True),
    sa.Column('name_sealed', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('mark')
    )
    op.create_table('peer_message',
    sa.Column('mac', sa.LargeBinary(), nullable=False),
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('peer_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(length=30), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('queued_at', models.columns.UTCDateTime(), nullable=False),
    sa.Column('not_before', models.columns.UTCDateTime(), nullable=False),
    sa.Column('leased_until', models.columns.UTCDateTime(), nullable=True),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('arrived_at', models.columns.UTCDateTime(), nullable=True),
    sa.Column('body_sealed', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['peer_id'], ['peer.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_peer_message_due', 'peer_message', ['state', 'not_before'], unique=False)
    op.create_index('ix_peer_message_peer_id', 'peer_message', ['peer_id'], unique=False)

    op.create_table('arrival',
    sa.Column('mac', sa.LargeBinary(), nullable=False),
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('peer_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('reference', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('arrived_at', models.columns.UTCDateTime(), nullable=False),
    sa.Column('asked_at', models.columns.UTCDateTime(), nullable=False),
    sa.Column('organisation_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('opened_id', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True),
    sa.Column('content_sealed', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], ),
    sa.ForeignKeyConstraint(['peer_id'], ['peer.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('peer_id', 'reference')
    )
    op.create_index('ix_arrival_opened_id', 'arrival', ['opened_id'], unique=False)
    op.create_index('ix_arrival_organisation_id', 'arrival', ['organisation_id'], unique=False)

    op.create_table('departure',
    sa.Column('mac', sa.LargeBinary(), nullable=False),
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('case_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('entry_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('peer_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('message_id', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('left_at', models.columns.UTCDateTime(), nullable=False),
    sa.Column('answered_at', models.columns.UTCDateTime(), nullable=True),
    sa.Column('to_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('answer_sealed', sa.LargeBinary(), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['case_file.id'], ),
    sa.ForeignKeyConstraint(['entry_id'], ['entry.id'], ),
    sa.ForeignKeyConstraint(['peer_id'], ['peer.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_departure_case_id', 'departure', ['case_id'], unique=False)



def downgrade() -> None:

    op.drop_table('departure')
    op.drop_table('arrival')
    op.drop_table('peer_message')
    op.drop_table('peer')
    op.drop_table('own_peer')

    op.drop_table('training_place')

    op.drop_table('signature')

    op.drop_table('report_case')

    op.drop_table('report')

    op.drop_table('post')

    op.drop_table('notice')

    op.drop_table('inspected_branch')

    op.drop_table('agenda_item')

    op.drop_table('totals')

    op.drop_table('training_class')

    op.drop_table('snooze')
    op.drop_table('responsibility')
    op.drop_table('preference')

    op.drop_table('plan_quota')

    op.drop_table('own_template')

    op.drop_table('plan_item')

    op.drop_table('outgoing_message')

    op.drop_table('meeting')

    op.drop_table('invitation')
    op.drop_table('inspection')
    op.drop_index('ix_duty_organisation_id', table_name='duty')

    op.drop_table('duty')
    op.drop_index('ix_figure_organisation_id', table_name='figure')

    op.drop_table('figure')
    op.drop_table('hotline')

    op.drop_table('hold')
    op.drop_table('guidance')

    op.drop_table('entry')

    op.drop_table('sheet_part')

    op.drop_table('sheet')

    op.drop_table('draft')

    op.drop_table('deadline')

    op.drop_table('outlook')

    op.drop_table('case_waiting')

    op.drop_table('case_helper')

    op.drop_table('breach')

    op.drop_table('attachment')

    op.drop_table('person')

    op.drop_table('case_file')

    op.drop_table('update_inbox')
    op.drop_table('setting')
    op.drop_table('send_share')
    op.drop_table('send_pause')

    op.drop_table('seen_update')

    op.drop_table('organisation')
    op.drop_table('conversation_state')
    op.drop_table('audit_line')
    op.drop_table('audit_head')
