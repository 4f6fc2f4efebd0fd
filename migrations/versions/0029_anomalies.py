"""anomalies.

What stands out in check-ins and hours, for the office to look into; and which browser a check-in
came from, by a random number of one day.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0029'
down_revision = '0028'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('scan_device',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('scan_id', sa.Integer(), nullable=False),
    sa.Column('device', sa.String(length=64), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['scan_id'], ['scan.id'], name=op.f('fk_scan_device_scan_id_scan'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_scan_device')),
    sa.UniqueConstraint('scan_id', name=op.f('uq_scan_device_scan_id'))
    )
    with op.batch_alter_table('scan_device', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_scan_device_at'), ['at'], unique=False)

    op.create_table('anomaly',
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('key', sa.String(length=80), nullable=False),
    sa.Column('station_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('facts', sa.JSON(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('found_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_by_id', sa.Integer(), nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=10), nullable=False),
    sa.CheckConstraint("(state IN ('new', 'talk')) = (decided_at IS NULL)", name=op.f('ck_anomaly_decided_when_not_open')),
    sa.CheckConstraint("kind IN ('burst', 'equal_second', 'round_clock', 'approver', 'back_entry', 'same_device', 'travel', 'unfounded')", name=op.f('ck_anomaly_kind_known')),
    sa.CheckConstraint("state IN ('new', 'talk', 'fine', 'corrected')", name=op.f('ck_anomaly_state_known')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_anomaly_person_id_person'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['station_id'], ['station.id'], name=op.f('fk_anomaly_station_id_station'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_anomaly')),
    sa.UniqueConstraint('key', name=op.f('uq_anomaly_key')),
    sa.UniqueConstraint('public_id', name=op.f('uq_anomaly_public_id'))
    )
    with op.batch_alter_table('anomaly', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_anomaly_station_id_state_day'), ['station_id', 'state', 'day'], unique=False)
        batch_op.create_index(batch_op.f('ix_anomaly_person_id'), ['person_id'], unique=False)

    op.create_table('anomaly_record',
    sa.Column('anomaly_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=6), nullable=False),
    sa.Column('record_id', sa.Integer(), nullable=False),
    sa.CheckConstraint("kind IN ('scan', 'entry')", name=op.f('ck_anomaly_record_kind_known')),
    sa.ForeignKeyConstraint(['anomaly_id'], ['anomaly.id'], name=op.f('fk_anomaly_record_anomaly_id_anomaly'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('anomaly_id', 'kind', 'record_id', name=op.f('pk_anomaly_record'))
    )
    with op.batch_alter_table('anomaly_record', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_anomaly_record_kind_record_id'), ['kind', 'record_id'], unique=False)

    op.create_table('anomaly_run',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('found', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('day', name=op.f('pk_anomaly_run'))
    )


def downgrade() -> None:
    op.drop_table('anomaly_run')
    op.drop_table('anomaly_record')
    op.drop_table('anomaly')
    op.drop_table('scan_device')
