"""search index.

The pairs of a text stand with its entry, and the full-text index of the database lies over them:
FTS5 on SQLite, kept in step by triggers, GIN over a tsvector on PostgreSQL. What is indexed already
is carried over, so that search finds as much after the step as before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import sqlalchemy as sa
from alembic import op

revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None

UNSPELLED = sa.text('pinyin IS NULL')
LETTERS = str.maketrans('0123456789', 'ghijklmnop')
BATCH = 500

FTS5 = """
CREATE VIRTUAL TABLE search_index USING fts5 (
    grams, content = 'search_entry', content_rowid = 'id',
    detail = 'none', columnsize = 0, tokenize = 'ascii'
)
"""
TAKE_OUT = "INSERT INTO search_index (search_index, rowid, grams) VALUES ('delete', OLD.id, OLD.grams);"
PUT_IN = 'INSERT INTO search_index (rowid, grams) VALUES (NEW.id, NEW.grams);'
TRIGGERS = {
    'AFTER INSERT': PUT_IN,
    'AFTER DELETE': TAKE_OUT,
    'AFTER UPDATE OF grams': f'{TAKE_OUT} {PUT_IN}',
}
# By its cost the planner knows that reading a text anew takes as long as asking the index does.
VECTOR = """
CREATE FUNCTION search_vector(grams text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 100000
AS $$ BEGIN RETURN to_tsvector('simple'::regconfig, grams); END $$
"""
GIN = 'CREATE INDEX search_index ON search_entry USING gin (search_vector(grams))'


def upgrade() -> None:
    before = entries()
    op.drop_table('search_gram')
    op.drop_table('search_entry')
    op.create_table('search_entry',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('subject_id', sa.Integer(), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('pinyin', sa.Text(), nullable=True),
    sa.Column('initials', sa.Text(), nullable=True),
    sa.Column('grams', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_search_entry')),
    sa.UniqueConstraint('kind', 'subject_id', name=op.f('uq_search_entry_kind_subject_id'))
    )
    op.create_index('ix_search_entry_unspelled', 'search_entry', ['kind', 'subject_id'], unique=False, sqlite_where=UNSPELLED, postgresql_where=UNSPELLED)
    if op.get_bind().dialect.name == 'sqlite':
        op.execute(FTS5)
        for when, what in TRIGGERS.items():
            verb = when.split()[1].lower()
            op.execute(f'CREATE TRIGGER search_entry_{verb}s_index {when} ON search_entry BEGIN {what} END')
    insert('search_entry', ({**row, 'grams': tokens({str(row['kind']), *grams(row)})} for row in before))
    if op.get_bind().dialect.name == 'postgresql':
        op.execute(VECTOR)
        op.execute(GIN)


def downgrade() -> None:
    before = entries()
    if op.get_bind().dialect.name == 'sqlite':
        op.execute('DROP TABLE search_index')
    op.drop_table('search_entry')
    if op.get_bind().dialect.name == 'postgresql':
        op.execute('DROP FUNCTION search_vector(text)')
    op.create_table('search_entry',
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('subject_id', sa.Integer(), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('pinyin', sa.Text(), nullable=True),
    sa.Column('initials', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('kind', 'subject_id', name=op.f('pk_search_entry'))
    )
    op.create_index('ix_search_entry_unspelled', 'search_entry', ['kind', 'subject_id'], unique=False, sqlite_where=UNSPELLED, postgresql_where=UNSPELLED)
    op.create_table('search_gram',
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('gram', sa.String(length=60), nullable=False),
    sa.Column('subject_id', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('kind', 'gram', 'subject_id', name=op.f('pk_search_gram'))
    )
    op.create_index('ix_search_gram_kind_subject_id', 'search_gram', ['kind', 'subject_id'], unique=False)
    insert('search_entry', before)
    insert('search_gram', (
        {'kind': row['kind'], 'subject_id': row['subject_id'], 'gram': gram}
        for row in before for gram in grams(row)
    ))


def entries() -> list[dict[str, object]]:
    """Read the words of everything: the table is made anew, as no step gives it another key."""
    columns = map(sa.column, ('kind', 'subject_id', 'words', 'pinyin', 'initials'))
    query = sa.select(*columns).select_from(sa.table('search_entry'))
    return [dict(row) for row in op.get_bind().execute(query).mappings()]


def insert(name: str, rows: Iterable[dict[str, object]]) -> None:
    table = sa.Table(name, sa.MetaData(), autoload_with=op.get_bind())
    for batch in batches(rows):
        op.get_bind().execute(table.insert(), batch)


def batches(rows: Iterable[dict[str, object]]) -> Iterator[list[dict[str, object]]]:
    batch: list[dict[str, object]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def grams(row: dict[str, object]) -> set[str]:
    """Return the single characters and the pairs, as `core.grams` did at the time."""
    runs = ' '.join(str(row[name] or '') for name in ('words', 'pinyin', 'initials')).split()
    singles = {character for run in runs for character in run}
    return singles | {run[at : at + 2] for run in runs for at in range(len(run) - 1)}


def tokens(found: set[str]) -> str:
    words = ('z'.join(f'{ord(one):x}' for one in gram) for gram in sorted(found))
    return ' '.join(words).translate(LETTERS)
