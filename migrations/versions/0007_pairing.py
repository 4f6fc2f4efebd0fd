"""pairing.

What a unit and a community do for each other: needs, resources, projects, joint activities.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('pairing_item',
    sa.Column('pairing_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('title', sa.String(length=60), nullable=False),
    sa.Column('details', sa.Text(), nullable=False),
    sa.Column('form_key', sa.String(length=20), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=10), nullable=False),
    sa.CheckConstraint("kind IN ('need', 'resource')", name=op.f('ck_pairing_item_kind_known')),
    sa.ForeignKeyConstraint(['pairing_id'], ['pairing.id'], name=op.f('fk_pairing_item_pairing_id_pairing'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pairing_item')),
    sa.UniqueConstraint('form_key', name=op.f('uq_pairing_item_form_key')),
    sa.UniqueConstraint('public_id', name=op.f('uq_pairing_item_public_id'))
    )
    with op.batch_alter_table('pairing_item', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_pairing_item_pairing_id_kind'), ['pairing_id', 'kind'], unique=False)

    op.create_table('joint_activity',
    sa.Column('pairing_id', sa.Integer(), nullable=False),
    sa.Column('activity_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('counts_from', sa.DateTime(timezone=True), nullable=False),
    sa.Column('counts_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=10), nullable=False),
    sa.CheckConstraint("state IN ('asked', 'linked', 'declined')", name=op.f('ck_joint_activity_state_known')),
    sa.ForeignKeyConstraint(['activity_id'], ['activity.id'], name=op.f('fk_joint_activity_activity_id_activity'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['pairing_id'], ['pairing.id'], name=op.f('fk_joint_activity_pairing_id_pairing'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_joint_activity')),
    sa.UniqueConstraint('pairing_id', 'activity_id', name=op.f('uq_joint_activity_pairing_id_activity_id')),
    sa.UniqueConstraint('public_id', name=op.f('uq_joint_activity_public_id'))
    )
    with op.batch_alter_table('joint_activity', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_joint_activity_activity_id'), ['activity_id'], unique=False)

    op.create_table('pairing_project',
    sa.Column('pairing_id', sa.Integer(), nullable=False),
    sa.Column('need_id', sa.Integer(), nullable=True),
    sa.Column('resource_id', sa.Integer(), nullable=True),
    sa.Column('title', sa.String(length=60), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('proposed_by', sa.String(length=10), nullable=False),
    sa.Column('in_charge_id', sa.Integer(), nullable=False),
    sa.Column('planned_on', sa.Date(), nullable=False),
    sa.Column('done_on', sa.Date(), nullable=True),
    sa.Column('form_key', sa.String(length=20), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('overdue_told_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=10), nullable=False),
    sa.CheckConstraint("(state = 'done') = (done_on IS NOT NULL)", name=op.f('ck_pairing_project_done_has_its_day')),
    sa.CheckConstraint("proposed_by IN ('community', 'unit')", name=op.f('ck_pairing_project_proposed_by_known')),
    sa.CheckConstraint("state IN ('proposed', 'planned', 'under_way', 'done', 'given_up')", name=op.f('ck_pairing_project_state_known')),
    sa.ForeignKeyConstraint(['in_charge_id'], ['person.id'], name=op.f('fk_pairing_project_in_charge_id_person'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['need_id'], ['pairing_item.id'], name=op.f('fk_pairing_project_need_id_pairing_item'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['pairing_id'], ['pairing.id'], name=op.f('fk_pairing_project_pairing_id_pairing'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['resource_id'], ['pairing_item.id'], name=op.f('fk_pairing_project_resource_id_pairing_item'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pairing_project')),
    sa.UniqueConstraint('form_key', name=op.f('uq_pairing_project_form_key')),
    sa.UniqueConstraint('public_id', name=op.f('uq_pairing_project_public_id'))
    )
    with op.batch_alter_table('pairing_project', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_pairing_project_in_charge_id'), ['in_charge_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_pairing_project_pairing_id_state'), ['pairing_id', 'state'], unique=False)
        batch_op.create_index(batch_op.f('ix_pairing_project_state_planned_on'), ['state', 'planned_on'], unique=False)
        batch_op.create_index('uq_pairing_project_need_id', ['need_id'], unique=True, sqlite_where=sa.text("state <> 'given_up'"), postgresql_where=sa.text("state <> 'given_up'"))
        batch_op.create_index('uq_pairing_project_resource_id', ['resource_id'], unique=True, sqlite_where=sa.text("state <> 'given_up'"), postgresql_where=sa.text("state <> 'given_up'"))


def downgrade() -> None:
    for table in ('pairing_project', 'joint_activity', 'pairing_item'):
        op.drop_table(table)
