"""templates of activities, and paper sign-in sheets.

What a station puts on again and again is kept as a template; each printed sign-in sheet is kept
with its rows, so that a code on paper leads to the person it stood beside.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None

IN_USE = 'retired_at IS NULL'
OF_DISTRICT = f'station_id IS NULL AND {IN_USE}'


def upgrade() -> None:
    op.create_table('activity_template',
    sa.Column('station_id', sa.Integer(), nullable=True),
    sa.Column('code', sa.String(length=30), nullable=True),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('title', sa.String(length=60), nullable=False),
    sa.Column('kind_id', sa.Integer(), nullable=False),
    sa.Column('field_id', sa.Integer(), nullable=False),
    sa.Column('target_group_id', sa.Integer(), nullable=False),
    sa.Column('place', sa.String(length=120), nullable=False),
    sa.Column('summary', sa.Text(), nullable=False),
    sa.Column('leader_name', sa.String(length=40), nullable=False),
    sa.Column('contact_phone', sa.String(length=30), nullable=False),
    sa.Column('bring', sa.String(length=200), nullable=False),
    sa.Column('minimum_age', sa.SmallInteger(), nullable=False),
    sa.Column('is_risky', sa.Boolean(), nullable=False),
    sa.Column('team_only', sa.Boolean(), nullable=False),
    sa.Column('risk_note', sa.String(length=300), nullable=False),
    sa.Column('insurance_note', sa.String(length=300), nullable=False),
    sa.Column('starts_minute', sa.SmallInteger(), nullable=False),
    sa.Column('length_minutes', sa.SmallInteger(), nullable=False),
    sa.Column('volunteers', sa.SmallInteger(), nullable=False),
    sa.Column('attendees', sa.SmallInteger(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('retired_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=10), nullable=False),
    sa.CheckConstraint('starts_minute BETWEEN 0 AND 1439', name=op.f('ck_activity_template_start_within_day')),
    sa.CheckConstraint('length_minutes BETWEEN 5 AND 1440', name=op.f('ck_activity_template_length_within_day')),
    sa.CheckConstraint('volunteers >= 0 AND attendees >= 0', name=op.f('ck_activity_template_places_not_negative')),
    sa.CheckConstraint('minimum_age BETWEEN 0 AND 99', name=op.f('ck_activity_template_minimum_age_known')),
    sa.ForeignKeyConstraint(['field_id'], ['term.id'], name=op.f('fk_activity_template_field_id_term'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['kind_id'], ['term.id'], name=op.f('fk_activity_template_kind_id_term'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['station_id'], ['station.id'], name=op.f('fk_activity_template_station_id_station'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['target_group_id'], ['term.id'], name=op.f('fk_activity_template_target_group_id_term'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_activity_template')),
    sa.UniqueConstraint('code', name=op.f('uq_activity_template_code')),
    sa.UniqueConstraint('public_id', name=op.f('uq_activity_template_public_id'))
    )
    with op.batch_alter_table('activity_template', schema=None) as batch_op:
        batch_op.create_index('uq_activity_template_name', ['station_id', 'name'], unique=True, sqlite_where=sa.text(IN_USE), postgresql_where=sa.text(IN_USE))
        batch_op.create_index('uq_activity_template_district_name', ['name'], unique=True, sqlite_where=sa.text(OF_DISTRICT), postgresql_where=sa.text(OF_DISTRICT))

    op.create_table('paper_sheet',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('shift_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.SmallInteger(), nullable=False),
    sa.Column('printed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('printed_by_id', sa.Integer(), nullable=True),
    sa.CheckConstraint('number BETWEEN 1 AND 99', name=op.f('ck_paper_sheet_number_has_two_digits')),
    sa.ForeignKeyConstraint(['shift_id'], ['shift.id'], name=op.f('fk_paper_sheet_shift_id_shift'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_paper_sheet')),
    sa.UniqueConstraint('shift_id', 'number', name=op.f('uq_paper_sheet_shift_id_number'))
    )
    op.create_table('paper_row',
    sa.Column('sheet_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.SmallInteger(), autoincrement=False, nullable=False),
    sa.Column('signup_id', sa.Integer(), nullable=True),
    sa.CheckConstraint('number >= 1', name=op.f('ck_paper_row_number_positive')),
    sa.ForeignKeyConstraint(['sheet_id'], ['paper_sheet.id'], name=op.f('fk_paper_row_sheet_id_paper_sheet'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['signup_id'], ['signup.id'], name=op.f('fk_paper_row_signup_id_signup'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('sheet_id', 'number', name=op.f('pk_paper_row'))
    )
    with op.batch_alter_table('paper_row', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_paper_row_signup_id'), ['signup_id'], unique=False)


def downgrade() -> None:
    op.drop_table('paper_row')
    op.drop_table('paper_sheet')
    op.drop_table('activity_template')
