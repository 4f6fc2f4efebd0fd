"""imports.

What a table held that somebody sent, from the check to the import.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('import_upload',
    sa.Column('sort', sa.String(length=12), nullable=False),
    sa.Column('station_id', sa.Integer(), nullable=False),
    sa.Column('uploaded_by_id', sa.Integer(), nullable=False),
    sa.Column('uploaded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('row_count', sa.Integer(), nullable=False),
    sa.Column('rows_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('taken_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('taken_count', sa.Integer(), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=10), nullable=False),
    sa.CheckConstraint("sort IN ('persons', 'posts', 'activities')", name=op.f('ck_import_upload_sort_known')),
    sa.CheckConstraint('(taken_at IS NULL) = (rows_sealed IS NOT NULL)', name=op.f('ck_import_upload_rows_until_taken')),
    sa.ForeignKeyConstraint(['station_id'], ['station.id'], name=op.f('fk_import_upload_station_id_station'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['uploaded_by_id'], ['person.id'], name=op.f('fk_import_upload_uploaded_by_id_person'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_import_upload')),
    sa.UniqueConstraint('public_id', name=op.f('uq_import_upload_public_id'))
    )
    with op.batch_alter_table('import_upload', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_import_upload_uploaded_at'), ['uploaded_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_import_upload_uploaded_by_id'), ['uploaded_by_id'], unique=False)


def downgrade() -> None:
    op.drop_table('import_upload')
