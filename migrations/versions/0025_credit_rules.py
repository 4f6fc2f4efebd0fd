"""versions of the rules by which service time is credited.

What stood in the district's settings becomes version 1, as it holds now. A stay that is too short
for the shift may wait for its leader's word.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import sqlalchemy as sa
from alembic import op

revision = '0025'
down_revision = '0024'
branch_labels = None
depends_on = None

SHORT_STAY = 'short_stay'
# Setting -> column, and what held where nobody had changed it.
MOVED = {
    'credit_grace_minutes': ('grace', 15),
    'rounding': ('rounding', 'down'),
    'rounding_minutes': ('step', 1),
    'day_cap_minutes': ('day_cap', 600),
}


def upgrade() -> None:
    table = op.create_table('credit_rule',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('grace', sa.Integer(), nullable=False),
    sa.Column('rounding', sa.String(length=10), nullable=False),
    sa.Column('step', sa.Integer(), nullable=False),
    sa.Column('minimum_share', sa.Integer(), nullable=False),
    sa.Column('short_stays', sa.String(length=10), nullable=False),
    sa.Column('day_cap', sa.Integer(), nullable=False),
    sa.Column('break_after', sa.Integer(), nullable=False),
    sa.Column('break_minutes', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("rounding IN ('down', 'nearest', 'up')", name=op.f('ck_credit_rule_rounding_known')),
    sa.CheckConstraint("short_stays IN ('flag', 'hold')", name=op.f('ck_credit_rule_short_stays_known')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_credit_rule')),
    sa.UniqueConstraint('version', name=op.f('uq_credit_rule_version'))
    )
    take_settings_over(table)
    let_pending_be(add=SHORT_STAY)


def downgrade() -> None:
    # They go on waiting for somebody's word, by the only name there is for that.
    op.execute("UPDATE visit SET pending = 'no_check_out' WHERE pending = 'short_stay'")
    let_pending_be(drop=SHORT_STAY)
    op.drop_table('credit_rule')


def take_settings_over(table: sa.Table) -> None:
    """Write version 1 down where the district had set figures of its own; else the first holds."""
    connection = op.get_bind()
    setting = sa.table('setting', sa.column('id'), sa.column('key'), sa.column('value', sa.JSON()))
    query = sa.select(setting.c.key, setting.c.value).where(setting.c.key.in_(MOVED))
    rows = connection.execute(query.order_by(setting.c.id)).all()
    if not rows:
        return
    values = dict(MOVED.values())
    values.update({MOVED[key][0]: value for key, value in rows})
    op.bulk_insert(table, [{
        'version': 1,
        'valid_from': date(2000, 1, 1),
        **values,
        'minimum_share': 70,
        'short_stays': 'flag',
        'break_after': 0,
        'break_minutes': 0,
        'reason': '',
        'actor_id': None,
        'at': datetime.now(UTC),
    }])



def let_pending_be(*, add: str = '', drop: str = '') -> None:
    """Put the CHECK on the reason of a provisional visit anew, with one more or less."""
    name = 'ck_visit_pending_known'
    checks = sa.inspect(op.get_bind()).get_check_constraints('visit')
    rule = next(check['sqltext'] for check in checks if check['name'] == name)
    known = [value for value in re.findall(r"'([a-z_]+)'", rule) if value != drop]
    values = ', '.join(f"'{value}'" for value in [*known, *([add] if add else [])])
    with op.batch_alter_table('visit', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f(name), type_='check')
        batch_op.create_check_constraint(batch_op.f(name), f'pending IN ({values})')
