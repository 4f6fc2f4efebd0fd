"""services.

The service menu: its categories, what each station offers, orders of it, to whom each was sent, and
the time that was given. A district that is there already gets the categories it would begin with
today.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None

# Code, Chinese, English, and the code of the category above.
CATEGORIES = (
    ('household', '家政维修', 'Household and repairs', None),
    ('plumbing', '水电维修', 'Plumbing and wiring', 'household'),
    ('appliances', '家电清洗维修', 'Appliances', 'household'),
    ('cleaning', '打扫收纳', 'Cleaning', 'household'),
    ('health', '健康', 'Health', None),
    ('check_up', '量血压测血糖', 'Blood pressure and sugar', 'health'),
    ('first_aid', '急救和健康讲座', 'First aid and health talks', 'health'),
    ('culture', '文化', 'Culture', None),
    ('arts', '书画戏曲', 'Calligraphy, painting, opera', 'culture'),
    ('reading', '读书读报', 'Reading aloud', 'culture'),
    ('elderly', '助老', 'Older people', None),
    ('meals', '送餐代买', 'Meals and shopping', 'elderly'),
    ('haircut', '理发', 'Haircuts', 'elderly'),
    ('company', '陪伴探访', 'Company and visits', 'elderly'),
    ('phones', '学用手机', 'Learning to use a phone', 'elderly'),
    ('study', '助学', 'Learning', None),
    ('homework', '作业辅导', 'Homework help', 'study'),
    ('holiday_care', '假期托管', 'Holiday care', 'study'),
    ('law', '法律', 'Legal advice', None),
    ('advice', '法律咨询', 'Legal consultation', 'law'),
    ('mediation', '邻里调解', 'Mediation', 'law'),
    ('psychology', '心理', 'Counselling', None),
    ('counselling', '心理疏导', 'Counselling', 'psychology'),
    ('errands', '便民代办', 'Errands', None),
    ('papers', '证件材料代办', 'Papers fetched and returned', 'errands'),
    ('queries', '政策咨询', 'Questions about policy', 'errands'),
)


def upgrade() -> None:
    op.create_table('service_category',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('parent_id', sa.Integer(), nullable=True),
    sa.Column('code', sa.String(length=30), nullable=False),
    sa.Column('name_zh', sa.String(length=40), nullable=False),
    sa.Column('name_en', sa.String(length=60), nullable=False),
    sa.Column('position', sa.SmallInteger(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.CheckConstraint('parent_id IS NULL OR parent_id <> id', name=op.f('ck_service_category_not_below_itself')),
    sa.ForeignKeyConstraint(['parent_id'], ['service_category.id'], name=op.f('fk_service_category_parent_id_service_category'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_service_category')),
    sa.UniqueConstraint('code', name=op.f('uq_service_category_code'))
    )
    with op.batch_alter_table('service_category', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_service_category_parent_id'), ['parent_id'], unique=False)

    op.create_table('service',
    sa.Column('station_id', sa.Integer(), nullable=False),
    sa.Column('category_id', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(length=60), nullable=False),
    sa.Column('summary', sa.Text(), nullable=False),
    sa.Column('for_whom', sa.String(length=120), nullable=False),
    sa.Column('bring', sa.String(length=200), nullable=False),
    sa.Column('usual_minutes', sa.SmallInteger(), nullable=False),
    sa.Column('place', sa.String(length=10), nullable=False),
    sa.Column('team_id', sa.Integer(), nullable=True),
    sa.Column('unit_id', sa.Integer(), nullable=True),
    sa.Column('open_to_claim', sa.Boolean(), nullable=False),
    sa.Column('home_visit', sa.Boolean(), nullable=False),
    sa.Column('in_use_from', sa.Date(), nullable=False),
    sa.Column('in_use_until', sa.Date(), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=10), nullable=False),
    sa.CheckConstraint("NOT home_visit OR place <> 'station'", name=op.f('ck_service_visits_are_at_home')),
    sa.CheckConstraint("place IN ('home', 'station', 'either')", name=op.f('ck_service_place_known')),
    sa.CheckConstraint('in_use_until IS NULL OR in_use_until >= in_use_from', name=op.f('ck_service_ends_after_begin')),
    sa.CheckConstraint('team_id IS NULL OR unit_id IS NULL', name=op.f('ck_service_one_provider')),
    sa.CheckConstraint('usual_minutes BETWEEN 0 AND 1440', name=op.f('ck_service_usual_minutes_known')),
    sa.ForeignKeyConstraint(['category_id'], ['service_category.id'], name=op.f('fk_service_category_id_service_category'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['station_id'], ['station.id'], name=op.f('fk_service_station_id_station'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_service_team_id_team'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['unit_id'], ['civilized_unit.id'], name=op.f('fk_service_unit_id_civilized_unit'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_service')),
    sa.UniqueConstraint('public_id', name=op.f('uq_service_public_id'))
    )
    with op.batch_alter_table('service', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_service_category_id'), ['category_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_service_station_id_closed_at'), ['station_id', 'closed_at'], unique=False)

    op.create_table('service_order',
    sa.Column('number', sa.String(length=9), nullable=False),
    sa.Column('form_key', sa.String(length=20), nullable=False),
    sa.Column('service_id', sa.Integer(), nullable=False),
    sa.Column('station_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('way', sa.String(length=10), nullable=False),
    sa.Column('asker_id', sa.Integer(), nullable=True),
    sa.Column('filed_by_id', sa.Integer(), nullable=True),
    sa.Column('notice_version', sa.String(length=20), nullable=False),
    sa.Column('at_home', sa.Boolean(), nullable=False),
    sa.Column('wished_on', sa.Date(), nullable=True),
    sa.Column('day_part', sa.String(length=10), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('told', sa.SmallInteger(), nullable=False),
    sa.Column('satisfaction', sa.SmallInteger(), nullable=True),
    sa.Column('rated_by', sa.String(length=10), nullable=True),
    sa.Column('activity_id', sa.Integer(), nullable=True),
    sa.Column('filed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('moved_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('reviewed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=10), nullable=False),
    sa.CheckConstraint("(state IN ('closed', 'refused', 'withdrawn', 'expired')) = (closed_at IS NOT NULL)", name=op.f('ck_service_order_ended_has_time')),
    sa.CheckConstraint("day_part IN ('any', 'morning', 'afternoon', 'evening')", name=op.f('ck_service_order_day_part_known')),
    sa.CheckConstraint("rated_by IN ('account', 'number', 'call_back')", name=op.f('ck_service_order_rated_by_known')),
    sa.CheckConstraint("state <> 'rated' OR satisfaction IS NOT NULL", name=op.f('ck_service_order_rated_has_rating')),
    sa.CheckConstraint("state IN ('filed', 'reviewed', 'dispatched', 'open', 'accepted', 'done', 'rated', 'closed', 'refused', 'withdrawn', 'expired')", name=op.f('ck_service_order_state_known')),
    sa.CheckConstraint("way IN ('web', 'desk', 'phone', 'visit')", name=op.f('ck_service_order_way_known')),
    sa.CheckConstraint('(closed_at IS NULL) = (due_on IS NOT NULL)', name=op.f('ck_service_order_open_has_a_day')),
    sa.CheckConstraint('satisfaction BETWEEN 1 AND 5', name=op.f('ck_service_order_satisfaction_known')),
    sa.CheckConstraint('told BETWEEN 0 AND 2', name=op.f('ck_service_order_told_known')),
    sa.ForeignKeyConstraint(['activity_id'], ['activity.id'], name=op.f('fk_service_order_activity_id_activity'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['asker_id'], ['person.id'], name=op.f('fk_service_order_asker_id_person'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['filed_by_id'], ['person.id'], name=op.f('fk_service_order_filed_by_id_person'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['service_id'], ['service.id'], name=op.f('fk_service_order_service_id_service'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['station_id'], ['station.id'], name=op.f('fk_service_order_station_id_station'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_service_order')),
    sa.UniqueConstraint('form_key', name=op.f('uq_service_order_form_key')),
    sa.UniqueConstraint('number', name=op.f('uq_service_order_number')),
    sa.UniqueConstraint('public_id', name=op.f('uq_service_order_public_id'))
    )
    with op.batch_alter_table('service_order', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_service_order_asker_id'), ['asker_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_service_order_filed_by_id'), ['filed_by_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_service_order_service_id'), ['service_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_service_order_state_due_on'), ['state', 'due_on'], unique=False)
        batch_op.create_index(batch_op.f('ix_service_order_station_id_state_due_on'), ['station_id', 'state', 'due_on'], unique=False)

    op.create_table('dispatch',
    sa.Column('order_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('team_id', sa.Integer(), nullable=True),
    sa.Column('unit_id', sa.Integer(), nullable=True),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('promised_on', sa.Date(), nullable=True),
    sa.Column('dispatched_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('dispatched_by_id', sa.Integer(), nullable=True),
    sa.Column('accepted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=10), nullable=False),
    sa.CheckConstraint("(kind = 'team' AND team_id IS NOT NULL AND unit_id IS NULL) OR (kind = 'unit' AND unit_id IS NOT NULL AND team_id IS NULL) OR (kind = 'open' AND unit_id IS NULL)", name=op.f('ck_dispatch_has_its_target')),
    sa.CheckConstraint("(state IN ('offered', 'accepted')) = (ended_at IS NULL)", name=op.f('ck_dispatch_ended_has_time')),
    sa.CheckConstraint("kind <> 'open' OR state NOT IN ('accepted', 'done') OR person_id IS NOT NULL", name=op.f('ck_dispatch_claimed_by_somebody')),
    sa.CheckConstraint("kind IN ('team', 'unit', 'open')", name=op.f('ck_dispatch_kind_known')),
    sa.CheckConstraint("state IN ('offered', 'accepted', 'done', 'declined', 'recalled')", name=op.f('ck_dispatch_state_known')),
    sa.CheckConstraint("state NOT IN ('accepted', 'done') OR (accepted_at IS NOT NULL AND promised_on IS NOT NULL)", name=op.f('ck_dispatch_accepted_has_a_day')),
    sa.ForeignKeyConstraint(['order_id'], ['service_order.id'], name=op.f('fk_dispatch_order_id_service_order'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_dispatch_person_id_person'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_dispatch_team_id_team'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['unit_id'], ['civilized_unit.id'], name=op.f('fk_dispatch_unit_id_civilized_unit'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_dispatch')),
    sa.UniqueConstraint('public_id', name=op.f('uq_dispatch_public_id'))
    )
    with op.batch_alter_table('dispatch', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_dispatch_kind_state'), ['kind', 'state'], unique=False)
        batch_op.create_index(batch_op.f('ix_dispatch_order_id'), ['order_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_dispatch_person_id_state'), ['person_id', 'state'], unique=False)
        batch_op.create_index(batch_op.f('ix_dispatch_team_id_state'), ['team_id', 'state'], unique=False)
        batch_op.create_index(batch_op.f('ix_dispatch_unit_id_state'), ['unit_id', 'state'], unique=False)
        batch_op.create_index('uq_dispatch_holding', ['order_id'], unique=True, sqlite_where=sa.text("state IN ('offered', 'accepted', 'done')"), postgresql_where=sa.text("state IN ('offered', 'accepted', 'done')"))

    op.create_table('order_visit',
    sa.Column('order_id', sa.Integer(), nullable=False),
    sa.Column('step', sa.String(length=10), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.CheckConstraint("step IN ('received', 'visited', 'returned')", name=op.f('ck_order_visit_step_known')),
    sa.ForeignKeyConstraint(['order_id'], ['service_order.id'], name=op.f('fk_order_visit_order_id_service_order'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('order_id', 'step', name=op.f('pk_order_visit'))
    )
    op.create_table('service_order_private',
    sa.Column('order_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('phone', sa.String(length=11), nullable=False),
    sa.Column('address', sa.String(length=120), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['order_id'], ['service_order.id'], name=op.f('fk_service_order_private_order_id_service_order'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('order_id', name=op.f('pk_service_order_private'))
    )
    with op.batch_alter_table('service_order_private', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_service_order_private_phone'), ['phone'], unique=False)

    op.create_table('order_help',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('dispatch_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.Column('approved_by_id', sa.Integer(), nullable=True),
    sa.Column('credited_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('credited_at IS NULL OR approved_by_id IS NOT NULL', name=op.f('ck_order_help_approved_first')),
    sa.CheckConstraint('minutes > 0', name=op.f('ck_order_help_minutes_positive')),
    sa.ForeignKeyConstraint(['dispatch_id'], ['dispatch.id'], name=op.f('fk_order_help_dispatch_id_dispatch'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_order_help_person_id_person'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_order_help'))
    )
    with op.batch_alter_table('order_help', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_order_help_dispatch_id_person_id'), ['dispatch_id', 'person_id'], unique=True)
        batch_op.create_index(batch_op.f('ix_order_help_person_id'), ['person_id'], unique=False)

    add_categories()


def downgrade() -> None:
    for table in (
        'order_help', 'service_order_private', 'order_visit', 'dispatch', 'service_order', 'service',
        'service_category',
    ):
        op.drop_table(table)


def add_categories() -> None:
    """Add the categories where there are terms at all; an empty database is seeded later."""
    connection = op.get_bind()
    if not connection.execute(sa.text('SELECT count(*) FROM term')).scalar_one():
        return
    row = sa.text(
        "INSERT INTO service_category (code, parent_id, name_zh, name_en, position, active) "
        "VALUES (:code, :parent, :zh, :en, :position, :active) RETURNING id"
    )
    ids: dict[str | None, int | None] = {None: None}
    for position, (code, zh, en, above) in enumerate(CATEGORIES):
        values = {
            'code': code, 'parent': ids[above], 'zh': zh, 'en': en,
            'position': position, 'active': True,
        }
        ids[code] = connection.execute(row, values).scalar_one()
