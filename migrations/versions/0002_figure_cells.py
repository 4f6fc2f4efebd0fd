"""figure cells.

One table of sums with the sets of persons behind them, by day and by month, takes the place of
`day_figure` and `person_day`. Nothing is carried over: every day is marked, so that pages compute
it from its records until `tick` has rolled it up again.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

SUMS = (
    'sessions',
    'attendances',
    'applications',
    'registrations',
    'departures',
    'minutes',
    'provisional_minutes',
)


def upgrade() -> None:
    op.create_table('figure_cell',
    sa.Column('grain', sa.String(length=5), nullable=False),
    sa.Column('first_on', sa.Date(), nullable=False),
    sa.Column('station_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('kind_id', sa.Integer(), autoincrement=False, nullable=False),
    *(sa.Column(name, sa.Integer(), nullable=False) for name in SUMS),
    sa.Column('persons', sa.LargeBinary(), nullable=False),
    sa.CheckConstraint("grain IN ('day', 'month')", name=op.f('ck_figure_cell_grain_known')),
    sa.PrimaryKeyConstraint('grain', 'first_on', 'station_id', 'kind_id', name=op.f('pk_figure_cell'))
    )
    mark('SELECT day, station_id FROM day_figure UNION SELECT day, station_id FROM person_day')
    op.drop_table('person_day')
    op.drop_table('day_figure')
    with op.batch_alter_table('volunteer', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_volunteer_applied_at'), ['applied_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_volunteer_left_at'), ['left_at'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('volunteer', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_volunteer_left_at'))
        batch_op.drop_index(batch_op.f('ix_volunteer_applied_at'))

    op.create_table('day_figure',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('station_id', sa.Integer(), nullable=False),
    sa.Column('kind_id', sa.Integer(), autoincrement=False, nullable=False),
    *(sa.Column(name, sa.Integer(), nullable=False) for name in SUMS),
    sa.ForeignKeyConstraint(['station_id'], ['station.id'], name=op.f('fk_day_figure_station_id_station'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('day', 'station_id', 'kind_id', name=op.f('pk_day_figure'))
    )
    op.create_table('person_day',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('station_id', sa.Integer(), nullable=False),
    sa.Column('kind_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_person_day_person_id_person'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['station_id'], ['station.id'], name=op.f('fk_person_day_station_id_station'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('day', 'station_id', 'kind_id', 'person_id', name=op.f('pk_person_day'))
    )
    with op.batch_alter_table('person_day', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_person_day_station_id_day'), ['station_id', 'day'], unique=False)

    mark("SELECT first_on AS day, station_id FROM figure_cell WHERE grain = 'day' AND station_id <> 0")
    op.drop_table('figure_cell')


def mark(cells: str) -> None:
    """Mark each (day, station) of the query once as to be rolled up again."""
    op.execute(
        f'INSERT INTO stale_day (day, station_id) SELECT DISTINCT day, station_id '  # noqa: S608  own queries
        f'FROM ({cells}) AS cell WHERE NOT EXISTS (SELECT 1 FROM stale_day '
        f'WHERE stale_day.day = cell.day AND stale_day.station_id = cell.station_id)'
    )
