"""Role rules, missed sign-ins, digests, invitations, connecting one's own identity

Revision ID: 0005
Revises: 0004
Create Date: 2026-11-23 22:09:09.047210

"""
from alembic import op
import sqlalchemy as sa

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('role_rule',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organization_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('group_name', sa.String(), nullable=False),
    sa.Column('outcome', sa.String(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("outcome IN ('viewer', 'collaborator', 'admin', 'refuse')", name=op.f('ck_role_rule_outcome_known')),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], name=op.f('fk_role_rule_organization_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_role_rule')),
    sa.UniqueConstraint('organization_id', 'group_name', name=op.f('uq_role_rule_organization_id_group_name'))
    )
    with op.batch_alter_table('role_rule', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_role_rule_organization_id'), ['organization_id'], unique=False)

    op.create_table('seen_group',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organization_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('first_seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], name=op.f('fk_seen_group_organization_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_seen_group')),
    sa.UniqueConstraint('organization_id', 'name', name=op.f('uq_seen_group_organization_id_name'))
    )
    with op.batch_alter_table('seen_group', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_seen_group_organization_id'), ['organization_id'], unique=False)

    op.create_table('missed_sign_in',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organization_id', sa.Integer(), nullable=False),
    sa.Column('email', sa.String(), nullable=False),
    sa.Column('given_name', sa.String(), nullable=True),
    sa.Column('family_name', sa.String(), nullable=True),
    sa.Column('display_name', sa.String(), nullable=True),
    sa.Column('groups', sa.JSON(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('reference', sa.String(), nullable=False),
    sa.Column('configuration_id', sa.Integer(), nullable=True),
    sa.Column('times', sa.Integer(), nullable=False),
    sa.Column('first_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('question', sa.String(), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("reason IN ('jit_off', 'jit_locked', 'no_seat_left', 'domain_not_verified')", name=op.f('ck_missed_sign_in_reason_known')),
    sa.ForeignKeyConstraint(['configuration_id'], ['sso_configuration.id'], name=op.f('fk_missed_sign_in_configuration_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], name=op.f('fk_missed_sign_in_organization_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_missed_sign_in')),
    sa.UniqueConstraint('organization_id', 'email', name=op.f('uq_missed_sign_in_organization_id_email'))
    )
    with op.batch_alter_table('missed_sign_in', schema=None) as batch_op:
        batch_op.create_index('ix_missed_sign_in_open', ['organization_id', 'closed_at', 'last_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_missed_sign_in_organization_id'), ['organization_id'], unique=False)

    with op.batch_alter_table('organization', schema=None) as batch_op:
        batch_op.add_column(sa.Column('role_rules_on', sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column('role_rules_each_time', sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column('digest', sa.String(), server_default='off', nullable=False))
        batch_op.create_check_constraint(batch_op.f('ck_organization_digest_known'), "digest IN ('off', 'daily', 'each')")

    with op.batch_alter_table('pending_request', schema=None) as batch_op:
        batch_op.add_column(sa.Column('user_id', sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_pending_request_organization_id_user_id'), 'user', ['organization_id', 'user_id'], ['organization_id', 'id'], ondelete='CASCADE')
        batch_op.drop_constraint(batch_op.f('ck_pending_request_purpose_known'), type_='check')
        batch_op.create_check_constraint(batch_op.f('ck_pending_request_purpose_known'), "purpose IN ('sign_in', 'test', 'connect', 'logout')")
        batch_op.create_check_constraint(batch_op.f('ck_pending_request_connect_has_its_user'), "(purpose = 'connect') = (user_id IS NOT NULL)")

    with op.batch_alter_table('user', schema=None) as batch_op:
        batch_op.add_column(sa.Column('created_by_rule', sa.String(), nullable=True))
        batch_op.add_column(sa.Column('invited_by_id', sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f('ix_user_invited_by_id'), ['invited_by_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_user_invited_by_id'), 'user', ['invited_by_id'], ['id'], ondelete='SET NULL')



def downgrade():
    with op.batch_alter_table('user', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_user_invited_by_id'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_user_invited_by_id'))
        batch_op.drop_column('invited_by_id')
        batch_op.drop_column('created_by_rule')

    op.execute("DELETE FROM pending_request WHERE purpose = 'connect'")
    with op.batch_alter_table('pending_request', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_pending_request_connect_has_its_user'), type_='check')
        batch_op.drop_constraint(batch_op.f('ck_pending_request_purpose_known'), type_='check')
        batch_op.create_check_constraint(batch_op.f('ck_pending_request_purpose_known'), "purpose IN ('sign_in', 'test', 'logout')")
        batch_op.drop_constraint(batch_op.f('fk_pending_request_organization_id_user_id'), type_='foreignkey')
        batch_op.drop_column('user_id')

    with op.batch_alter_table('organization', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_organization_digest_known'), type_='check')
        batch_op.drop_column('digest')
        batch_op.drop_column('role_rules_each_time')
        batch_op.drop_column('role_rules_on')

    with op.batch_alter_table('missed_sign_in', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_missed_sign_in_organization_id'))
        batch_op.drop_index('ix_missed_sign_in_open')

    op.drop_table('missed_sign_in')
    with op.batch_alter_table('seen_group', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_seen_group_organization_id'))

    op.drop_table('seen_group')
    with op.batch_alter_table('role_rule', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_role_rule_organization_id'))

    op.drop_table('role_rule')
