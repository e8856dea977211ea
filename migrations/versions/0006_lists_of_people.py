"""Indexes for ten thousand people: counts, the sign-ins of one person, the events about one person

Revision ID: 0006
Revises: 0005
Create Date: 2026-11-24 08:10:00.000000

"""
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('user', schema=None) as batch_op:
        batch_op.create_index('ix_user_counts', ['organization_id', 'status', 'role', 'origin'], unique=False)

    with op.batch_alter_table('sign_in_attempt', schema=None) as batch_op:
        batch_op.create_index('ix_sign_in_attempt_user_id_at', ['user_id', 'at'], unique=False)

    with op.batch_alter_table('audit_event', schema=None) as batch_op:
        batch_op.create_index('ix_audit_event_organization_id_subject_id', ['organization_id', 'subject', 'id'], unique=False)


def downgrade():
    with op.batch_alter_table('audit_event', schema=None) as batch_op:
        batch_op.drop_index('ix_audit_event_organization_id_subject_id')

    with op.batch_alter_table('sign_in_attempt', schema=None) as batch_op:
        batch_op.drop_index('ix_sign_in_attempt_user_id_at')

    with op.batch_alter_table('user', schema=None) as batch_op:
        batch_op.drop_index('ix_user_counts')
