"""teams, families and projects.

Teams get a kind, a brand and roles; families and the codes that link them; projects that group
offerings, teams and stations; who was signed up by which team. A member who held the role of leader
at a team's station leads it from now on, and a district that is there already gets the kinds of teams.
"""

from __future__ import annotations

import re

import sqlalchemy as sa
from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None

TEAM_KIND = 'team_kind'
DECLINED = 'declined'
KINDS = (
    ('service', '志愿服务队', 'Volunteer service team'),
    ('red_armband', '红袖标网格队', 'Red armbands of a grid'),
    ('vanguard', '党员先锋队', "Party members' vanguard"),
    ('task_force', '突击队', 'Task force'),
    ('mutual_aid', '党群互助组', 'Mutual aid group'),
    ('organisation', '社会组织', 'Social organisation'),
    ('youth', '青年志愿者队', 'Young volunteers'),
    ('other', '其他队伍', 'Other team'),
)
# Members with the role at the team's station or above it, who came to the role first first.
LEADERS = sa.text(
    "SELECT m.team_id, m.person_id FROM team_member m JOIN team t ON t.id = m.team_id "
    "JOIN station_tree s ON s.descendant_id = t.station_id "
    "JOIN role_grant g ON g.person_id = m.person_id AND g.station_id = s.ancestor_id "
    "WHERE m.state = 'member' AND g.role = 'team_leader' AND g.revoked_at IS NULL ORDER BY g.id"
)


def upgrade() -> None:
    let_values_be('term', 'vocabulary', add=TEAM_KIND)
    let_values_be('team_member', 'state', add=DECLINED)
    op.create_table('project',
    sa.Column('station_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('slogan', sa.String(length=80), nullable=False),
    sa.Column('summary', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=10), nullable=False),
    sa.ForeignKeyConstraint(['station_id'], ['station.id'], name=op.f('fk_project_station_id_station'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_project')),
    sa.UniqueConstraint('public_id', name=op.f('uq_project_public_id'))
    )
    with op.batch_alter_table('project', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_project_station_id'), ['station_id'], unique=False)

    op.create_table('family_code',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('holder_id', sa.Integer(), nullable=False),
    sa.Column('relation', sa.String(length=10), nullable=False),
    sa.Column('code_hash', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("relation IN ('spouse', 'parent', 'child', 'other')", name=op.f('ck_family_code_relation_known')),
    sa.ForeignKeyConstraint(['holder_id'], ['person.id'], name=op.f('fk_family_code_holder_id_person'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_family_code')),
    sa.UniqueConstraint('code_hash', name=op.f('uq_family_code_code_hash'))
    )
    with op.batch_alter_table('family_code', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_family_code_holder_id'), ['holder_id'], unique=False)

    op.create_table('family_member',
    sa.Column('holder_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('relation', sa.String(length=10), nullable=False),
    sa.Column('is_linked', sa.Boolean(), nullable=False),
    sa.Column('added_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('removed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=10), nullable=False),
    sa.CheckConstraint("relation IN ('spouse', 'parent', 'child', 'other')", name=op.f('ck_family_member_relation_known')),
    sa.CheckConstraint('holder_id <> person_id', name=op.f('ck_family_member_of_two')),
    sa.ForeignKeyConstraint(['holder_id'], ['person.id'], name=op.f('fk_family_member_holder_id_person'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_family_member_person_id_person'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_family_member')),
    sa.UniqueConstraint('public_id', name=op.f('uq_family_member_public_id'))
    )
    with op.batch_alter_table('family_member', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_family_member_person_id'), ['person_id'], unique=False)
        batch_op.create_index('uq_family_member_live', ['holder_id', 'person_id'], unique=True, sqlite_where=sa.text('removed_at IS NULL'), postgresql_where=sa.text('removed_at IS NULL'))

    op.create_table('project_station',
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('station_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_project_station_project_id_project'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['station_id'], ['station.id'], name=op.f('fk_project_station_station_id_station'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('project_id', 'station_id', name=op.f('pk_project_station'))
    )
    with op.batch_alter_table('project_station', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_project_station_station_id'), ['station_id'], unique=False)

    op.create_table('project_team',
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('team_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_project_team_project_id_project'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_project_team_team_id_team'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('project_id', 'team_id', name=op.f('pk_project_team'))
    )
    with op.batch_alter_table('project_team', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_project_team_team_id'), ['team_id'], unique=False)

    op.create_table('team_signup',
    sa.Column('signup_id', sa.Integer(), nullable=False),
    sa.Column('team_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['signup_id'], ['signup.id'], name=op.f('fk_team_signup_signup_id_signup'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_team_signup_team_id_team'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('signup_id', name=op.f('pk_team_signup'))
    )
    with op.batch_alter_table('team_signup', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_team_signup_team_id'), ['team_id'], unique=False)

    with op.batch_alter_table('offering', schema=None) as batch_op:
        batch_op.add_column(sa.Column('team_only', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column('project_id', sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f('ix_offering_project_id'), ['project_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_offering_project_id_project'), 'project', ['project_id'], ['id'], ondelete='RESTRICT')

    with op.batch_alter_table('team', schema=None) as batch_op:
        batch_op.add_column(sa.Column('kind_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('brand', sa.String(length=40), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('slogan', sa.String(length=80), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('summary', sa.Text(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_team_kind_id_term'), 'term', ['kind_id'], ['id'], ondelete='RESTRICT')

    with op.batch_alter_table('team_member', schema=None) as batch_op:
        batch_op.add_column(sa.Column('role', sa.String(length=10), nullable=False, server_default='member'))
        batch_op.create_check_constraint(batch_op.f('ck_team_member_role_known'), "role IN ('leader', 'deputy', 'member')")
        batch_op.create_index('uq_team_member_leader', ['team_id'], unique=True, sqlite_where=sa.text("role = 'leader' AND state = 'member'"), postgresql_where=sa.text("role = 'leader' AND state = 'member'"))

    take_defaults_away()
    add_kinds()
    name_leaders()


def downgrade() -> None:
    with op.batch_alter_table('team_member', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_team_member_role_known'), type_='check')
        batch_op.drop_index('uq_team_member_leader', sqlite_where=sa.text("role = 'leader' AND state = 'member'"), postgresql_where=sa.text("role = 'leader' AND state = 'member'"))
        batch_op.drop_column('role')

    with op.batch_alter_table('team', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_team_kind_id_term'), type_='foreignkey')
        batch_op.drop_column('closed_at')
        batch_op.drop_column('summary')
        batch_op.drop_column('slogan')
        batch_op.drop_column('brand')
        batch_op.drop_column('kind_id')

    with op.batch_alter_table('offering', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_offering_project_id_project'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_offering_project_id'))
        batch_op.drop_column('project_id')
        batch_op.drop_column('team_only')

    with op.batch_alter_table('team_signup', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_team_signup_team_id'))

    op.drop_table('team_signup')
    with op.batch_alter_table('project_team', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_project_team_team_id'))

    op.drop_table('project_team')
    with op.batch_alter_table('project_station', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_project_station_station_id'))

    op.drop_table('project_station')
    with op.batch_alter_table('family_member', schema=None) as batch_op:
        batch_op.drop_index('uq_family_member_live', sqlite_where=sa.text('removed_at IS NULL'), postgresql_where=sa.text('removed_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_family_member_person_id'))

    op.drop_table('family_member')
    with op.batch_alter_table('family_code', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_family_code_holder_id'))

    op.drop_table('family_code')
    with op.batch_alter_table('project', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_project_station_id'))

    op.drop_table('project')
    op.execute("UPDATE team_member SET state = 'left' WHERE state = 'declined'")
    op.execute("DELETE FROM term WHERE vocabulary = 'team_kind'")
    let_values_be('team_member', 'state', drop=DECLINED)
    let_values_be('term', 'vocabulary', drop=TEAM_KIND)


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


def take_defaults_away() -> None:
    """They were for the rows that were there before."""
    for table, columns in (
        ('offering', ('team_only',)),
        ('team', ('brand', 'slogan', 'summary')),
        ('team_member', ('role',)),
    ):
        with op.batch_alter_table(table, schema=None) as batch_op:
            for column in columns:
                batch_op.alter_column(column, server_default=None)


def add_kinds() -> None:
    """Add the kinds where there are terms at all; an empty database is seeded later."""
    connection = op.get_bind()
    if not connection.execute(sa.text('SELECT count(*) FROM term')).scalar_one():
        return
    row = sa.text(
        "INSERT INTO term (vocabulary, code, name_zh, name_en, position, active) "
        "VALUES ('team_kind', :code, :zh, :en, :position, :active)"
    )
    for position, (code, zh, en) in enumerate(KINDS):
        values = {'code': code, 'zh': zh, 'en': en, 'position': position, 'active': True}
        connection.execute(row, values)


def name_leaders() -> None:
    """Write down who leads a team: the first with the role; whoever holds it besides stands in."""
    connection = op.get_bind()
    named = sa.text(
        "UPDATE team_member SET role = :role WHERE team_id = :team AND person_id = :person"
    )
    led: dict[int, set[int]] = {}
    for team, person in connection.execute(LEADERS).all():
        others = led.setdefault(team, set())
        if person not in others:
            role = 'deputy' if others else 'leader'
            connection.execute(named, {'role': role, 'team': team, 'person': person})
            others.add(person)
