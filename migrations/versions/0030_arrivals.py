"""Arrivals that a second word makes count.

What is typed from paper sheets, what people say at a post's printed code, who walked in without a
sign-up; and the ways by which a scan can come of these.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0030'
down_revision = '0029'
branch_labels = None
depends_on = None

WAYS = "way IN ('code', 'digits', 'camera', 'manual', {}'rule', 'confirmed', 'lapsed', 'annulled')"
MORE = WAYS.format("'paper', 'claim', 'kiosk', ")
BEFORE = WAYS.format('')


def set_ways(rule: str) -> None:
    """Say which ways of a scan are known."""
    # SQLite writes the table anew for it. The triggers that let it only grow are made anew after
    # every migration.
    name = op.f('ck_scan_way_known')
    with op.batch_alter_table('scan', schema=None) as batch_op:
        batch_op.drop_constraint(name, type_='check')
        batch_op.create_check_constraint(name, rule)


def upgrade() -> None:
    set_ways(MORE)
    op.create_table('paper_batch',
    sa.Column('sheet_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('submitted_by_id', sa.Integer(), nullable=True),
    sa.Column('released_by_id', sa.Integer(), nullable=True),
    sa.Column('released_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=10), nullable=False),
    sa.CheckConstraint("(state = 'released') = (released_at IS NOT NULL)", name=op.f('ck_paper_batch_released_has_time')),
    sa.CheckConstraint("state IN ('draft', 'submitted', 'returned', 'released', 'unused')", name=op.f('ck_paper_batch_state_known')),
    sa.ForeignKeyConstraint(['sheet_id'], ['paper_sheet.id'], name=op.f('fk_paper_batch_sheet_id_paper_sheet'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_paper_batch')),
    sa.UniqueConstraint('public_id', name=op.f('uq_paper_batch_public_id'))
    )
    with op.batch_alter_table('paper_batch', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_paper_batch_sheet_id'), ['sheet_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_paper_batch_state'), ['state'], unique=False)
        batch_op.create_index('uq_paper_batch_open', ['sheet_id'], unique=True, sqlite_where=sa.text("state <> 'released'"), postgresql_where=sa.text("state <> 'released'"))

    op.create_table('paper_entry',
    sa.Column('batch_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.SmallInteger(), autoincrement=False, nullable=False),
    sa.Column('came', sa.String(length=20), nullable=False),
    sa.Column('went', sa.String(length=20), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('phone', sa.String(length=20), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('typed_by_id', sa.Integer(), nullable=True),
    sa.Column('outcome', sa.String(length=10), nullable=True),
    sa.Column('reason', sa.String(length=30), nullable=False),
    sa.CheckConstraint("outcome IN ('recorded', 'held', 'refused')", name=op.f('ck_paper_entry_outcome_known')),
    sa.CheckConstraint('number >= 1', name=op.f('ck_paper_entry_number_positive')),
    sa.ForeignKeyConstraint(['batch_id'], ['paper_batch.id'], name=op.f('fk_paper_entry_batch_id_paper_batch'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_paper_entry_person_id_person'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('batch_id', 'number', name=op.f('pk_paper_entry'))
    )
    with op.batch_alter_table('paper_entry', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_paper_entry_person_id'), ['person_id'], unique=False)

    op.create_table('claim',
    sa.Column('shift_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('direction', sa.String(length=3), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('device', sa.String(length=32), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('settle_by_on', sa.Date(), nullable=False),
    sa.Column('decided_by_id', sa.Integer(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reason', sa.String(length=20), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=10), nullable=False),
    sa.CheckConstraint("direction IN ('in', 'out')", name=op.f('ck_claim_direction_known')),
    sa.CheckConstraint("state IN ('waiting', 'confirmed', 'refused', 'lapsed')", name=op.f('ck_claim_state_known')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_claim_person_id_person'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['shift_id'], ['shift.id'], name=op.f('fk_claim_shift_id_shift'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_claim')),
    sa.UniqueConstraint('public_id', name=op.f('uq_claim_public_id'))
    )
    with op.batch_alter_table('claim', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_claim_person_id'), ['person_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_claim_shift_id_state'), ['shift_id', 'state'], unique=False)
        batch_op.create_index(batch_op.f('ix_claim_state_settle_by_on'), ['state', 'settle_by_on'], unique=False)
        batch_op.create_index('uq_claim_waiting', ['shift_id', 'person_id', 'direction'], unique=True, sqlite_where=sa.text("state = 'waiting'"), postgresql_where=sa.text("state = 'waiting'"))

    op.create_table('walk_in',
    sa.Column('shift_id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=36), nullable=False),
    sa.Column('way', sa.String(length=10), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('phone', sa.String(length=20), nullable=False),
    sa.Column('role', sa.String(length=10), nullable=False),
    sa.Column('in_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('out_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('settle_by_on', sa.Date(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recorded_by_id', sa.Integer(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_by_id', sa.Integer(), nullable=True),
    sa.Column('reason', sa.String(length=30), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=10), nullable=False),
    sa.CheckConstraint("role IN ('attendee', 'volunteer')", name=op.f('ck_walk_in_role_known')),
    sa.CheckConstraint("state <> 'admitted' OR person_id IS NOT NULL", name=op.f('ck_walk_in_admitted_is_known')),
    sa.CheckConstraint("state IN ('waiting', 'admitted', 'refused', 'lapsed')", name=op.f('ck_walk_in_state_known')),
    sa.CheckConstraint("way IN ('code', 'digits', 'camera', 'manual', 'paper', 'claim', 'kiosk', 'rule', 'confirmed', 'lapsed', 'annulled')", name=op.f('ck_walk_in_way_known')),
    sa.CheckConstraint('out_at IS NULL OR in_at <= out_at', name=op.f('ck_walk_in_out_after_in')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_walk_in_person_id_person'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['shift_id'], ['shift.id'], name=op.f('fk_walk_in_shift_id_shift'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_walk_in')),
    sa.UniqueConstraint('key', name=op.f('uq_walk_in_key')),
    sa.UniqueConstraint('public_id', name=op.f('uq_walk_in_public_id'))
    )
    with op.batch_alter_table('walk_in', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_walk_in_person_id'), ['person_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_walk_in_shift_id_state'), ['shift_id', 'state'], unique=False)
        batch_op.create_index(batch_op.f('ix_walk_in_state_settle_by_on'), ['state', 'settle_by_on'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('walk_in', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_walk_in_state_settle_by_on'))
        batch_op.drop_index(batch_op.f('ix_walk_in_shift_id_state'))
        batch_op.drop_index(batch_op.f('ix_walk_in_person_id'))

    op.drop_table('walk_in')
    with op.batch_alter_table('claim', schema=None) as batch_op:
        batch_op.drop_index('uq_claim_waiting', sqlite_where=sa.text("state = 'waiting'"), postgresql_where=sa.text("state = 'waiting'"))
        batch_op.drop_index(batch_op.f('ix_claim_state_settle_by_on'))
        batch_op.drop_index(batch_op.f('ix_claim_shift_id_state'))
        batch_op.drop_index(batch_op.f('ix_claim_person_id'))

    op.drop_table('claim')
    with op.batch_alter_table('paper_entry', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_paper_entry_person_id'))

    op.drop_table('paper_entry')
    with op.batch_alter_table('paper_batch', schema=None) as batch_op:
        batch_op.drop_index('uq_paper_batch_open', sqlite_where=sa.text("state <> 'released'"), postgresql_where=sa.text("state <> 'released'"))
        batch_op.drop_index(batch_op.f('ix_paper_batch_state'))
        batch_op.drop_index(batch_op.f('ix_paper_batch_sheet_id'))

    op.drop_table('paper_batch')
    set_ways(BEFORE)
