"""Close-outs: what a shift came to, told once.

Open crowds and their headcounts (stated, or tallied on a phone); the close-out of a shift with output
counters by unit, evaluation and photos; figures of headcounts. No activity was an open crowd before, so
the figures that are rolled up hold as they are.
"""

from __future__ import annotations

import re

import sqlalchemy as sa
from alembic import op

revision = '0026'
down_revision = '0025'
branch_labels = None
depends_on = None

OUTPUT = 'output_counter'
SUMS = ('counted', 'estimated', 'headcounts', 'uncounted')
# Code, Chinese and English name, unit in both, kinds of activities that usually have it.
COUNTERS = (
    ('piles', '清理乱堆放', 'Piles cleared', '处', 'places', ('environment',)),
    ('corners', '清理卫生死角', 'Neglected corners cleaned', '处', 'places', ('environment',)),
    ('waste', '清运垃圾', 'Waste carried away', '吨', 't', ('environment',)),
    ('bikes', '摆放单车', 'Bicycles put in order', '辆', 'bicycles', ('environment', 'order')),
    ('dissuaded', '劝导不文明行为', 'Asked to behave', '次', 'times', ('order', 'safety')),
    ('hazards', '排查隐患', 'Hazards found', '处', 'places', ('safety',)),
    ('visited', '探访', 'Households visited', '户', 'households', ('visits', 'care')),
    ('errands', '帮办代办', 'Errands done', '件', 'errands', ('care', 'visits', 'fair')),
    ('repairs', '义务维修', 'Things repaired', '件', 'things', ('care', 'fair')),
    ('haircuts', '义务理发', 'Haircuts', '人', 'persons', ('care', 'fair')),
    ('leaflets', '发放宣传资料', 'Leaflets handed out', '份', 'leaflets', ('publicity', 'theory', 'science', 'education')),
    ('answered', '解答咨询', 'Questions answered', '人次', 'times', ('publicity', 'science', 'education', 'fair')),
    ('lent', '借阅图书', 'Books lent', '本', 'books', ('reading',)),
    ('acts', '文艺节目', 'Acts performed', '个', 'acts', ('culture', 'festival', 'heritage')),
    ('sold', '爱心义卖', 'Charity sale', '元', 'yuan', ('fair',)),
)


def upgrade() -> None:
    let_values_be('term', 'vocabulary', add=OUTPUT)
    op.create_table('term_unit',
    sa.Column('term_id', sa.Integer(), nullable=False),
    sa.Column('name_zh', sa.String(length=10), nullable=False),
    sa.Column('name_en', sa.String(length=20), nullable=False),
    sa.ForeignKeyConstraint(['term_id'], ['term.id'], name=op.f('fk_term_unit_term_id_term'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('term_id', name=op.f('pk_term_unit'))
    )
    op.create_table('headcount',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('shift_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('method', sa.String(length=10), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("method IN ('counted', 'estimated')", name=op.f('ck_headcount_method_known')),
    sa.CheckConstraint('number BETWEEN 0 AND 1000000', name=op.f('ck_headcount_number_bounded')),
    sa.ForeignKeyConstraint(['shift_id'], ['shift.id'], name=op.f('fk_headcount_shift_id_shift'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_headcount'))
    )
    op.create_index(op.f('ix_headcount_shift_id'), 'headcount', ['shift_id'], unique=False)
    op.create_table('tally_mark',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('shift_id', sa.Integer(), nullable=False),
    sa.Column('mark_id', sa.String(length=36), nullable=False),
    sa.Column('amount', sa.SmallInteger(), nullable=False),
    sa.Column('counted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('amount BETWEEN -50 AND 50 AND amount <> 0', name=op.f('ck_tally_mark_amount_bounded')),
    sa.ForeignKeyConstraint(['shift_id'], ['shift.id'], name=op.f('fk_tally_mark_shift_id_shift'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tally_mark')),
    sa.UniqueConstraint('shift_id', 'mark_id', name=op.f('uq_tally_mark_shift_id_mark_id'))
    )
    op.create_table('closeout',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('shift_id', sa.Integer(), nullable=False),
    sa.Column('version', sa.SmallInteger(), nullable=False),
    sa.Column('outcome', sa.String(length=10), nullable=False),
    sa.Column('quality', sa.SmallInteger(), nullable=True),
    sa.Column('headcount_id', sa.Integer(), nullable=True),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("outcome IN ('reported', 'nothing')", name=op.f('ck_closeout_outcome_known')),
    sa.CheckConstraint('quality BETWEEN 1 AND 5', name=op.f('ck_closeout_quality_known')),
    sa.CheckConstraint("outcome = 'reported' OR (headcount_id IS NULL AND quality IS NULL)", name=op.f('ck_closeout_nothing_is_nothing')),
    sa.ForeignKeyConstraint(['headcount_id'], ['headcount.id'], name=op.f('fk_closeout_headcount_id_headcount'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['shift_id'], ['shift.id'], name=op.f('fk_closeout_shift_id_shift'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_closeout')),
    sa.UniqueConstraint('shift_id', 'version', name=op.f('uq_closeout_shift_id_version'))
    )
    op.create_table('closeout_count',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('closeout_id', sa.Integer(), nullable=False),
    sa.Column('term_id', sa.Integer(), nullable=False),
    sa.Column('hundredths', sa.Integer(), nullable=False),
    sa.CheckConstraint('hundredths BETWEEN 1 AND 99999999', name=op.f('ck_closeout_count_amount_bounded')),
    sa.ForeignKeyConstraint(['closeout_id'], ['closeout.id'], name=op.f('fk_closeout_count_closeout_id_closeout'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['term_id'], ['term.id'], name=op.f('fk_closeout_count_term_id_term'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_closeout_count')),
    sa.UniqueConstraint('closeout_id', 'term_id', name=op.f('uq_closeout_count_closeout_id_term_id'))
    )
    op.create_table('closeout_photo',
    sa.Column('shift_id', sa.Integer(), nullable=False),
    sa.Column('file_id', sa.Integer(), nullable=False),
    sa.Column('shown', sa.String(length=10), nullable=False),
    sa.Column('added_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('added_by_id', sa.Integer(), nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=10), nullable=False),
    sa.CheckConstraint("shown IN ('nobody', 'agreed')", name=op.f('ck_closeout_photo_shown_known')),
    sa.ForeignKeyConstraint(['file_id'], ['stored_file.id'], name=op.f('fk_closeout_photo_file_id_stored_file'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['shift_id'], ['shift.id'], name=op.f('fk_closeout_photo_shift_id_shift'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_closeout_photo')),
    sa.UniqueConstraint('file_id', name=op.f('uq_closeout_photo_file_id')),
    sa.UniqueConstraint('public_id', name=op.f('uq_closeout_photo_public_id'))
    )
    op.create_index(op.f('ix_closeout_photo_shift_id'), 'closeout_photo', ['shift_id'], unique=False)
    op.create_table('closeout_reminder',
    sa.Column('shift_id', sa.Integer(), nullable=False),
    sa.Column('reminded_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['shift_id'], ['shift.id'], name=op.f('fk_closeout_reminder_shift_id_shift'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('shift_id', name=op.f('pk_closeout_reminder'))
    )
    with op.batch_alter_table('offering', schema=None) as batch_op:
        batch_op.add_column(sa.Column('open_crowd', sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table('figure_cell', schema=None) as batch_op:
        for name in SUMS:
            batch_op.add_column(sa.Column(name, sa.Integer(), nullable=False, server_default='0'))
    take_defaults_away()
    add_counters()


def downgrade() -> None:
    with op.batch_alter_table('figure_cell', schema=None) as batch_op:
        for name in reversed(SUMS):
            batch_op.drop_column(name)
    with op.batch_alter_table('offering', schema=None) as batch_op:
        batch_op.drop_column('open_crowd')
    op.drop_table('closeout_reminder')
    op.drop_index(op.f('ix_closeout_photo_shift_id'), table_name='closeout_photo')
    op.drop_table('closeout_photo')
    op.drop_table('closeout_count')
    op.drop_table('closeout')
    op.drop_table('tally_mark')
    op.drop_index(op.f('ix_headcount_shift_id'), table_name='headcount')
    op.drop_table('headcount')
    op.drop_table('term_unit')
    op.execute(
        "DELETE FROM term_link WHERE to_id IN (SELECT id FROM term WHERE vocabulary = 'output_counter')"
    )
    op.execute("DELETE FROM term WHERE vocabulary = 'output_counter'")
    let_values_be('term', 'vocabulary', drop=OUTPUT)


def let_values_be(table: str, column: str, *, add: str = '', drop: str = '') -> None:
    """Put the CHECK on the column anew: with the values that stand there, and one more or less."""
    name = f'ck_{table}_{column}_known'
    checks = sa.inspect(op.get_bind()).get_check_constraints(table)
    rule = next(check['sqltext'] for check in checks if check['name'] == name)
    known = [value for value in re.findall(r"'([a-z_]+)'", rule) if value != drop]
    values = ', '.join(f"'{value}'" for value in [*known, *([add] if add else [])])
    with op.batch_alter_table(table, schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f(name), type_='check')
        batch_op.create_check_constraint(batch_op.f(name), f'{column} IN ({values})')


def take_defaults_away() -> None:
    """They were for the rows that were there before."""
    for table, columns in (('offering', ('open_crowd',)), ('figure_cell', SUMS)):
        with op.batch_alter_table(table, schema=None) as batch_op:
            for column in columns:
                batch_op.alter_column(column, server_default=None)


def add_counters() -> None:
    """Add the counters where there are terms at all; an empty database is seeded later."""
    connection = op.get_bind()
    kinds = dict(
        connection.execute(
            sa.text("SELECT code, id FROM term WHERE vocabulary = 'activity_kind'")
        ).tuples().all()
    )
    if not kinds:
        return
    row = sa.text(
        'INSERT INTO term (vocabulary, code, name_zh, name_en, position, active) '
        "VALUES ('output_counter', :code, :zh, :en, :position, :active) RETURNING id"
    )
    unit = sa.text('INSERT INTO term_unit (term_id, name_zh, name_en) VALUES (:id, :zh, :en)')
    link = sa.text('INSERT INTO term_link (from_id, to_id) VALUES (:kind, :id)')
    for position, (code, zh, en, unit_zh, unit_en, of_kinds) in enumerate(COUNTERS):
        values = {'code': code, 'zh': zh, 'en': en, 'position': position, 'active': True}
        term_id = connection.execute(row, values).scalar_one()
        connection.execute(unit, {'id': term_id, 'zh': unit_zh, 'en': unit_en})
        for kind in of_kinds:
            if kind in kinds:
                connection.execute(link, {'kind': kinds[kind], 'id': term_id})
