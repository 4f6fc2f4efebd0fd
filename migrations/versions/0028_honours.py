"""A record beyond hours.

Honours, evaluations, star levels that were recognised, and what was entered in the national system;
the lists of levels of honours and of qualities.
"""

from __future__ import annotations

import re

import sqlalchemy as sa
from alembic import op

revision = '0028'
down_revision = '0027'
branch_labels = None
depends_on = None

# Vocabulary -> code, Chinese, English.
TERMS = {
    'honour_level': (
        ('nation', '国家级', 'National'),
        ('province', '省级', 'Provincial'),
        ('city', '市级', 'City'),
        ('district', '区级', 'District'),
        ('street', '街道级', 'Street'),
        ('community', '社区级', 'Community'),
        ('unit', '单位或社会组织', 'A unit or an organisation'),
    ),
    'quality': (
        ('excellent', '优秀', 'Excellent'),
        ('good', '良好', 'Good'),
        ('fair', '合格', 'Fair'),
        ('poor', '待改进', 'To be improved'),
    ),
}


def upgrade() -> None:
    let_values_be('term', 'vocabulary', add=tuple(TERMS))
    op.create_table('honour',
    sa.Column('subject_kind', sa.String(length=10), nullable=False),
    sa.Column('subject_id', sa.Integer(), nullable=False),
    sa.Column('station_id', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(length=60), nullable=False),
    sa.Column('level_id', sa.Integer(), nullable=False),
    sa.Column('given_on', sa.Date(), nullable=False),
    sa.Column('issuer', sa.String(length=60), nullable=False),
    sa.Column('document_no', sa.String(length=40), nullable=False),
    sa.Column('recorded_by_id', sa.Integer(), nullable=True),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('withdrawn_by_id', sa.Integer(), nullable=True),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=10), nullable=False),
    sa.CheckConstraint("subject_kind IN ('person', 'family', 'team', 'project', 'unit', 'community')", name=op.f('ck_honour_subject_kind_known')),
    sa.ForeignKeyConstraint(['level_id'], ['term.id'], name=op.f('fk_honour_level_id_term'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['station_id'], ['station.id'], name=op.f('fk_honour_station_id_station'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_honour')),
    sa.UniqueConstraint('public_id', name=op.f('uq_honour_public_id'))
    )
    with op.batch_alter_table('honour', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_honour_station_id_given_on'), ['station_id', 'given_on'], unique=False)
        batch_op.create_index('uq_honour_live', ['subject_kind', 'subject_id', 'title', 'given_on'], unique=True, sqlite_where=sa.text('withdrawn_at IS NULL'), postgresql_where=sa.text('withdrawn_at IS NULL'))

    op.create_table('upstream_batch',
    sa.Column('station_id', sa.Integer(), nullable=False),
    sa.Column('first_on', sa.Date(), nullable=False),
    sa.Column('last_on', sa.Date(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('entries', sa.Integer(), nullable=False),
    sa.Column('corrections', sa.Integer(), nullable=False),
    sa.Column('persons', sa.Integer(), nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.Column('made_by_id', sa.Integer(), nullable=True),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('handed_in_on', sa.Date(), nullable=True),
    sa.Column('confirmed_on', sa.Date(), nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=10), nullable=False),
    sa.CheckConstraint("state IN ('made', 'handed_in', 'confirmed', 'failed')", name=op.f('ck_upstream_batch_state_known')),
    sa.CheckConstraint('entries + corrections > 0', name=op.f('ck_upstream_batch_not_empty')),
    sa.CheckConstraint('first_on <= last_on', name=op.f('ck_upstream_batch_ends_after_start')),
    sa.ForeignKeyConstraint(['station_id'], ['station.id'], name=op.f('fk_upstream_batch_station_id_station'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_upstream_batch')),
    sa.UniqueConstraint('public_id', name=op.f('uq_upstream_batch_public_id'))
    )
    with op.batch_alter_table('upstream_batch', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_upstream_batch_station_id_made_at'), ['station_id', 'made_at'], unique=False)

    op.create_table('star_recognition',
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('level', sa.SmallInteger(), nullable=False),
    sa.Column('hours', sa.Integer(), nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.Column('recognised_by_id', sa.Integer(), nullable=True),
    sa.Column('recognised_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('withdrawn_by_id', sa.Integer(), nullable=True),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=10), nullable=False),
    sa.CheckConstraint('level BETWEEN 1 AND 9', name=op.f('ck_star_recognition_level_known')),
    sa.CheckConstraint('minutes >= hours * 60', name=op.f('ck_star_recognition_reached')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_star_recognition_person_id_person'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_star_recognition')),
    sa.UniqueConstraint('public_id', name=op.f('uq_star_recognition_public_id'))
    )
    with op.batch_alter_table('star_recognition', schema=None) as batch_op:
        batch_op.create_index('uq_star_recognition_live', ['person_id', 'level'], unique=True, sqlite_where=sa.text('withdrawn_at IS NULL'), postgresql_where=sa.text('withdrawn_at IS NULL'))

    op.create_table('evaluation',
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('shift_id', sa.Integer(), nullable=True),
    sa.Column('station_id', sa.Integer(), nullable=False),
    sa.Column('first_on', sa.Date(), nullable=False),
    sa.Column('last_on', sa.Date(), nullable=False),
    sa.Column('quality_id', sa.Integer(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('entered_by_id', sa.Integer(), nullable=True),
    sa.Column('entered_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=10), nullable=False),
    sa.CheckConstraint('first_on <= last_on', name=op.f('ck_evaluation_ends_after_start')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_evaluation_person_id_person'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['quality_id'], ['term.id'], name=op.f('fk_evaluation_quality_id_term'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['shift_id'], ['shift.id'], name=op.f('fk_evaluation_shift_id_shift'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['station_id'], ['station.id'], name=op.f('fk_evaluation_station_id_station'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_evaluation')),
    sa.UniqueConstraint('public_id', name=op.f('uq_evaluation_public_id'))
    )
    with op.batch_alter_table('evaluation', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_evaluation_due_on'), ['due_on'], unique=False)
        batch_op.create_index(batch_op.f('ix_evaluation_shift_id'), ['shift_id'], unique=False)
        batch_op.create_index('uq_evaluation_period', ['person_id', 'station_id', 'first_on', 'last_on'], unique=True, sqlite_where=sa.text('shift_id IS NULL'), postgresql_where=sa.text('shift_id IS NULL'))
        batch_op.create_index('uq_evaluation_shift', ['person_id', 'shift_id'], unique=True, sqlite_where=sa.text('shift_id IS NOT NULL'), postgresql_where=sa.text('shift_id IS NOT NULL'))

    op.create_table('upstream_entry',
    sa.Column('batch_id', sa.Integer(), nullable=False),
    sa.Column('entry_id', sa.Integer(), nullable=False),
    sa.Column('released_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['batch_id'], ['upstream_batch.id'], name=op.f('fk_upstream_entry_batch_id_upstream_batch'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['entry_id'], ['ledger_entry.id'], name=op.f('fk_upstream_entry_entry_id_ledger_entry'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('batch_id', 'entry_id', name=op.f('pk_upstream_entry'))
    )
    with op.batch_alter_table('upstream_entry', schema=None) as batch_op:
        batch_op.create_index('uq_upstream_entry_live', ['entry_id'], unique=True, sqlite_where=sa.text('released_at IS NULL'), postgresql_where=sa.text('released_at IS NULL'))

    add_terms()


def downgrade() -> None:
    with op.batch_alter_table('upstream_entry', schema=None) as batch_op:
        batch_op.drop_index('uq_upstream_entry_live', sqlite_where=sa.text('released_at IS NULL'), postgresql_where=sa.text('released_at IS NULL'))

    op.drop_table('upstream_entry')
    with op.batch_alter_table('evaluation', schema=None) as batch_op:
        batch_op.drop_index('uq_evaluation_shift', sqlite_where=sa.text('shift_id IS NOT NULL'), postgresql_where=sa.text('shift_id IS NOT NULL'))
        batch_op.drop_index('uq_evaluation_period', sqlite_where=sa.text('shift_id IS NULL'), postgresql_where=sa.text('shift_id IS NULL'))
        batch_op.drop_index(batch_op.f('ix_evaluation_shift_id'))
        batch_op.drop_index(batch_op.f('ix_evaluation_due_on'))

    op.drop_table('evaluation')
    with op.batch_alter_table('star_recognition', schema=None) as batch_op:
        batch_op.drop_index('uq_star_recognition_live', sqlite_where=sa.text('withdrawn_at IS NULL'), postgresql_where=sa.text('withdrawn_at IS NULL'))

    op.drop_table('star_recognition')
    with op.batch_alter_table('upstream_batch', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_upstream_batch_station_id_made_at'))

    op.drop_table('upstream_batch')
    with op.batch_alter_table('honour', schema=None) as batch_op:
        batch_op.drop_index('uq_honour_live', sqlite_where=sa.text('withdrawn_at IS NULL'), postgresql_where=sa.text('withdrawn_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_honour_station_id_given_on'))

    op.drop_table('honour')
    for vocabulary in TERMS:
        op.get_bind().execute(sa.text('DELETE FROM term WHERE vocabulary = :name'), {'name': vocabulary})
    let_values_be('term', 'vocabulary', drop=tuple(TERMS))


def let_values_be(
    table: str, column: str, *, add: tuple[str, ...] = (), drop: tuple[str, ...] = ()
) -> None:
    """Put the CHECK on the column anew: with the values that stand there, and some more or less."""
    name = f'ck_{table}_{column}_known'
    checks = sa.inspect(op.get_bind()).get_check_constraints(table)
    rule = next(check['sqltext'] for check in checks if check['name'] == name)
    known = [value for value in re.findall(r"'([a-z_]+)'", rule) if value not in drop]
    values = ', '.join(f"'{value}'" for value in [*known, *add])
    with op.batch_alter_table(table, schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f(name), type_='check')
        batch_op.create_check_constraint(batch_op.f(name), f'{column} IN ({values})')


def add_terms() -> None:
    """Add the entries where there are terms at all; an empty database is seeded later."""
    connection = op.get_bind()
    if not connection.execute(sa.text('SELECT count(*) FROM term')).scalar_one():
        return
    row = sa.text(
        'INSERT INTO term (vocabulary, code, name_zh, name_en, position, active) '
        'VALUES (:vocabulary, :code, :zh, :en, :position, :active)'
    )
    for vocabulary, entries in TERMS.items():
        for position, (code, zh, en) in enumerate(entries):
            values = {'code': code, 'zh': zh, 'en': en, 'position': position, 'active': True}
            connection.execute(row, {'vocabulary': vocabulary, **values})
