"""Test sign-ins, certificate notices, hand-over links, recovery codes, outbox

Revision ID: 0003
Revises: 0002
Create Date: 2026-11-23 21:05:58

"""
from alembic import op
import sqlalchemy as sa

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('outbox_message',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organization_id', sa.Integer(), nullable=True),
    sa.Column('recipient', sa.String(), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('body', sa.String(), nullable=False),
    sa.Column('key', sa.String(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('next_try_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('error', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], name=op.f('fk_outbox_message_organization_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox_message')),
    sa.UniqueConstraint('key', name=op.f('uq_outbox_message_key'))
    )
    with op.batch_alter_table('outbox_message', schema=None) as batch_op:
        batch_op.create_index('ix_outbox_message_due', ['sent_at', 'next_try_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_outbox_message_organization_id'), ['organization_id'], unique=False)

    op.create_table('certificate_notice',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('connection_id', sa.Integer(), nullable=False),
    sa.Column('fingerprint', sa.String(), nullable=False),
    sa.Column('days', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['connection_id'], ['sso_connection.id'], name=op.f('fk_certificate_notice_connection_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_certificate_notice')),
    sa.UniqueConstraint('connection_id', 'fingerprint', 'days', name=op.f('uq_certificate_notice_connection_id_fingerprint_days'))
    )
    op.create_table('certificate_use',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('connection_id', sa.Integer(), nullable=False),
    sa.Column('fingerprint', sa.String(), nullable=False),
    sa.Column('first_used_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['connection_id'], ['sso_connection.id'], name=op.f('fk_certificate_use_connection_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_certificate_use')),
    sa.UniqueConstraint('connection_id', 'fingerprint', name=op.f('uq_certificate_use_connection_id_fingerprint'))
    )
    op.create_table('sign_in_test',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organization_id', sa.Integer(), nullable=False),
    sa.Column('connection_id', sa.Integer(), nullable=False),
    sa.Column('configuration_id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(), nullable=False),
    sa.Column('started_by', sa.String(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('passed', sa.Boolean(), nullable=True),
    sa.Column('reference', sa.String(), nullable=True),
    sa.Column('checks', sa.JSON(), nullable=False),
    sa.Column('attributes', sa.JSON(), nullable=False),
    sa.Column('mapped', sa.JSON(), nullable=False),
    sa.Column('decision', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['organization_id', 'configuration_id'], ['sso_configuration.organization_id', 'sso_configuration.id'], name=op.f('fk_sign_in_test_organization_id_configuration_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['organization_id', 'connection_id'], ['sso_connection.organization_id', 'sso_connection.id'], name=op.f('fk_sign_in_test_organization_id_connection_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], name=op.f('fk_sign_in_test_organization_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_in_test')),
    sa.UniqueConstraint('public_id', name=op.f('uq_sign_in_test_public_id'))
    )
    with op.batch_alter_table('sign_in_test', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sign_in_test_configuration_id'), ['configuration_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_sign_in_test_connection_id'), ['connection_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_sign_in_test_expires_at'), ['expires_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_sign_in_test_organization_id'), ['organization_id'], unique=False)

    op.create_table('handover_link',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organization_id', sa.Integer(), nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=False),
    sa.Column('colleague', sa.String(), nullable=False),
    sa.Column('token_hash', sa.String(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['organization_id', 'created_by_id'], ['user.organization_id', 'user.id'], name=op.f('fk_handover_link_organization_id_created_by_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], name=op.f('fk_handover_link_organization_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_handover_link')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_handover_link_token_hash'))
    )
    with op.batch_alter_table('handover_link', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_handover_link_organization_id'), ['organization_id'], unique=False)

    op.create_table('recovery_code',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('code_hash', sa.String(), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_recovery_code_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recovery_code'))
    )
    with op.batch_alter_table('recovery_code', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_recovery_code_user_id'), ['user_id'], unique=False)


def downgrade():
    with op.batch_alter_table('recovery_code', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_recovery_code_user_id'))

    op.drop_table('recovery_code')
    with op.batch_alter_table('handover_link', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_handover_link_organization_id'))

    op.drop_table('handover_link')
    with op.batch_alter_table('sign_in_test', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_sign_in_test_organization_id'))
        batch_op.drop_index(batch_op.f('ix_sign_in_test_expires_at'))
        batch_op.drop_index(batch_op.f('ix_sign_in_test_connection_id'))
        batch_op.drop_index(batch_op.f('ix_sign_in_test_configuration_id'))

    op.drop_table('sign_in_test')
    op.drop_table('certificate_use')
    op.drop_table('certificate_notice')
    with op.batch_alter_table('outbox_message', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_outbox_message_organization_id'))
        batch_op.drop_index('ix_outbox_message_due')

    op.drop_table('outbox_message')
