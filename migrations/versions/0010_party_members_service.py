"""party members' service.

Reporting to a community, the ways into a branch, and a consent of its own to the membership.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None

BEFORE = ('notice', 'id_number', 'publication')
PARTY = 'party'


def upgrade() -> None:
    let_consent_be(*BEFORE, PARTY)
    op.create_table('community_report',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('station_id', sa.Integer(), nullable=False),
    sa.Column('period_on', sa.Date(), nullable=False),
    sa.Column('reported_on', sa.Date(), nullable=False),
    sa.Column('way', sa.String(length=10), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("way IN ('own', 'desk')", name=op.f('ck_community_report_way_known')),
    sa.CheckConstraint('reported_on >= period_on', name=op.f('ck_community_report_within_period')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_community_report_person_id_person'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['station_id'], ['station.id'], name=op.f('fk_community_report_station_id_station'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_community_report')),
    sa.UniqueConstraint('person_id', 'period_on', name=op.f('uq_community_report_person_id_period_on'))
    )
    with op.batch_alter_table('community_report', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_community_report_station_id_reported_on'), ['station_id', 'reported_on'], unique=False)

    op.create_table('community_tie',
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('station_id', sa.Integer(), nullable=False),
    sa.Column('shown', sa.Boolean(), nullable=False),
    sa.Column('since_on', sa.Date(), nullable=False),
    sa.Column('ended_on', sa.Date(), nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=10), nullable=False),
    sa.CheckConstraint('ended_on IS NULL OR ended_on >= since_on', name=op.f('ck_community_tie_ends_after_begin')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_community_tie_person_id_person'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['station_id'], ['station.id'], name=op.f('fk_community_tie_station_id_station'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_community_tie')),
    sa.UniqueConstraint('public_id', name=op.f('uq_community_tie_public_id'))
    )
    with op.batch_alter_table('community_tie', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_community_tie_station_id'), ['station_id'], unique=False)
        batch_op.create_index('uq_community_tie_live', ['person_id'], unique=True, sqlite_where=sa.text('ended_on IS NULL'), postgresql_where=sa.text('ended_on IS NULL'))

    op.create_table('report_reminder',
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('period_on', sa.Date(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_report_reminder_person_id_person'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('person_id', 'period_on', name=op.f('pk_report_reminder'))
    )
    op.create_table('community_tie_term',
    sa.Column('tie_id', sa.Integer(), nullable=False),
    sa.Column('term_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['term_id'], ['term.id'], name=op.f('fk_community_tie_term_term_id_term'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['tie_id'], ['community_tie.id'], name=op.f('fk_community_tie_term_tie_id_community_tie'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('tie_id', 'term_id', name=op.f('pk_community_tie_term'))
    )
    op.create_table('membership_import',
    sa.Column('branch_id', sa.Integer(), nullable=False),
    sa.Column('uploaded_by_id', sa.Integer(), nullable=False),
    sa.Column('uploaded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('rows_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=10), nullable=False),
    sa.ForeignKeyConstraint(['branch_id'], ['party_branch.id'], name=op.f('fk_membership_import_branch_id_party_branch'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['uploaded_by_id'], ['person.id'], name=op.f('fk_membership_import_uploaded_by_id_person'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_membership_import')),
    sa.UniqueConstraint('public_id', name=op.f('uq_membership_import_public_id'))
    )
    with op.batch_alter_table('membership_import', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_membership_import_uploaded_at'), ['uploaded_at'], unique=False)

    op.create_table('membership_request',
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('branch_id', sa.Integer(), nullable=False),
    sa.Column('since_on', sa.Date(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('refused_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=10), nullable=False),
    sa.ForeignKeyConstraint(['branch_id'], ['party_branch.id'], name=op.f('fk_membership_request_branch_id_party_branch'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_membership_request_person_id_person'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_membership_request')),
    sa.UniqueConstraint('person_id', name=op.f('uq_membership_request_person_id')),
    sa.UniqueConstraint('public_id', name=op.f('uq_membership_request_public_id'))
    )
    with op.batch_alter_table('membership_request', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_membership_request_branch_id'), ['branch_id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('membership_request', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_membership_request_branch_id'))

    op.drop_table('membership_request')
    with op.batch_alter_table('membership_import', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_membership_import_uploaded_at'))

    op.drop_table('membership_import')
    op.drop_table('community_tie_term')
    op.drop_table('report_reminder')
    with op.batch_alter_table('community_tie', schema=None) as batch_op:
        batch_op.drop_index('uq_community_tie_live', sqlite_where=sa.text('ended_on IS NULL'), postgresql_where=sa.text('ended_on IS NULL'))
        batch_op.drop_index(batch_op.f('ix_community_tie_station_id'))

    op.drop_table('community_tie')
    with op.batch_alter_table('community_report', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_community_report_station_id_reported_on'))

    op.drop_table('community_report')
    # The rows of a kind that is no longer known cannot stay; the trigger is made anew afterwards.
    on_table = ' ON consent' if op.get_bind().dialect.name == 'postgresql' else ''
    op.execute(f'DROP TRIGGER IF EXISTS consent_refuses_delete{on_table}')
    op.execute(f"DELETE FROM consent WHERE kind = '{PARTY}'")  # noqa: S608  own constant
    let_consent_be(*BEFORE)


def let_consent_be(*known: str) -> None:
    """Put the CHECK on the kinds of consent anew."""
    rule = 'kind IN ({})'.format(', '.join(f"'{name}'" for name in known))
    with op.batch_alter_table('consent', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_consent_kind_known'), type_='check')
        batch_op.create_check_constraint(batch_op.f('ck_consent_kind_known'), rule)
