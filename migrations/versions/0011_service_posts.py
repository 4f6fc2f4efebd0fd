"""service posts.

Posts with their weekly grid, the shifts it made, standing places, absences, logs; requests to cover
a duty and the chain of who held a place. The types of venues and what a duty counts are
vocabularies: a district that is there already gets those it would begin with today.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

BEFORE = (
    'activity_kind', 'field', 'target_group', 'point_type', 'skill', 'service_kind', 'wish_kind',
    'feedback_kind',
)
TERMS = {
    'venue_type': (
        ('service_hall', '政务服务大厅', 'Service hall'),
        ('library', '图书馆', 'Library'),
        ('square', '广场', 'Square'),
        ('hospital', '医院门诊', 'Hospital'),
        ('crossing', '路口', 'Crossing'),
        ('culture', '文化场馆', 'Culture venue'),
        ('patriotic', '爱国主义教育基地', 'Patriotic education site'),
        ('mall', '商场', 'Shopping mall'),
        ('market', '农贸市场', 'Market'),
        ('school', '学校', 'School'),
        ('hotel', '酒店', 'Hotel'),
        ('park', '公园', 'Park'),
        ('transport', '车站', 'Railway or bus station'),
        ('road', '责任路段', 'Road section'),
        ('community', '社区', 'Community'),
        ('other', '其他', 'Other'),
    ),
    'duty_counter': (
        ('guided', '问路引导', 'Guided somewhere'),
        ('asked', '业务咨询', 'Asked about services'),
        ('assisted', '搀扶协助', 'Assisted in person'),
        ('order', '维持秩序', 'Queues kept in order'),
        ('crossing', '劝阻闯红灯', 'Kept from crossing on red'),
        ('smoking', '劝阻吸烟', 'Asked to stop smoking'),
        ('lying', '劝阻躺占座椅', 'Asked not to lie on seats'),
        ('litter', '清理垃圾', 'Litter picked up'),
        ('bikes', '摆放单车', 'Bicycles put in order'),
    ),
}


def upgrade() -> None:
    let_vocabulary_be(*BEFORE, *TERMS)
    add_terms()
    op.create_table('absence',
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('first_on', sa.Date(), nullable=False),
    sa.Column('last_on', sa.Date(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recorded_by_id', sa.Integer(), nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=10), nullable=False),
    sa.CheckConstraint('first_on <= last_on', name=op.f('ck_absence_in_order')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_absence_person_id_person'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_absence')),
    sa.UniqueConstraint('public_id', name=op.f('uq_absence_public_id'))
    )
    with op.batch_alter_table('absence', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_absence_person_id_last_on'), ['person_id', 'last_on'], unique=False)

    op.create_table('service_post',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('venue_type_id', sa.Integer(), nullable=False),
    sa.Column('field_id', sa.Integer(), nullable=False),
    sa.Column('site_name', sa.String(length=60), nullable=False),
    sa.Column('office_in_charge', sa.String(length=60), nullable=False),
    sa.Column('services', sa.String(length=300), nullable=False),
    sa.Column('promise', sa.String(length=300), nullable=False),
    sa.Column('hours_text', sa.String(length=120), nullable=False),
    sa.Column('materials', sa.String(length=200), nullable=False),
    sa.Column('insurance_note', sa.String(length=300), nullable=False),
    sa.Column('is_party_post', sa.Boolean(), nullable=False),
    sa.Column('duty_from', sa.Date(), nullable=False),
    sa.Column('duty_until', sa.Date(), nullable=True),
    sa.Column('skips_holidays', sa.Boolean(), nullable=False),
    sa.Column('filled_until', sa.Date(), nullable=True),
    sa.CheckConstraint('duty_until IS NULL OR duty_until >= duty_from', name=op.f('ck_service_post_duty_span')),
    sa.ForeignKeyConstraint(['field_id'], ['term.id'], name=op.f('fk_service_post_field_id_term'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['id'], ['offering.id'], name=op.f('fk_service_post_id_offering'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['venue_type_id'], ['term.id'], name=op.f('fk_service_post_venue_type_id_term'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_service_post'))
    )
    with op.batch_alter_table('service_post', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_service_post_filled_until'), ['filled_until'], unique=False)

    op.create_table('duty_log',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('shift_id', sa.Integer(), nullable=False),
    sa.Column('version', sa.SmallInteger(), nullable=False),
    sa.Column('helped', sa.SmallInteger(), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('helped BETWEEN 0 AND 9999', name=op.f('ck_duty_log_helped_bounded')),
    sa.ForeignKeyConstraint(['shift_id'], ['shift.id'], name=op.f('fk_duty_log_shift_id_shift'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_duty_log')),
    sa.UniqueConstraint('shift_id', 'version', name=op.f('uq_duty_log_shift_id_version'))
    )
    op.create_table('duty_slot',
    sa.Column('post_id', sa.Integer(), nullable=False),
    sa.Column('weekday', sa.SmallInteger(), nullable=False),
    sa.Column('starts_minute', sa.SmallInteger(), nullable=False),
    sa.Column('ends_minute', sa.SmallInteger(), nullable=False),
    sa.Column('volunteers', sa.SmallInteger(), nullable=False),
    sa.Column('retired_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=10), nullable=False),
    sa.CheckConstraint('starts_minute >= 0 AND starts_minute < ends_minute AND ends_minute <= 1440', name=op.f('ck_duty_slot_span_within_day')),
    sa.CheckConstraint('volunteers BETWEEN 1 AND 200', name=op.f('ck_duty_slot_volunteers_bounded')),
    sa.CheckConstraint('weekday BETWEEN 0 AND 6', name=op.f('ck_duty_slot_weekday_known')),
    sa.ForeignKeyConstraint(['post_id'], ['service_post.id'], name=op.f('fk_duty_slot_post_id_service_post'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_duty_slot')),
    sa.UniqueConstraint('public_id', name=op.f('uq_duty_slot_public_id'))
    )
    with op.batch_alter_table('duty_slot', schema=None) as batch_op:
        batch_op.create_index('uq_duty_slot_live', ['post_id', 'weekday', 'starts_minute'], unique=True, sqlite_where=sa.text('retired_at IS NULL'), postgresql_where=sa.text('retired_at IS NULL'))

    op.create_table('duty_count',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('log_id', sa.Integer(), nullable=False),
    sa.Column('term_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.SmallInteger(), nullable=False),
    sa.CheckConstraint('number BETWEEN 1 AND 9999', name=op.f('ck_duty_count_number_bounded')),
    sa.ForeignKeyConstraint(['log_id'], ['duty_log.id'], name=op.f('fk_duty_count_log_id_duty_log'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['term_id'], ['term.id'], name=op.f('fk_duty_count_term_id_term'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_duty_count')),
    sa.UniqueConstraint('log_id', 'term_id', name=op.f('uq_duty_count_log_id_term_id'))
    )
    op.create_table('duty_shift',
    sa.Column('shift_id', sa.Integer(), nullable=False),
    sa.Column('slot_id', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('is_dropped', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['shift_id'], ['shift.id'], name=op.f('fk_duty_shift_shift_id_shift'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['slot_id'], ['duty_slot.id'], name=op.f('fk_duty_shift_slot_id_duty_slot'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('shift_id', name=op.f('pk_duty_shift'))
    )
    with op.batch_alter_table('duty_shift', schema=None) as batch_op:
        batch_op.create_index('uq_duty_shift_day', ['slot_id', 'day'], unique=True, sqlite_where=sa.text('NOT is_dropped'), postgresql_where=sa.text('NOT is_dropped'))

    op.create_table('standing_place',
    sa.Column('slot_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('given_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('given_by_id', sa.Integer(), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=10), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_standing_place_person_id_person'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['slot_id'], ['duty_slot.id'], name=op.f('fk_standing_place_slot_id_duty_slot'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_standing_place')),
    sa.UniqueConstraint('public_id', name=op.f('uq_standing_place_public_id'))
    )
    with op.batch_alter_table('standing_place', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_standing_place_person_id'), ['person_id'], unique=False)
        batch_op.create_index('uq_standing_place_live', ['slot_id', 'person_id'], unique=True, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))

    op.create_table('cover_request',
    sa.Column('signup_id', sa.Integer(), nullable=False),
    sa.Column('shift_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('wanted_shift_id', sa.Integer(), nullable=True),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=10), nullable=False),
    sa.CheckConstraint("state IN ('open', 'accepted', 'taken_back', 'lapsed')", name=op.f('ck_cover_request_state_known')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_cover_request_person_id_person'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['shift_id'], ['shift.id'], name=op.f('fk_cover_request_shift_id_shift'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['signup_id'], ['signup.id'], name=op.f('fk_cover_request_signup_id_signup'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['wanted_shift_id'], ['shift.id'], name=op.f('fk_cover_request_wanted_shift_id_shift'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cover_request')),
    sa.UniqueConstraint('public_id', name=op.f('uq_cover_request_public_id'))
    )
    with op.batch_alter_table('cover_request', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_cover_request_person_id_state'), ['person_id', 'state'], unique=False)
        batch_op.create_index(batch_op.f('ix_cover_request_shift_id_state'), ['shift_id', 'state'], unique=False)
        batch_op.create_index(batch_op.f('ix_cover_request_wanted_shift_id'), ['wanted_shift_id'], unique=False)
        batch_op.create_index('uq_cover_request_open', ['signup_id'], unique=True, sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'"))

    op.create_table('standing_turn',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('standing_id', sa.Integer(), nullable=False),
    sa.Column('shift_id', sa.Integer(), nullable=False),
    sa.Column('signup_id', sa.Integer(), nullable=True),
    sa.Column('reason', sa.String(length=30), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['shift_id'], ['shift.id'], name=op.f('fk_standing_turn_shift_id_shift'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['signup_id'], ['signup.id'], name=op.f('fk_standing_turn_signup_id_signup'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['standing_id'], ['standing_place.id'], name=op.f('fk_standing_turn_standing_id_standing_place'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_standing_turn')),
    sa.UniqueConstraint('standing_id', 'shift_id', name=op.f('uq_standing_turn_standing_id_shift_id'))
    )
    with op.batch_alter_table('standing_turn', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_standing_turn_shift_id'), ['shift_id'], unique=False)

    op.create_table('hand_over',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('request_id', sa.Integer(), nullable=False),
    sa.Column('shift_id', sa.Integer(), nullable=False),
    sa.Column('from_signup_id', sa.Integer(), nullable=False),
    sa.Column('to_signup_id', sa.Integer(), nullable=False),
    sa.Column('from_person_id', sa.Integer(), nullable=False),
    sa.Column('to_person_id', sa.Integer(), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['from_signup_id'], ['signup.id'], name=op.f('fk_hand_over_from_signup_id_signup'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['request_id'], ['cover_request.id'], name=op.f('fk_hand_over_request_id_cover_request'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['shift_id'], ['shift.id'], name=op.f('fk_hand_over_shift_id_shift'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['to_signup_id'], ['signup.id'], name=op.f('fk_hand_over_to_signup_id_signup'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_hand_over'))
    )
    with op.batch_alter_table('hand_over', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_hand_over_shift_id'), ['shift_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_hand_over_to_signup_id'), ['to_signup_id'], unique=True)


def downgrade() -> None:
    for table in (
        'standing_turn', 'hand_over', 'duty_count', 'cover_request', 'standing_place',
        'duty_shift', 'duty_slot', 'duty_log', 'service_post', 'absence',
    ):
        op.drop_table(table)
    for vocabulary in TERMS:
        op.execute(f"DELETE FROM term WHERE vocabulary = '{vocabulary}'")  # noqa: S608  own constant
    let_vocabulary_be(*BEFORE)


def let_vocabulary_be(*known: str) -> None:
    """Put the CHECK on the vocabularies anew."""
    rule = 'vocabulary IN ({})'.format(', '.join(f"'{name}'" for name in known))
    with op.batch_alter_table('term', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_term_vocabulary_known'), type_='check')
        batch_op.create_check_constraint(batch_op.f('ck_term_vocabulary_known'), rule)


def add_terms() -> None:
    """Add the terms where there are terms at all; an empty database is seeded later."""
    connection = op.get_bind()
    if not connection.execute(sa.text('SELECT count(*) FROM term')).scalar_one():
        return
    row = sa.text(
        "INSERT INTO term (vocabulary, code, name_zh, name_en, position, active) "
        "VALUES (:vocabulary, :code, :zh, :en, :position, :active)"
    )
    for vocabulary, entries in TERMS.items():
        for position, (code, zh, en) in enumerate(entries):
            values = {'code': code, 'zh': zh, 'en': en, 'position': position, 'active': True}
            connection.execute(row, {'vocabulary': vocabulary, **values})
