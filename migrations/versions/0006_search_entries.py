"""search entries.

The words behind the pairs of the search index, and how they are spelled. A district that is there
already is indexed anew by `tick`, from what its stations wrote.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None

UNSPELLED = sa.text('pinyin IS NULL')


def upgrade() -> None:
    op.create_table('search_entry',
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('subject_id', sa.Integer(), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('pinyin', sa.Text(), nullable=True),
    sa.Column('initials', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('kind', 'subject_id', name=op.f('pk_search_entry'))
    )
    op.create_index('ix_search_entry_unspelled', 'search_entry', ['kind', 'subject_id'], unique=False, sqlite_where=UNSPELLED, postgresql_where=UNSPELLED)


def downgrade() -> None:
    op.drop_table('search_entry')
