"""Certificates of service minutes.

A certificate keeps how far the ledger went when it was issued; whether it holds is derived from that.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0024'
down_revision = '0023'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('certificate',
    sa.Column('number', sa.String(length=20), nullable=False),
    sa.Column('code_hash', sa.String(length=64), nullable=False),
    sa.Column('code_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('station_id', sa.Integer(), nullable=False),
    sa.Column('from_on', sa.Date(), nullable=False),
    sa.Column('to_on', sa.Date(), nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.Column('entries', sa.Integer(), nullable=False),
    sa.Column('entry_digest', sa.String(length=64), nullable=False),
    sa.Column('name_masked', sa.String(length=4), nullable=False),
    sa.Column('sheet_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('issued_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('issued_by_id', sa.Integer(), nullable=True),
    sa.Column('notice_until', sa.Date(), nullable=True),
    sa.Column('superseded_by_id', sa.Integer(), nullable=True),
    sa.Column('superseded_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revoked_reason', sa.String(length=10), nullable=True),
    sa.Column('change_told_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=10), nullable=False),
    sa.CheckConstraint("revoked_reason IN ('mistake', 'objection', 'untrue', 'asked', 'erased')", name=op.f('ck_certificate_revoked_reason_known')),
    sa.CheckConstraint('from_on <= to_on', name=op.f('ck_certificate_period_in_order')),
    sa.CheckConstraint('minutes > 0 AND entries > 0', name=op.f('ck_certificate_certifies_something')),
    sa.CheckConstraint('(revoked_at IS NULL) = (revoked_reason IS NULL)', name=op.f('ck_certificate_revoked_why')),
    sa.CheckConstraint('(superseded_at IS NULL) = (superseded_by_id IS NULL)', name=op.f('ck_certificate_superseded_by_what')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_certificate_person_id_person'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['station_id'], ['station.id'], name=op.f('fk_certificate_station_id_station'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['superseded_by_id'], ['certificate.id'], name=op.f('fk_certificate_superseded_by_id_certificate'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_certificate')),
    sa.UniqueConstraint('code_hash', name=op.f('uq_certificate_code_hash')),
    sa.UniqueConstraint('number', name=op.f('uq_certificate_number')),
    sa.UniqueConstraint('public_id', name=op.f('uq_certificate_public_id'))
    )
    with op.batch_alter_table('certificate', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_certificate_notice_until'), ['notice_until'], unique=False)
        batch_op.create_index(batch_op.f('ix_certificate_person_id'), ['person_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_certificate_station_id_issued_at'), ['station_id', 'issued_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_certificate_superseded_by_id'), ['superseded_by_id'], unique=False)

    op.create_table('certificate_counter',
    sa.Column('year', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('last', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('year', name=op.f('pk_certificate_counter'))
    )
    op.create_table('certificate_head',
    sa.Column('certificate_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['certificate_id'], ['certificate.id'], name=op.f('fk_certificate_head_certificate_id_certificate'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_certificate_head_person_id_person'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('certificate_id', 'person_id', name=op.f('pk_certificate_head'))
    )
    with op.batch_alter_table('certificate_head', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_certificate_head_person_id'), ['person_id'], unique=False)


def downgrade() -> None:
    op.drop_table('certificate_head')
    op.drop_table('certificate_counter')
    op.drop_table('certificate')
