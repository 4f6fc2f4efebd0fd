"""feedback.

Complaints and suggestions, and the vocabulary of their kinds. A district that is there already gets
the kinds it would begin with today.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

BEFORE = (
    'activity_kind', 'field', 'target_group', 'point_type', 'skill', 'service_kind', 'wish_kind'
)
FEEDBACK_KIND = 'feedback_kind'
KINDS = (
    ('suggestion', '建议', 'Suggestion'),
    ('complaint', '投诉', 'Complaint'),
    ('praise', '表扬', 'Praise'),
    ('fault', '网站不好用', 'Fault of the site'),
    ('other', '其他', 'Other'),
)


def upgrade() -> None:
    let_vocabulary_be(*BEFORE, FEEDBACK_KIND)
    add_kinds()
    op.create_table('feedback',
    sa.Column('number', sa.String(length=8), nullable=False),
    sa.Column('form_key', sa.String(length=20), nullable=False),
    sa.Column('kind_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('channel', sa.String(length=10), nullable=False),
    sa.Column('station_id', sa.Integer(), nullable=False),
    sa.Column('with_office', sa.Boolean(), nullable=False),
    sa.Column('about_station_id', sa.Integer(), nullable=True),
    sa.Column('about_staff', sa.Boolean(), nullable=False),
    sa.Column('about_path', sa.String(length=200), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('contact_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('filed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reopened_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('overdue_told_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=10), nullable=False),
    sa.CheckConstraint("(state IN ('filed', 'handed_over', 'reopened')) = (closed_at IS NULL)", name=op.f('ck_feedback_closed_when_not_open')),
    sa.CheckConstraint("NOT about_staff OR about_station_id IS NOT NULL", name=op.f('ck_feedback_staff_of_a_station')),
    sa.CheckConstraint("channel IN ('web', 'desk', 'phone', 'paper')", name=op.f('ck_feedback_channel_known')),
    sa.CheckConstraint("state IN ('filed', 'handed_over', 'reopened', 'answered', 'cannot_be_done', 'withdrawn')", name=op.f('ck_feedback_state_known')),
    sa.ForeignKeyConstraint(['about_station_id'], ['station.id'], name=op.f('fk_feedback_about_station_id_station'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['kind_id'], ['term.id'], name=op.f('fk_feedback_kind_id_term'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_feedback_person_id_person'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['station_id'], ['station.id'], name=op.f('fk_feedback_station_id_station'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_feedback')),
    sa.UniqueConstraint('form_key', name=op.f('uq_feedback_form_key')),
    sa.UniqueConstraint('number', name=op.f('uq_feedback_number')),
    sa.UniqueConstraint('public_id', name=op.f('uq_feedback_public_id'))
    )
    with op.batch_alter_table('feedback', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_feedback_person_id'), ['person_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_feedback_state_due_on'), ['state', 'due_on'], unique=False)
        batch_op.create_index(batch_op.f('ix_feedback_station_id_state_due_on'), ['station_id', 'state', 'due_on'], unique=False)


def downgrade() -> None:
    op.drop_table('feedback')
    op.execute("DELETE FROM term WHERE vocabulary = 'feedback_kind'")
    let_vocabulary_be(*BEFORE)


def let_vocabulary_be(*known: str) -> None:
    """Put the CHECK on the vocabularies anew."""
    rule = 'vocabulary IN ({})'.format(', '.join(f"'{name}'" for name in known))
    with op.batch_alter_table('term', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_term_vocabulary_known'), type_='check')
        batch_op.create_check_constraint(batch_op.f('ck_term_vocabulary_known'), rule)


def add_kinds() -> None:
    """Add the kinds where there are terms at all; an empty database is seeded later."""
    connection = op.get_bind()
    if not connection.execute(sa.text('SELECT count(*) FROM term')).scalar_one():
        return
    row = sa.text(
        "INSERT INTO term (vocabulary, code, name_zh, name_en, position, active) "
        "VALUES ('feedback_kind', :code, :zh, :en, :position, :active)"
    )
    for position, (code, zh, en) in enumerate(KINDS):
        values = {'code': code, 'zh': zh, 'en': en, 'position': position, 'active': True}
        connection.execute(row, values)
