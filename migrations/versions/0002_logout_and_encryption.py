"""Encryption keys, single logout, sign-in from the identity provider

Revision ID: 0002
Revises: 0001
Create Date: 2026-11-23 19:18:01.711843

"""
from alembic import op
import sqlalchemy as sa

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('encryption_key',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organization_id', sa.Integer(), nullable=False),
    sa.Column('connection_id', sa.Integer(), nullable=False),
    sa.Column('private_key', sa.LargeBinary(), nullable=False),
    sa.Column('certificate', sa.String(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('retired_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['organization_id', 'connection_id'], ['sso_connection.organization_id', 'sso_connection.id'], name=op.f('fk_encryption_key_organization_id_connection_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], name=op.f('fk_encryption_key_organization_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_encryption_key'))
    )
    with op.batch_alter_table('encryption_key', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_encryption_key_connection_id'), ['connection_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_encryption_key_organization_id'), ['organization_id'], unique=False)

    with op.batch_alter_table('pending_request', schema=None) as batch_op:
        batch_op.add_column(sa.Column('purpose', sa.String(), server_default='sign_in', nullable=False))
        batch_op.create_check_constraint(batch_op.f('ck_pending_request_purpose_known'), "purpose IN ('sign_in', 'logout')")

    with op.batch_alter_table('sign_in_session', schema=None) as batch_op:
        batch_op.add_column(sa.Column('name_id_attributes', sa.JSON(), server_default='{}', nullable=False))

    with op.batch_alter_table('sso_configuration', schema=None) as batch_op:
        batch_op.add_column(sa.Column('slo_url', sa.String(), nullable=True))
        batch_op.add_column(sa.Column('slo_response_url', sa.String(), nullable=True))

    with op.batch_alter_table('sso_connection', schema=None) as batch_op:
        batch_op.add_column(sa.Column('idp_initiated', sa.Boolean(), server_default=sa.false(), nullable=False))



def downgrade():
    with op.batch_alter_table('sso_connection', schema=None) as batch_op:
        batch_op.drop_column('idp_initiated')

    with op.batch_alter_table('sso_configuration', schema=None) as batch_op:
        batch_op.drop_column('slo_response_url')
        batch_op.drop_column('slo_url')

    with op.batch_alter_table('sign_in_session', schema=None) as batch_op:
        batch_op.drop_column('name_id_attributes')

    with op.batch_alter_table('pending_request', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_pending_request_purpose_known'), type_='check')
        batch_op.drop_column('purpose')

    with op.batch_alter_table('encryption_key', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_encryption_key_organization_id'))
        batch_op.drop_index(batch_op.f('ix_encryption_key_connection_id'))

    op.drop_table('encryption_key')
