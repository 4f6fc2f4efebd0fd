"""wishes.

The tables of wishes and pledges, and a vocabulary of their kinds.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

BEFORE = ('activity_kind', 'field', 'target_group', 'point_type', 'skill', 'service_kind')
WISH_KIND = 'wish_kind'


def upgrade() -> None:
    let_vocabulary_be(*BEFORE, WISH_KIND)
    op.create_table('wish_counter',
    sa.Column('year', sa.SmallInteger(), autoincrement=False, nullable=False),
    sa.Column('last', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('year', name=op.f('pk_wish_counter'))
    )
    op.create_table('wish',
    sa.Column('number', sa.String(length=24), nullable=False),
    sa.Column('station_id', sa.Integer(), nullable=False),
    sa.Column('kind_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('urgency', sa.String(length=10), nullable=False),
    sa.Column('amount', sa.Integer(), nullable=False),
    sa.Column('wished_on', sa.Date(), nullable=True),
    sa.Column('way', sa.String(length=10), nullable=False),
    sa.Column('filer', sa.String(length=10), nullable=False),
    sa.Column('wisher_id', sa.Integer(), nullable=True),
    sa.Column('filed_by_id', sa.Integer(), nullable=True),
    sa.Column('notice_version', sa.String(length=20), nullable=False),
    sa.Column('alias', sa.String(length=20), nullable=False),
    sa.Column('public_text', sa.Text(), nullable=False),
    sa.Column('parts', sa.SmallInteger(), nullable=False),
    sa.Column('taken', sa.SmallInteger(), nullable=False),
    sa.Column('raised_to_id', sa.Integer(), nullable=True),
    sa.Column('satisfaction', sa.SmallInteger(), nullable=True),
    sa.Column('confirmed_by', sa.String(length=20), nullable=True),
    sa.Column('filed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('returned_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('wall_since', sa.DateTime(timezone=True), nullable=True),
    sa.Column('raised_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=10), nullable=False),
    sa.CheckConstraint("confirmed_by IN ('code', 'number_and_phone', 'account', 'call_back')", name=op.f('ck_wish_confirmed_by_known')),
    sa.CheckConstraint("filer IN ('wisher', 'relative', 'staff')", name=op.f('ck_wish_filer_known')),
    sa.CheckConstraint("state <> 'confirmed' OR satisfaction IS NOT NULL", name=op.f('ck_wish_confirmed_has_satisfaction')),
    sa.CheckConstraint("state <> 'published' OR taken < parts", name=op.f('ck_wish_published_has_a_part_free')),
    sa.CheckConstraint("state IN ('filed', 'verified', 'published', 'pledged', 'fulfilled', 'confirmed', 'closed', 'rejected', 'withdrawn', 'expired')", name=op.f('ck_wish_state_known')),
    sa.CheckConstraint("state NOT IN ('filed', 'verified', 'rejected', 'expired') OR taken = 0", name=op.f('ck_wish_unpublished_is_free')),
    sa.CheckConstraint("state NOT IN ('pledged', 'fulfilled', 'confirmed', 'closed') OR taken = parts", name=op.f('ck_wish_pledged_is_whole')),
    sa.CheckConstraint("state NOT IN ('published', 'pledged', 'fulfilled', 'confirmed', 'closed') OR (public_text <> '' AND alias <> '')", name=op.f('ck_wish_published_has_text')),
    sa.CheckConstraint("urgency IN ('normal', 'soon', 'urgent')", name=op.f('ck_wish_urgency_known')),
    sa.CheckConstraint("way IN ('web', 'desk', 'phone', 'visit', 'hotline')", name=op.f('ck_wish_way_known')),
    sa.CheckConstraint('parts >= 1 AND taken >= 0 AND taken <= parts', name=op.f('ck_wish_taken_within_parts')),
    sa.CheckConstraint('satisfaction BETWEEN 1 AND 5', name=op.f('ck_wish_satisfaction_known')),
    sa.ForeignKeyConstraint(['filed_by_id'], ['person.id'], name=op.f('fk_wish_filed_by_id_person'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['kind_id'], ['term.id'], name=op.f('fk_wish_kind_id_term'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['raised_to_id'], ['station.id'], name=op.f('fk_wish_raised_to_id_station'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['station_id'], ['station.id'], name=op.f('fk_wish_station_id_station'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['wisher_id'], ['person.id'], name=op.f('fk_wish_wisher_id_person'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_wish')),
    sa.UniqueConstraint('number', name=op.f('uq_wish_number')),
    sa.UniqueConstraint('public_id', name=op.f('uq_wish_public_id'))
    )
    with op.batch_alter_table('wish', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_wish_filed_by_id'), ['filed_by_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_wish_raised_to_id_state'), ['raised_to_id', 'state'], unique=False)
        batch_op.create_index(batch_op.f('ix_wish_state_wall_since'), ['state', 'wall_since'], unique=False)
        batch_op.create_index(batch_op.f('ix_wish_station_id_state'), ['station_id', 'state'], unique=False)
        batch_op.create_index(batch_op.f('ix_wish_wisher_id'), ['wisher_id'], unique=False)

    op.create_table('wish_part',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('wish_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.SmallInteger(), nullable=False),
    sa.Column('label', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['wish_id'], ['wish.id'], name=op.f('fk_wish_part_wish_id_wish'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_wish_part')),
    sa.UniqueConstraint('wish_id', 'number', name=op.f('uq_wish_part_wish_id_number'))
    )
    op.create_table('wish_private',
    sa.Column('wish_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('phone', sa.String(length=11), nullable=False),
    sa.Column('address', sa.String(length=120), nullable=False),
    sa.Column('what', sa.Text(), nullable=False),
    sa.Column('why', sa.Text(), nullable=False),
    sa.Column('filer_name', sa.String(length=40), nullable=False),
    sa.Column('filer_phone', sa.String(length=11), nullable=False),
    sa.ForeignKeyConstraint(['wish_id'], ['wish.id'], name=op.f('fk_wish_private_wish_id_wish'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('wish_id', name=op.f('pk_wish_private'))
    )
    with op.batch_alter_table('wish_private', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_wish_private_phone'), ['phone'], unique=False)

    op.create_table('wish_text',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('wish_id', sa.Integer(), nullable=False),
    sa.Column('version', sa.SmallInteger(), nullable=False),
    sa.Column('alias', sa.String(length=20), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['wish_id'], ['wish.id'], name=op.f('fk_wish_text_wish_id_wish'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_wish_text')),
    sa.UniqueConstraint('wish_id', 'version', name=op.f('uq_wish_text_wish_id_version'))
    )
    op.create_table('pledge',
    sa.Column('wish_id', sa.Integer(), nullable=False),
    sa.Column('part_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('team_id', sa.Integer(), nullable=True),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('promised_on', sa.Date(), nullable=False),
    sa.Column('extensions', sa.SmallInteger(), nullable=False),
    sa.Column('reminded_of', sa.Date(), nullable=True),
    sa.Column('pledged_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=10), nullable=False),
    sa.CheckConstraint("(state = 'active') = (ended_at IS NULL)", name=op.f('ck_pledge_ended_has_time')),
    sa.CheckConstraint("state IN ('active', 'returned', 'lapsed', 'fulfilled')", name=op.f('ck_pledge_state_known')),
    sa.CheckConstraint('extensions BETWEEN 0 AND 1', name=op.f('ck_pledge_extended_once')),
    sa.ForeignKeyConstraint(['part_id'], ['wish_part.id'], name=op.f('fk_pledge_part_id_wish_part'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_pledge_person_id_person'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_pledge_team_id_team'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['wish_id'], ['wish.id'], name=op.f('fk_pledge_wish_id_wish'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pledge')),
    sa.UniqueConstraint('public_id', name=op.f('uq_pledge_public_id'))
    )
    with op.batch_alter_table('pledge', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_pledge_person_id_state'), ['person_id', 'state'], unique=False)
        batch_op.create_index(batch_op.f('ix_pledge_state_promised_on'), ['state', 'promised_on'], unique=False)
        batch_op.create_index(batch_op.f('ix_pledge_wish_id_state'), ['wish_id', 'state'], unique=False)
        batch_op.create_index('uq_pledge_holding', ['part_id'], unique=True, sqlite_where=sa.text("state IN ('active', 'fulfilled')"), postgresql_where=sa.text("state IN ('active', 'fulfilled')"))

    op.create_table('wish_help',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('pledge_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.Column('approved_by_id', sa.Integer(), nullable=True),
    sa.Column('credited_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('credited_at IS NULL OR approved_by_id IS NOT NULL', name=op.f('ck_wish_help_approved_first')),
    sa.CheckConstraint('minutes > 0', name=op.f('ck_wish_help_minutes_positive')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_wish_help_person_id_person'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['pledge_id'], ['pledge.id'], name=op.f('fk_wish_help_pledge_id_pledge'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_wish_help'))
    )
    with op.batch_alter_table('wish_help', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_wish_help_person_id'), ['person_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_wish_help_pledge_id_person_id'), ['pledge_id', 'person_id'], unique=True)


def downgrade() -> None:
    with op.batch_alter_table('wish_help', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_wish_help_pledge_id_person_id'))
        batch_op.drop_index(batch_op.f('ix_wish_help_person_id'))

    op.drop_table('wish_help')
    with op.batch_alter_table('pledge', schema=None) as batch_op:
        batch_op.drop_index('uq_pledge_holding', sqlite_where=sa.text("state IN ('active', 'fulfilled')"), postgresql_where=sa.text("state IN ('active', 'fulfilled')"))
        batch_op.drop_index(batch_op.f('ix_pledge_wish_id_state'))
        batch_op.drop_index(batch_op.f('ix_pledge_state_promised_on'))
        batch_op.drop_index(batch_op.f('ix_pledge_person_id_state'))

    op.drop_table('pledge')
    op.drop_table('wish_text')
    with op.batch_alter_table('wish_private', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_wish_private_phone'))

    op.drop_table('wish_private')
    op.drop_table('wish_part')
    with op.batch_alter_table('wish', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_wish_wisher_id'))
        batch_op.drop_index(batch_op.f('ix_wish_station_id_state'))
        batch_op.drop_index(batch_op.f('ix_wish_state_wall_since'))
        batch_op.drop_index(batch_op.f('ix_wish_raised_to_id_state'))
        batch_op.drop_index(batch_op.f('ix_wish_filed_by_id'))

    op.drop_table('wish')
    op.drop_table('wish_counter')
    op.execute(f"DELETE FROM term WHERE vocabulary = '{WISH_KIND}'")  # noqa: S608  own constant
    let_vocabulary_be(*BEFORE)


def let_vocabulary_be(*known: str) -> None:
    """Put the CHECK on the vocabularies anew."""
    rule = 'vocabulary IN ({})'.format(', '.join(f"'{name}'" for name in known))
    with op.batch_alter_table('term', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_term_vocabulary_known'), type_='check')
        batch_op.create_check_constraint(batch_op.f('ck_term_vocabulary_known'), rule)
