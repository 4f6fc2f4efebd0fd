"""make-ups and corrections.

What is recorded late, or put right: the request with what it claims, and its evidence.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0027'
down_revision = '0026'
branch_labels = None
depends_on = None

OPEN = "state IN ('submitted', 'returned')"


def upgrade() -> None:
    op.create_table('correction',
    sa.Column('form_key', sa.String(length=20), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('station_id', sa.Integer(), nullable=False),
    sa.Column('kind_id', sa.Integer(), nullable=False),
    sa.Column('shift_id', sa.Integer(), nullable=True),
    sa.Column('entry_id', sa.Integer(), nullable=True),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.Column('author_id', sa.Integer(), nullable=False),
    sa.Column('filed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_by_id', sa.Integer(), nullable=True),
    sa.Column('overdue_told_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=10), nullable=False),
    sa.CheckConstraint("kind IN ('make_up', 'correction')", name=op.f('ck_correction_kind_known')),
    sa.CheckConstraint("state IN ('submitted', 'returned', 'approved', 'refused', 'withdrawn')", name=op.f('ck_correction_state_known')),
    sa.CheckConstraint("(kind = 'correction') = (entry_id IS NOT NULL)", name=op.f('ck_correction_names_its_entry')),
    sa.CheckConstraint('starts_at < ends_at', name=op.f('ck_correction_ends_after_start')),
    sa.CheckConstraint("minutes > 0 OR (minutes = 0 AND kind = 'correction')", name=op.f('ck_correction_claims_time')),
    sa.CheckConstraint(f'({OPEN}) = (answered_at IS NULL)', name=op.f('ck_correction_answered_when_not_open')),
    sa.ForeignKeyConstraint(['author_id'], ['person.id'], name=op.f('fk_correction_author_id_person'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['decided_by_id'], ['person.id'], name=op.f('fk_correction_decided_by_id_person'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['entry_id'], ['ledger_entry.id'], name=op.f('fk_correction_entry_id_ledger_entry'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['kind_id'], ['term.id'], name=op.f('fk_correction_kind_id_term'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_correction_person_id_person'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['shift_id'], ['shift.id'], name=op.f('fk_correction_shift_id_shift'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['station_id'], ['station.id'], name=op.f('fk_correction_station_id_station'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_correction')),
    sa.UniqueConstraint('form_key', name=op.f('uq_correction_form_key')),
    sa.UniqueConstraint('public_id', name=op.f('uq_correction_public_id'))
    )
    with op.batch_alter_table('correction', schema=None) as batch_op:
        batch_op.create_index('uq_correction_open_entry', ['entry_id'], unique=True, sqlite_where=sa.text(OPEN), postgresql_where=sa.text(OPEN))
        batch_op.create_index(batch_op.f('ix_correction_station_id_state_due_on'), ['station_id', 'state', 'due_on'], unique=False)
        batch_op.create_index(batch_op.f('ix_correction_state_due_on'), ['state', 'due_on'], unique=False)
        batch_op.create_index(batch_op.f('ix_correction_person_id_id'), ['person_id', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_correction_author_id'), ['author_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_correction_shift_id'), ['shift_id'], unique=False)

    op.create_table('correction_evidence',
    sa.Column('correction_id', sa.Integer(), nullable=False),
    sa.Column('file_id', sa.Integer(), nullable=False),
    sa.Column('added_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('added_by_id', sa.Integer(), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=10), nullable=False),
    sa.ForeignKeyConstraint(['added_by_id'], ['person.id'], name=op.f('fk_correction_evidence_added_by_id_person'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['correction_id'], ['correction.id'], name=op.f('fk_correction_evidence_correction_id_correction'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['file_id'], ['stored_file.id'], name=op.f('fk_correction_evidence_file_id_stored_file'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_correction_evidence')),
    sa.UniqueConstraint('file_id', name=op.f('uq_correction_evidence_file_id')),
    sa.UniqueConstraint('public_id', name=op.f('uq_correction_evidence_public_id'))
    )
    with op.batch_alter_table('correction_evidence', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_correction_evidence_correction_id'), ['correction_id'], unique=False)


def downgrade() -> None:
    op.drop_table('correction_evidence')
    op.drop_table('correction')
