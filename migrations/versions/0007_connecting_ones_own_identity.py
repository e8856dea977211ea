"""An identity that waits until its owner confirms that it is linked

Revision ID: 0007
Revises: 0006
Create Date: 2026-11-23 23:06:00

"""
from alembic import op
import sqlalchemy as sa

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('waiting_identity',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organization_id', sa.Integer(), nullable=False),
    sa.Column('connection_id', sa.Integer(), nullable=False),
    sa.Column('configuration_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('browser_hash', sa.String(), nullable=False),
    sa.Column('idp_entity_id', sa.String(), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('email', sa.String(), nullable=True),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['organization_id', 'configuration_id'], ['sso_configuration.organization_id', 'sso_configuration.id'], name=op.f('fk_waiting_identity_organization_id_configuration_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['organization_id', 'connection_id'], ['sso_connection.organization_id', 'sso_connection.id'], name=op.f('fk_waiting_identity_organization_id_connection_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['organization_id', 'user_id'], ['user.organization_id', 'user.id'], name=op.f('fk_waiting_identity_organization_id_user_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], name=op.f('fk_waiting_identity_organization_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_waiting_identity')),
    sa.UniqueConstraint('user_id', name=op.f('uq_waiting_identity_user_id'))
    )
    with op.batch_alter_table('waiting_identity', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_waiting_identity_expires_at'), ['expires_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_waiting_identity_organization_id'), ['organization_id'], unique=False)


def downgrade():
    op.drop_table('waiting_identity')
