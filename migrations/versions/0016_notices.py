"""notices.

How people are reached outside the site, what went out, who was called, who was reminded. A notice
gets an address of its own: those that are there already are given one.
"""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None

ALPHABET = '23456789abcdefghjkmnpqrstvwxyz'


def upgrade() -> None:
    give_notices_addresses()
    op.create_table('notice_preference',
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('reminders', sa.Boolean(), nullable=False),
    sa.Column('lang', sa.String(length=2), nullable=False),
    sa.Column('quiet_from', sa.SmallInteger(), nullable=True),
    sa.Column('quiet_until', sa.SmallInteger(), nullable=True),
    sa.CheckConstraint("lang IN ('zh', 'en')", name=op.f('ck_notice_preference_lang_known')),
    sa.CheckConstraint('(quiet_from IS NULL) = (quiet_until IS NULL)', name=op.f('ck_notice_preference_quiet_hours_have_two_ends')),
    sa.CheckConstraint('quiet_from BETWEEN 0 AND 23 AND quiet_until BETWEEN 0 AND 23', name=op.f('ck_notice_preference_quiet_hours_of_a_day')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_notice_preference_person_id_person'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('person_id', name=op.f('pk_notice_preference'))
    )
    op.create_table('notice_reach',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('channel', sa.String(length=10), nullable=False),
    sa.Column('topics', sa.JSON(), nullable=False),
    sa.Column('agreed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('address_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('pending_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('code_salt', sa.String(length=20), nullable=False),
    sa.Column('code_until', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("channel <> 'email' OR agreed_at IS NULL OR address_sealed IS NOT NULL", name=op.f('ck_notice_reach_mail_has_address')),
    sa.CheckConstraint("channel IN ('email', 'sms', 'wechat')", name=op.f('ck_notice_reach_channel_known')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_notice_reach_person_id_person'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notice_reach')),
    sa.UniqueConstraint('person_id', 'channel', name=op.f('uq_notice_reach_person_id_channel'))
    )
    op.create_table('delivery',
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('notice_id', sa.Integer(), nullable=True),
    sa.Column('channel', sa.String(length=10), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('attempts', sa.SmallInteger(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('not_before', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('error', sa.String(length=40), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=10), nullable=False),
    sa.CheckConstraint("(state = 'waiting') = (ended_at IS NULL)", name=op.f('ck_delivery_ended_when_not_waiting')),
    sa.CheckConstraint("channel IN ('email', 'sms', 'wechat')", name=op.f('ck_delivery_channel_known')),
    sa.CheckConstraint("notice_id IS NOT NULL OR channel = 'email'", name=op.f('ck_delivery_code_by_mail')),
    sa.CheckConstraint("state IN ('waiting', 'sent', 'refused', 'gave_up', 'skipped')", name=op.f('ck_delivery_state_known')),
    sa.ForeignKeyConstraint(['notice_id'], ['notice.id'], name=op.f('fk_delivery_notice_id_notice'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_delivery_person_id_person'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_delivery')),
    sa.UniqueConstraint('notice_id', 'channel', name=op.f('uq_delivery_notice_id_channel')),
    sa.UniqueConstraint('public_id', name=op.f('uq_delivery_public_id'))
    )
    with op.batch_alter_table('delivery', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_delivery_channel_state_not_before'), ['channel', 'state', 'not_before'], unique=False)
        batch_op.create_index(batch_op.f('ix_delivery_person_id'), ['person_id'], unique=False)

    op.create_table('notice_call',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('notice_id', sa.Integer(), nullable=False),
    sa.Column('outcome', sa.String(length=12), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("outcome IN ('told', 'not_reached')", name=op.f('ck_notice_call_outcome_known')),
    sa.ForeignKeyConstraint(['notice_id'], ['notice.id'], name=op.f('fk_notice_call_notice_id_notice'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notice_call'))
    )
    with op.batch_alter_table('notice_call', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_notice_call_notice_id'), ['notice_id'], unique=False)
        batch_op.create_index('uq_notice_call_told', ['notice_id'], unique=True, sqlite_where=sa.text("outcome = 'told'"), postgresql_where=sa.text("outcome = 'told'"))

    op.create_table('signup_reminder',
    sa.Column('signup_id', sa.Integer(), nullable=False),
    sa.Column('moment', sa.String(length=10), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("moment IN ('day', 'hours')", name=op.f('ck_signup_reminder_moment_known')),
    sa.ForeignKeyConstraint(['signup_id'], ['signup.id'], name=op.f('fk_signup_reminder_signup_id_signup'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('signup_id', 'moment', 'starts_at', name=op.f('pk_signup_reminder'))
    )


def downgrade() -> None:
    op.drop_table('signup_reminder')
    op.drop_table('notice_call')
    op.drop_table('delivery')
    op.drop_table('notice_reach')
    op.drop_table('notice_preference')
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('uq_notice_public_id'), type_='unique')
        batch_op.drop_index(batch_op.f('ix_notice_subject_kind_subject_id'))
        batch_op.drop_column('public_id')
        batch_op.drop_column('is_urgent')


def give_notices_addresses() -> None:
    """Add public ids, and what is urgent: nothing of what was told before."""
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.add_column(sa.Column('is_urgent', sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column('public_id', sa.String(length=10), nullable=True))
        batch_op.create_index(batch_op.f('ix_notice_subject_kind_subject_id'), ['subject_kind', 'subject_id'], unique=False)
    connection = op.get_bind()
    row = sa.text('UPDATE notice SET public_id = :public_id, is_urgent = :urgent WHERE id = :id')
    for (notice_id,) in connection.execute(sa.text('SELECT id FROM notice')).all():
        public_id = ''.join(secrets.choice(ALPHABET) for _ in range(10))
        connection.execute(row, {'public_id': public_id, 'urgent': False, 'id': notice_id})
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.alter_column('is_urgent', existing_type=sa.Boolean(), nullable=False)
        batch_op.alter_column('public_id', existing_type=sa.String(length=10), nullable=False)
        batch_op.create_unique_constraint(batch_op.f('uq_notice_public_id'), ['public_id'])
