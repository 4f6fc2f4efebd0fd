"""what wishes reach.

Stored pictures; photos and stories of fulfilled wishes; paired units that see unclaimed ones, and the
weekly letter; which skill helps with which kind of wish. A district that is there already gets the
links it would begin with today. A wish filed before has no day by which it was to be verified.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

HELPS_WITH = (
    ('medical', 'health'),
    ('repair', 'repair'),
    ('repair', 'place'),
    ('teaching', 'study'),
    ('art', 'culture'),
    ('calligraphy', 'culture'),
    ('calligraphy', 'study'),
    ('psychology', 'company'),
    ('driving', 'errand'),
    ('photo', 'culture'),
    ('dialect', 'company'),
    ('haircut', 'health'),
    ('computer', 'repair'),
    ('computer', 'study'),
    ('law', 'errand'),
)


def upgrade() -> None:
    op.create_table('stored_file',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('media_type', sa.String(length=40), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.Column('small', sa.LargeBinary(), nullable=False),
    sa.Column('added_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('length(small) <= 61440', name=op.f('ck_stored_file_small_is_small')),
    sa.CheckConstraint('size BETWEEN 1 AND 8388608', name=op.f('ck_stored_file_size_bounded')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stored_file'))
    )
    op.create_table('term_link',
    sa.Column('from_id', sa.Integer(), nullable=False),
    sa.Column('to_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['from_id'], ['term.id'], name=op.f('fk_term_link_from_id_term'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['to_id'], ['term.id'], name=op.f('fk_term_link_to_id_term'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('from_id', 'to_id', name=op.f('pk_term_link'))
    )
    with op.batch_alter_table('term_link', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_term_link_to_id'), ['to_id'], unique=False)

    op.create_table('wish_digest',
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('wanted', sa.Boolean(), nullable=True),
    sa.Column('week_on', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_wish_digest_person_id_person'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('person_id', name=op.f('pk_wish_digest'))
    )
    op.create_table('wish_digest_item',
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('wish_id', sa.Integer(), nullable=False),
    sa.Column('is_near', sa.Boolean(), nullable=False),
    sa.Column('skill_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_wish_digest_item_person_id_person'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['skill_id'], ['term.id'], name=op.f('fk_wish_digest_item_skill_id_term'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['wish_id'], ['wish.id'], name=op.f('fk_wish_digest_item_wish_id_wish'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('person_id', 'wish_id', name=op.f('pk_wish_digest_item'))
    )
    with op.batch_alter_table('wish_digest_item', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_wish_digest_item_wish_id'), ['wish_id'], unique=False)

    op.create_table('wish_story',
    sa.Column('wish_id', sa.Integer(), nullable=False),
    sa.Column('with_photo', sa.Boolean(), nullable=False),
    sa.Column('way', sa.String(length=20), nullable=False),
    sa.Column('agreed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('told_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("way IN ('code', 'number_and_phone', 'account', 'call_back')", name=op.f('ck_wish_story_way_known')),
    sa.ForeignKeyConstraint(['wish_id'], ['wish.id'], name=op.f('fk_wish_story_wish_id_wish'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('wish_id', name=op.f('pk_wish_story'))
    )
    with op.batch_alter_table('wish_story', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_wish_story_told_at'), ['told_at'], unique=False)

    op.create_table('wish_unit',
    sa.Column('wish_id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('raised_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['unit_id'], ['civilized_unit.id'], name=op.f('fk_wish_unit_unit_id_civilized_unit'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['wish_id'], ['wish.id'], name=op.f('fk_wish_unit_wish_id_wish'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('wish_id', 'unit_id', name=op.f('pk_wish_unit'))
    )
    with op.batch_alter_table('wish_unit', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_wish_unit_unit_id'), ['unit_id'], unique=False)

    op.create_table('wish_photo',
    sa.Column('pledge_id', sa.Integer(), nullable=False),
    sa.Column('file_id', sa.Integer(), nullable=False),
    sa.Column('shown', sa.String(length=10), nullable=False),
    sa.Column('added_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('added_by_id', sa.Integer(), nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=10), nullable=False),
    sa.CheckConstraint("shown IN ('nobody', 'agreed')", name=op.f('ck_wish_photo_shown_known')),
    sa.ForeignKeyConstraint(['file_id'], ['stored_file.id'], name=op.f('fk_wish_photo_file_id_stored_file'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['pledge_id'], ['pledge.id'], name=op.f('fk_wish_photo_pledge_id_pledge'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_wish_photo')),
    sa.UniqueConstraint('file_id', name=op.f('uq_wish_photo_file_id')),
    sa.UniqueConstraint('public_id', name=op.f('uq_wish_photo_public_id'))
    )
    with op.batch_alter_table('wish_photo', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_wish_photo_pledge_id'), ['pledge_id'], unique=False)

    op.add_column('wish', sa.Column('verify_by', sa.Date(), nullable=True))
    op.add_column('wish', sa.Column('overdue_told_at', sa.DateTime(timezone=True), nullable=True))
    link_terms()


def downgrade() -> None:
    op.drop_column('wish', 'overdue_told_at')
    op.drop_column('wish', 'verify_by')
    for table in (
        'wish_photo', 'wish_unit', 'wish_story', 'wish_digest_item', 'wish_digest', 'term_link',
        'stored_file',
    ):
        op.drop_table(table)


def link_terms() -> None:
    term = sa.table(
        'term', sa.column('id', sa.Integer), sa.column('vocabulary', sa.String),
        sa.column('code', sa.String),
    )
    link = sa.table('term_link', sa.column('from_id', sa.Integer), sa.column('to_id', sa.Integer))
    skill, kind = term.alias('skill'), term.alias('kind')
    for one, other in HELPS_WITH:
        op.execute(link.insert().from_select(
            ['from_id', 'to_id'],
            sa.select(skill.c.id, kind.c.id).join_from(skill, kind, sa.true()).where(
                skill.c.vocabulary == 'skill', skill.c.code == one,
                kind.c.vocabulary == 'wish_kind', kind.c.code == other,
            ),
        ))
