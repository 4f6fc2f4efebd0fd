"""How far a phone's clock was off when it made a scan.

What a phone kept while it had no network reaches us with the phone's own time; how far that clock
was from ours, as the phone last knew it, is kept beside.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Not in batch mode: a rebuilt table loses the triggers that let it only grow.
    op.add_column('scan', sa.Column('skew_seconds', sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column('scan', 'skew_seconds')
