"""An index by which the last SSO sign-in is found, however many were refused or used a password since

Revision ID: 0012
Revises: 0011
Create Date: 2026-11-27 02:30:00.000000

"""
from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('sign_in_attempt', schema=None) as batch_op:
        batch_op.create_index('ix_sign_in_attempt_outcome', ['organization_id', 'method', 'signed_in', 'at'], unique=False)


def downgrade():
    with op.batch_alter_table('sign_in_attempt', schema=None) as batch_op:
        batch_op.drop_index('ix_sign_in_attempt_outcome')
