"""series, courses, and a place and host of a shift's own.

A series is the rule of an offering's dates and says which date each shift is; a course is a series that
one signs up for as a whole.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('series',
    sa.Column('offering_id', sa.Integer(), nullable=False),
    sa.Column('rule', sa.String(length=120), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('starts_minute', sa.SmallInteger(), nullable=False),
    sa.Column('length_minutes', sa.SmallInteger(), nullable=False),
    sa.Column('holidays', sa.String(length=4), nullable=False),
    sa.Column('place', sa.String(length=120), nullable=False),
    sa.Column('host', sa.String(length=60), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=10), nullable=False),
    sa.CheckConstraint("holidays IN ('skip', 'keep')", name=op.f('ck_series_holidays_known')),
    sa.CheckConstraint('length_minutes BETWEEN 1 AND 1440', name=op.f('ck_series_length_within_day')),
    sa.CheckConstraint('starts_minute BETWEEN 0 AND 1439', name=op.f('ck_series_starts_within_day')),
    sa.ForeignKeyConstraint(['offering_id'], ['offering.id'], name=op.f('fk_series_offering_id_offering'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_series')),
    sa.UniqueConstraint('offering_id', name=op.f('uq_series_offering_id')),
    sa.UniqueConstraint('public_id', name=op.f('uq_series_public_id'))
    )
    op.create_table('course',
    sa.Column('series_id', sa.Integer(), nullable=False),
    sa.Column('capacity', sa.SmallInteger(), nullable=False),
    sa.Column('taken', sa.SmallInteger(), nullable=False),
    sa.CheckConstraint('capacity >= 1', name=op.f('ck_course_capacity_positive')),
    sa.CheckConstraint('taken >= 0 AND taken <= capacity', name=op.f('ck_course_taken_within_capacity')),
    sa.ForeignKeyConstraint(['series_id'], ['series.id'], name=op.f('fk_course_series_id_series'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('series_id', name=op.f('pk_course'))
    )
    op.create_table('series_date',
    sa.Column('shift_id', sa.Integer(), nullable=False),
    sa.Column('series_id', sa.Integer(), nullable=False),
    sa.Column('original_on', sa.Date(), nullable=False),
    sa.Column('is_own', sa.Boolean(), nullable=False),
    sa.Column('is_dropped', sa.Boolean(), nullable=False),
    sa.Column('is_kept', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['series_id'], ['series.id'], name=op.f('fk_series_date_series_id_series'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['shift_id'], ['shift.id'], name=op.f('fk_series_date_shift_id_shift'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('shift_id', name=op.f('pk_series_date'))
    )
    with op.batch_alter_table('series_date', schema=None) as batch_op:
        batch_op.create_index('uq_series_date_live', ['series_id', 'original_on'], unique=True, sqlite_where=sa.text('NOT is_dropped'), postgresql_where=sa.text('NOT is_dropped'))

    op.create_table('series_place',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('series_id', sa.Integer(), nullable=False),
    sa.Column('role', sa.String(length=10), nullable=False),
    sa.Column('label', sa.String(length=40), nullable=False),
    sa.Column('capacity', sa.SmallInteger(), nullable=False),
    sa.CheckConstraint("role IN ('attendee', 'volunteer')", name=op.f('ck_series_place_role_known')),
    sa.CheckConstraint('capacity >= 1', name=op.f('ck_series_place_capacity_positive')),
    sa.ForeignKeyConstraint(['series_id'], ['series.id'], name=op.f('fk_series_place_series_id_series'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_series_place')),
    sa.UniqueConstraint('series_id', 'role', 'label', name=op.f('uq_series_place_series_id_role_label'))
    )
    op.create_table('course_signup',
    sa.Column('series_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('offered_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=10), nullable=False),
    sa.CheckConstraint("(state = 'offered') = (offered_until IS NOT NULL)", name=op.f('ck_course_signup_offer_has_deadline')),
    sa.CheckConstraint("state IN ('confirmed', 'waitlisted', 'offered', 'withdrawn', 'called_off', 'attended', 'no_show')", name=op.f('ck_course_signup_state_known')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_course_signup_person_id_person'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['series_id'], ['course.series_id'], name=op.f('fk_course_signup_series_id_course'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_course_signup')),
    sa.UniqueConstraint('public_id', name=op.f('uq_course_signup_public_id'))
    )
    with op.batch_alter_table('course_signup', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_course_signup_person_id_state'), ['person_id', 'state'], unique=False)
        batch_op.create_index(batch_op.f('ix_course_signup_state_offered_until'), ['state', 'offered_until'], unique=False)
        batch_op.create_index('uq_course_signup_live', ['series_id', 'person_id'], unique=True, sqlite_where=sa.text("state IN ('confirmed', 'offered', 'waitlisted')"), postgresql_where=sa.text("state IN ('confirmed', 'offered', 'waitlisted')"))

    op.create_table('course_date',
    sa.Column('signup_id', sa.Integer(), nullable=False),
    sa.Column('course_signup_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['course_signup_id'], ['course_signup.id'], name=op.f('fk_course_date_course_signup_id_course_signup'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['signup_id'], ['signup.id'], name=op.f('fk_course_date_signup_id_signup'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('signup_id', name=op.f('pk_course_date'))
    )
    with op.batch_alter_table('course_date', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_course_date_course_signup_id'), ['course_signup_id'], unique=False)

    with op.batch_alter_table('offering', schema=None) as batch_op:
        batch_op.add_column(sa.Column('is_course', sa.Boolean(), nullable=False, server_default=sa.false()))

    with op.batch_alter_table('shift', schema=None) as batch_op:
        batch_op.add_column(sa.Column('place', sa.String(length=120), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('host', sa.String(length=60), nullable=False, server_default=''))

    # They were for the rows that were there before.
    for table, columns in (('offering', ('is_course',)), ('shift', ('place', 'host'))):
        with op.batch_alter_table(table, schema=None) as batch_op:
            for column in columns:
                batch_op.alter_column(column, server_default=None)


def downgrade() -> None:
    with op.batch_alter_table('shift', schema=None) as batch_op:
        batch_op.drop_column('host')
        batch_op.drop_column('place')

    with op.batch_alter_table('offering', schema=None) as batch_op:
        batch_op.drop_column('is_course')

    with op.batch_alter_table('course_date', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_course_date_course_signup_id'))

    op.drop_table('course_date')
    with op.batch_alter_table('course_signup', schema=None) as batch_op:
        batch_op.drop_index('uq_course_signup_live', sqlite_where=sa.text("state IN ('confirmed', 'offered', 'waitlisted')"), postgresql_where=sa.text("state IN ('confirmed', 'offered', 'waitlisted')"))
        batch_op.drop_index(batch_op.f('ix_course_signup_state_offered_until'))
        batch_op.drop_index(batch_op.f('ix_course_signup_person_id_state'))

    op.drop_table('course_signup')
    op.drop_table('series_place')
    with op.batch_alter_table('series_date', schema=None) as batch_op:
        batch_op.drop_index('uq_series_date_live', sqlite_where=sa.text('NOT is_dropped'), postgresql_where=sa.text('NOT is_dropped'))

    op.drop_table('series_date')
    op.drop_table('course')
    op.drop_table('series')
