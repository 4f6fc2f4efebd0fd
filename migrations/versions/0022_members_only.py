"""An offering may ask for Party members alone, as it asks for an age or a community."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('offering', schema=None) as batch_op:
        batch_op.add_column(sa.Column('members_only', sa.Boolean(), nullable=False, server_default=sa.false()))
    # It was for the rows that were there before.
    with op.batch_alter_table('offering', schema=None) as batch_op:
        batch_op.alter_column('members_only', server_default=None)


def downgrade() -> None:
    with op.batch_alter_table('offering', schema=None) as batch_op:
        batch_op.drop_column('members_only')
