"""who may sign up.

Ages to a limit, residents of the community only, trainings and skills asked for, how many are
expected; trainings of persons, and which activity gives one; what a guardian agreed to, and who of a
family is the guardian. What a guardian agreed to before stays: to all activities.
"""

from __future__ import annotations

import re
import secrets

import sqlalchemy as sa
from alembic import op

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None

ALPHABET = '23456789abcdefghjkmnpqrstvwxyz'
TRAINING = 'training'
TRAININGS = (
    ('first_aid', '急救', 'First aid', 24),
    ('traffic', '交通引导', 'Traffic guiding', 12),
    ('home_visits', '入户礼仪', 'Manners on home visits', None),
    ('fire', '消防', 'Fire safety', 12),
    ('food', '食品卫生', 'Food hygiene', 12),
    ('children', '未成年人保护', 'Protection of minors', 24),
    ('privacy', '个人信息保护', 'Protection of personal data', None),
)
# Whoever added a minor said that they are the guardian, and the consent was written down by that.
GUARDIANS = sa.text(
    'UPDATE family_member SET is_guardian = :yes WHERE EXISTS (SELECT 1 FROM guardian_consent g '
    'WHERE g.person_id = family_member.person_id AND g.actor_id = family_member.holder_id)'
)


def upgrade() -> None:
    let_values_be('term', 'vocabulary', add=TRAINING)
    op.create_table('term_validity',
    sa.Column('term_id', sa.Integer(), nullable=False),
    sa.Column('months', sa.SmallInteger(), nullable=False),
    sa.CheckConstraint('months BETWEEN 1 AND 120', name=op.f('ck_term_validity_months_known')),
    sa.ForeignKeyConstraint(['term_id'], ['term.id'], name=op.f('fk_term_validity_term_id_term'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('term_id', name=op.f('pk_term_validity'))
    )
    op.create_table('training_record',
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('term_id', sa.Integer(), nullable=False),
    sa.Column('held_on', sa.Date(), nullable=False),
    sa.Column('valid_until', sa.Date(), nullable=True),
    sa.Column('shift_id', sa.Integer(), nullable=True),
    sa.Column('recorded_by_id', sa.Integer(), nullable=True),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revoked_by_id', sa.Integer(), nullable=True),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=10), nullable=False),
    sa.CheckConstraint('valid_until IS NULL OR valid_until >= held_on', name=op.f('ck_training_record_ends_after_start')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_training_record_person_id_person'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['term_id'], ['term.id'], name=op.f('fk_training_record_term_id_term'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_training_record')),
    sa.UniqueConstraint('public_id', name=op.f('uq_training_record_public_id'))
    )
    with op.batch_alter_table('training_record', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_training_record_shift_id'), ['shift_id'], unique=False)
        batch_op.create_index('uq_training_record_live', ['person_id', 'term_id', 'held_on'], unique=True, sqlite_where=sa.text('revoked_at IS NULL'), postgresql_where=sa.text('revoked_at IS NULL'))

    with op.batch_alter_table('offering', schema=None) as batch_op:
        batch_op.add_column(sa.Column('maximum_age', sa.SmallInteger(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('community_only', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column('expected_persons', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('permit_note', sa.String(length=300), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('gives_training_id', sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_offering_gives_training_id_term'), 'term', ['gives_training_id'], ['id'], ondelete='RESTRICT')
        batch_op.create_check_constraint(batch_op.f('ck_offering_maximum_age_known'), 'maximum_age = 0 OR maximum_age BETWEEN minimum_age AND 120')
        batch_op.create_check_constraint(batch_op.f('ck_offering_expected_persons_known'), 'expected_persons >= 0')

    op.create_table('offering_training',
    sa.Column('offering_id', sa.Integer(), nullable=False),
    sa.Column('term_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['offering_id'], ['offering.id'], name=op.f('fk_offering_training_offering_id_offering'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['term_id'], ['term.id'], name=op.f('fk_offering_training_term_id_term'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('offering_id', 'term_id', name=op.f('pk_offering_training'))
    )
    op.create_table('offering_skill',
    sa.Column('offering_id', sa.Integer(), nullable=False),
    sa.Column('term_id', sa.Integer(), nullable=False),
    sa.Column('is_required', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['offering_id'], ['offering.id'], name=op.f('fk_offering_skill_offering_id_offering'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['term_id'], ['term.id'], name=op.f('fk_offering_skill_term_id_term'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('offering_id', 'term_id', name=op.f('pk_offering_skill'))
    )
    with op.batch_alter_table('guardian_consent', schema=None) as batch_op:
        batch_op.add_column(sa.Column('public_id', sa.String(length=10), nullable=True))
        batch_op.add_column(sa.Column('scope', sa.String(length=10), nullable=False, server_default='all'))
        batch_op.add_column(sa.Column('offering_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('until_on', sa.Date(), nullable=True))
        batch_op.create_check_constraint(batch_op.f('ck_guardian_consent_scope_known'), "scope IN ('all', 'offering', 'until')")
        batch_op.create_check_constraint(batch_op.f('ck_guardian_consent_offering_where_for_one'), "(scope = 'offering') = (offering_id IS NOT NULL)")
        batch_op.create_check_constraint(batch_op.f('ck_guardian_consent_day_where_until'), "(scope = 'until') = (until_on IS NOT NULL)")
    with op.batch_alter_table('family_member', schema=None) as batch_op:
        batch_op.add_column(sa.Column('is_guardian', sa.Boolean(), nullable=False, server_default=sa.false()))

    name_consents()
    take_defaults_away()
    op.get_bind().execute(GUARDIANS, {'yes': True})
    add_trainings()


def downgrade() -> None:
    with op.batch_alter_table('family_member', schema=None) as batch_op:
        batch_op.drop_column('is_guardian')
    # A consent to one activity, or until a day, is none to all of them.
    op.execute("DELETE FROM guardian_consent WHERE scope <> 'all'")
    with op.batch_alter_table('guardian_consent', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_guardian_consent_day_where_until'), type_='check')
        batch_op.drop_constraint(batch_op.f('ck_guardian_consent_offering_where_for_one'), type_='check')
        batch_op.drop_constraint(batch_op.f('ck_guardian_consent_scope_known'), type_='check')
        batch_op.drop_constraint(batch_op.f('uq_guardian_consent_public_id'), type_='unique')
        batch_op.drop_column('public_id')
        batch_op.drop_column('until_on')
        batch_op.drop_column('offering_id')
        batch_op.drop_column('scope')
    op.drop_table('offering_skill')
    op.drop_table('offering_training')
    with op.batch_alter_table('offering', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_offering_expected_persons_known'), type_='check')
        batch_op.drop_constraint(batch_op.f('ck_offering_maximum_age_known'), type_='check')
        batch_op.drop_constraint(batch_op.f('fk_offering_gives_training_id_term'), type_='foreignkey')
        batch_op.drop_column('gives_training_id')
        batch_op.drop_column('permit_note')
        batch_op.drop_column('expected_persons')
        batch_op.drop_column('community_only')
        batch_op.drop_column('maximum_age')
    with op.batch_alter_table('training_record', schema=None) as batch_op:
        batch_op.drop_index('uq_training_record_live', sqlite_where=sa.text('revoked_at IS NULL'), postgresql_where=sa.text('revoked_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_training_record_shift_id'))
    op.drop_table('training_record')
    op.drop_table('term_validity')
    op.execute("DELETE FROM term WHERE vocabulary = 'training'")
    let_values_be('term', 'vocabulary', drop=TRAINING)


def let_values_be(table: str, column: str, *, add: str = '', drop: str = '') -> None:
    """Put the CHECK on the column anew: with the values that stand there, and one more or less."""
    name = f'ck_{table}_{column}_known'
    checks = sa.inspect(op.get_bind()).get_check_constraints(table)
    rule = next(check['sqltext'] for check in checks if check['name'] == name)
    known = [value for value in re.findall(r"'([a-z_]+)'", rule) if value != drop]
    values = ', '.join(f"'{value}'" for value in [*known, *([add] if add else [])])
    with op.batch_alter_table(table, schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f(name), type_='check')
        batch_op.create_check_constraint(batch_op.f(name), f'{column} IN ({values})')


def name_consents() -> None:
    """Give every consent the id by which it can be taken back."""
    connection = op.get_bind()
    named = sa.text('UPDATE guardian_consent SET public_id = :public_id WHERE id = :id')
    for (row_id,) in connection.execute(sa.text('SELECT id FROM guardian_consent')).all():
        public_id = ''.join(secrets.choice(ALPHABET) for _ in range(10))
        connection.execute(named, {'public_id': public_id, 'id': row_id})
    with op.batch_alter_table('guardian_consent', schema=None) as batch_op:
        batch_op.alter_column('public_id', existing_type=sa.String(length=10), nullable=False)
        batch_op.create_unique_constraint(batch_op.f('uq_guardian_consent_public_id'), ['public_id'])


def take_defaults_away() -> None:
    """They were for the rows that were there before."""
    for table, columns in (
        ('offering', ('maximum_age', 'community_only', 'expected_persons', 'permit_note')),
        ('guardian_consent', ('scope',)),
        ('family_member', ('is_guardian',)),
    ):
        with op.batch_alter_table(table, schema=None) as batch_op:
            for column in columns:
                batch_op.alter_column(column, server_default=None)


def add_trainings() -> None:
    """Add the trainings where there are terms at all; an empty database is seeded later."""
    connection = op.get_bind()
    if not connection.execute(sa.text('SELECT count(*) FROM term')).scalar_one():
        return
    row = sa.text(
        'INSERT INTO term (vocabulary, code, name_zh, name_en, position, active) '
        "VALUES ('training', :code, :zh, :en, :position, :active) RETURNING id"
    )
    holds = sa.text('INSERT INTO term_validity (term_id, months) VALUES (:id, :months)')
    for position, (code, zh, en, months) in enumerate(TRAININGS):
        values = {'code': code, 'zh': zh, 'en': en, 'position': position, 'active': True}
        term_id = connection.execute(row, values).scalar_one()
        if months:
            connection.execute(holds, {'id': term_id, 'months': months})
