"""People are counted by triggers, and who has their role from the plan is written down

Until now each look counted all of them, and what the audit log says was looked at for each account.

Revision ID: 0009
Revises: 0008
Create Date: 2026-11-24 00:40:00

"""
from alembic import op
import sqlalchemy as sa

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None

# As it was found out before: JIT gave the role, no rule did, and nobody changed it since.
FROM_THE_PLAN = """
    UPDATE "user" SET role_from_plan = true
    WHERE origin = 'jit' AND created_by_rule IS NULL AND NOT EXISTS (
        SELECT 1 FROM audit_event
        WHERE audit_event.organization_id = "user".organization_id
            AND audit_event.subject = "user".email
            AND audit_event.action IN ('admin:role:changed', 'sso:role:changed')
            AND audit_event.at >= "user".created_at
    )
"""
COUNTED = """
    INSERT INTO people_count (organization_id, status, role, origin, role_from_plan, number)
    SELECT organization_id, status, role, origin, role_from_plan, count(*) FROM "user"
    GROUP BY organization_id, status, role, origin, role_from_plan
"""

ONE_LESS = """
    UPDATE people_count SET number = number - 1
    WHERE organization_id = OLD.organization_id AND status = OLD.status AND role = OLD.role
    AND origin = OLD.origin AND role_from_plan = OLD.role_from_plan;
"""
ONE_MORE = """
    INSERT INTO people_count (organization_id, status, role, origin, role_from_plan, number)
    VALUES (NEW.organization_id, NEW.status, NEW.role, NEW.origin, NEW.role_from_plan, 1)
    ON CONFLICT (organization_id, status, role, origin, role_from_plan)
    DO UPDATE SET number = people_count.number + 1;
"""
# Both rows of a change are locked in the order of their keys: two people whose roles change to and fro at once do not
# wait for each other.
IN_ORDER = """
    PERFORM 1 FROM people_count
    WHERE organization_id IN (OLD.organization_id, NEW.organization_id) AND (status, role, origin, role_from_plan) IN (
        (OLD.status, OLD.role, OLD.origin, OLD.role_from_plan), (NEW.status, NEW.role, NEW.origin, NEW.role_from_plan)
    )
    ORDER BY organization_id, status, role, origin, role_from_plan FOR UPDATE;
"""
A_CHANGE = "UPDATE OF organization_id, status, role, origin, role_from_plan"
TRIGGERS = {
    "sqlite": [
        f'CREATE TRIGGER user_counted_insert AFTER INSERT ON "user" BEGIN {ONE_MORE} END',
        f'CREATE TRIGGER user_counted_delete AFTER DELETE ON "user" BEGIN {ONE_LESS} END',
        f'CREATE TRIGGER user_counted_update AFTER {A_CHANGE} ON "user" BEGIN {ONE_LESS} {ONE_MORE} END',
    ],
    "postgresql": [
        f"""
        CREATE FUNCTION count_people() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'UPDATE' THEN {IN_ORDER} END IF;
            IF TG_OP <> 'INSERT' THEN {ONE_LESS} END IF;
            IF TG_OP <> 'DELETE' THEN {ONE_MORE} END IF;
            RETURN NULL;
        END $$
        """,
        f"""
        CREATE TRIGGER user_counted AFTER INSERT OR DELETE OR {A_CHANGE} ON "user"
        FOR EACH ROW EXECUTE FUNCTION count_people()
        """,
    ],
}


def upgrade():
    with op.batch_alter_table('user', schema=None) as batch_op:
        batch_op.add_column(sa.Column('role_from_plan', sa.Boolean(), server_default=sa.false(), nullable=False))

    op.create_table('people_count',
    sa.Column('organization_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('status', sa.String(), nullable=False),
    sa.Column('role', sa.String(), nullable=False),
    sa.Column('origin', sa.String(), nullable=False),
    sa.Column('role_from_plan', sa.Boolean(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], name=op.f('fk_people_count_organization_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('organization_id', 'status', 'role', 'origin', 'role_from_plan', name=op.f('pk_people_count'))
    )
    op.execute(FROM_THE_PLAN)
    # Making a trigger locks the table (PostgreSQL): nobody is added between the trigger and the first count.
    for statement in TRIGGERS[op.get_bind().dialect.name]:
        op.execute(statement)
    op.execute(COUNTED)


def downgrade():
    if op.get_bind().dialect.name == 'sqlite':
        for what in ('insert', 'delete', 'update'):
            op.execute(f'DROP TRIGGER user_counted_{what}')
    else:
        op.execute('DROP TRIGGER user_counted ON "user"')
        op.execute('DROP FUNCTION count_people()')
    op.drop_table('people_count')
    with op.batch_alter_table('user', schema=None) as batch_op:
        batch_op.drop_column('role_from_plan')
