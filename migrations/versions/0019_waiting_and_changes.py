"""waiting and changes.

Who waits together, and where a hand has put whoever waits; what was changed about a shift, so that it
can be undone while its notices wait; appeals against what is counted as missed.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('shift_change',
    sa.Column('shift_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('before', sa.JSON(), nullable=False),
    sa.Column('after', sa.JSON(), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('undo_until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=10), nullable=False),
    sa.CheckConstraint("kind IN ('change', 'call_off', 'call_off_all')", name=op.f('ck_shift_change_kind_known')),
    sa.ForeignKeyConstraint(['shift_id'], ['shift.id'], name=op.f('fk_shift_change_shift_id_shift'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_shift_change')),
    sa.UniqueConstraint('public_id', name=op.f('uq_shift_change_public_id'))
    )
    with op.batch_alter_table('shift_change', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_shift_change_shift_id_at'), ['shift_id', 'at'], unique=False)
        batch_op.create_index(batch_op.f('ix_shift_change_undo_until'), ['undo_until'], unique=False)

    op.create_table('signup_party',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('shift_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['shift_id'], ['shift.id'], name=op.f('fk_signup_party_shift_id_shift'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_signup_party'))
    )
    op.create_table('change_row',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('change_id', sa.Integer(), nullable=False),
    sa.Column('signup_id', sa.Integer(), nullable=False),
    sa.Column('before', sa.JSON(), nullable=False),
    sa.Column('after', sa.String(length=12), nullable=False),
    sa.ForeignKeyConstraint(['change_id'], ['shift_change.id'], name=op.f('fk_change_row_change_id_shift_change'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['signup_id'], ['signup.id'], name=op.f('fk_change_row_signup_id_signup'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_change_row'))
    )
    with op.batch_alter_table('change_row', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_change_row_change_id'), ['change_id'], unique=False)

    op.create_table('change_undone',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('change_id', sa.Integer(), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['change_id'], ['shift_change.id'], name=op.f('fk_change_undone_change_id_shift_change'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_change_undone')),
    sa.UniqueConstraint('change_id', name=op.f('uq_change_undone_change_id'))
    )
    op.create_table('appeal',
    sa.Column('signup_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('filed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=10), nullable=False),
    sa.CheckConstraint("state IN ('open', 'granted', 'refused')", name=op.f('ck_appeal_state_known')),
    sa.ForeignKeyConstraint(['signup_id'], ['signup.id'], name=op.f('fk_appeal_signup_id_signup'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_appeal')),
    sa.UniqueConstraint('public_id', name=op.f('uq_appeal_public_id')),
    sa.UniqueConstraint('signup_id', name=op.f('uq_appeal_signup_id'))
    )
    with op.batch_alter_table('appeal', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_appeal_state_id'), ['state', 'id'], unique=False)

    with op.batch_alter_table('signup', schema=None) as batch_op:
        batch_op.add_column(sa.Column('party_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('rank', sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f('ix_signup_party_id'), ['party_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_signup_party_id_signup_party'), 'signup_party', ['party_id'], ['id'], ondelete='RESTRICT')



def downgrade() -> None:
    with op.batch_alter_table('signup', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_signup_party_id_signup_party'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_signup_party_id'))
        batch_op.drop_column('rank')
        batch_op.drop_column('party_id')

    with op.batch_alter_table('appeal', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_appeal_state_id'))

    op.drop_table('appeal')
    op.drop_table('change_undone')
    with op.batch_alter_table('change_row', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_change_row_change_id'))

    op.drop_table('change_row')
    op.drop_table('signup_party')
    with op.batch_alter_table('shift_change', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_shift_change_undo_until'))
        batch_op.drop_index(batch_op.f('ix_shift_change_shift_id_at'))

    op.drop_table('shift_change')
