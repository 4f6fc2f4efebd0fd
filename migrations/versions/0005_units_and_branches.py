"""units and branches.

What a unit is and where it lies, who speaks for it, with whom it is paired; the tree of Party
branches, who is in them and who keeps them. Units that are there already count as institutions.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

KIND_KNOWN = (
    "kind IN ('department', 'institution', 'enterprise', 'school', 'organisation')"
)


def upgrade() -> None:
    op.create_table('pairing',
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('station_id', sa.Integer(), nullable=False),
    sa.Column('since_on', sa.Date(), nullable=False),
    sa.Column('ended_on', sa.Date(), nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=10), nullable=False),
    sa.CheckConstraint('ended_on IS NULL OR ended_on >= since_on', name=op.f('ck_pairing_ends_after_begin')),
    sa.ForeignKeyConstraint(['station_id'], ['station.id'], name=op.f('fk_pairing_station_id_station'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['unit_id'], ['civilized_unit.id'], name=op.f('fk_pairing_unit_id_civilized_unit'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pairing')),
    sa.UniqueConstraint('public_id', name=op.f('uq_pairing_public_id'))
    )
    with op.batch_alter_table('pairing', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_pairing_station_id'), ['station_id'], unique=False)
        batch_op.create_index('uq_pairing_live', ['unit_id', 'station_id'], unique=True, sqlite_where=sa.text('ended_on IS NULL'), postgresql_where=sa.text('ended_on IS NULL'))

    op.create_table('party_branch',
    sa.Column('parent_id', sa.Integer(), nullable=True),
    sa.Column('level', sa.String(length=20), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('station_id', sa.Integer(), nullable=True),
    sa.Column('unit_id', sa.Integer(), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=10), nullable=False),
    sa.CheckConstraint("level IN ('street', 'community', 'grid', 'building', 'centre_household', 'unit_household')", name=op.f('ck_party_branch_level_known')),
    sa.ForeignKeyConstraint(['parent_id'], ['party_branch.id'], name=op.f('fk_party_branch_parent_id_party_branch'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['station_id'], ['station.id'], name=op.f('fk_party_branch_station_id_station'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['unit_id'], ['civilized_unit.id'], name=op.f('fk_party_branch_unit_id_civilized_unit'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_party_branch')),
    sa.UniqueConstraint('name', name=op.f('uq_party_branch_name')),
    sa.UniqueConstraint('public_id', name=op.f('uq_party_branch_public_id'))
    )
    with op.batch_alter_table('party_branch', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_party_branch_parent_id'), ['parent_id'], unique=False)

    op.create_table('unit_liaison',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('appointed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('appointed_by_id', sa.Integer(), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_unit_liaison_person_id_person'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['unit_id'], ['civilized_unit.id'], name=op.f('fk_unit_liaison_unit_id_civilized_unit'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_unit_liaison'))
    )
    with op.batch_alter_table('unit_liaison', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_unit_liaison_person_id'), ['person_id'], unique=False)
        batch_op.create_index('uq_unit_liaison_live', ['unit_id', 'person_id'], unique=True, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))

    op.create_table('branch_secretary',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('branch_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('granted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('granted_by_id', sa.Integer(), nullable=True),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['branch_id'], ['party_branch.id'], name=op.f('fk_branch_secretary_branch_id_party_branch'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_branch_secretary_person_id_person'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_branch_secretary'))
    )
    with op.batch_alter_table('branch_secretary', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_branch_secretary_person_id'), ['person_id'], unique=False)
        batch_op.create_index('uq_branch_secretary_live', ['branch_id', 'person_id'], unique=True, sqlite_where=sa.text('revoked_at IS NULL'), postgresql_where=sa.text('revoked_at IS NULL'))

    op.create_table('party_branch_tree',
    sa.Column('ancestor_id', sa.Integer(), nullable=False),
    sa.Column('descendant_id', sa.Integer(), nullable=False),
    sa.Column('depth', sa.SmallInteger(), nullable=False),
    sa.CheckConstraint('depth BETWEEN 0 AND 5', name=op.f('ck_party_branch_tree_six_levels')),
    sa.ForeignKeyConstraint(['ancestor_id'], ['party_branch.id'], name=op.f('fk_party_branch_tree_ancestor_id_party_branch'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['descendant_id'], ['party_branch.id'], name=op.f('fk_party_branch_tree_descendant_id_party_branch'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('ancestor_id', 'descendant_id', name=op.f('pk_party_branch_tree'))
    )
    with op.batch_alter_table('party_branch_tree', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_party_branch_tree_descendant_id'), ['descendant_id'], unique=False)

    op.create_table('party_member',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('branch_id', sa.Integer(), nullable=False),
    sa.Column('since_on', sa.Date(), nullable=False),
    sa.Column('ended_on', sa.Date(), nullable=True),
    sa.Column('channel', sa.String(length=10), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recorded_by_id', sa.Integer(), nullable=True),
    sa.CheckConstraint("channel IN ('web', 'desk', 'phone', 'paper')", name=op.f('ck_party_member_channel_known')),
    sa.CheckConstraint('ended_on IS NULL OR ended_on >= since_on', name=op.f('ck_party_member_ends_after_begin')),
    sa.ForeignKeyConstraint(['branch_id'], ['party_branch.id'], name=op.f('fk_party_member_branch_id_party_branch'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_party_member_person_id_person'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_party_member'))
    )
    with op.batch_alter_table('party_member', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_party_member_branch_id'), ['branch_id'], unique=False)
        batch_op.create_index('uq_party_member_live', ['person_id'], unique=True, sqlite_where=sa.text('ended_on IS NULL'), postgresql_where=sa.text('ended_on IS NULL'))

    with op.batch_alter_table('civilized_unit', schema=None) as batch_op:
        batch_op.add_column(sa.Column('kind', sa.String(length=20), nullable=False, server_default='institution'))
        batch_op.add_column(sa.Column('station_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('address', sa.String(length=120), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('phone', sa.String(length=30), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.create_check_constraint(batch_op.f('ck_civilized_unit_kind_known'), KIND_KNOWN)
        batch_op.create_index(batch_op.f('ix_civilized_unit_station_id'), ['station_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_civilized_unit_station_id_station'), 'station', ['station_id'], ['id'], ondelete='RESTRICT')
    # Only rows that were there before needed a value of the database's.
    with op.batch_alter_table('civilized_unit', schema=None) as batch_op:
        for name in ('kind', 'address', 'phone'):
            batch_op.alter_column(name, server_default=None)


def downgrade() -> None:
    with op.batch_alter_table('civilized_unit', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_civilized_unit_station_id_station'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('ck_civilized_unit_kind_known'), type_='check')
        batch_op.drop_index(batch_op.f('ix_civilized_unit_station_id'))
        for name in ('closed_at', 'phone', 'address', 'station_id', 'kind'):
            batch_op.drop_column(name)
    for table in (
        'party_member', 'party_branch_tree', 'branch_secretary', 'unit_liaison', 'party_branch',
        'pairing',
    ):
        op.drop_table(table)
