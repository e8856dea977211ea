"""Other refusals may be asked about, and an identity that waits knows the receipt of its sign-in

Revision ID: 0008
Revises: 0007
Create Date: 2026-11-24 00:40:00

"""
from alembic import op
import sqlalchemy as sa

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

MISSED = "'jit_off', 'jit_locked', 'no_seat_left', 'domain_not_verified'"
ASKED = "'account_deactivated', 'identity_changed', 'link_required', 'refused_by_role_rule'"


def upgrade():
    _only(f"reason IN ({MISSED}, {ASKED})")
    op.execute("DELETE FROM waiting_identity")  # they live for ten minutes, and are begun anew with a click
    with op.batch_alter_table('waiting_identity', schema=None) as batch_op:
        batch_op.add_column(sa.Column('reference', sa.String(), nullable=False))


def downgrade():
    with op.batch_alter_table('waiting_identity', schema=None) as batch_op:
        batch_op.drop_column('reference')
    op.execute(f"DELETE FROM missed_sign_in WHERE reason NOT IN ({MISSED})")
    _only(f"reason IN ({MISSED})")


def _only(condition):
    with op.batch_alter_table('missed_sign_in', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('ck_missed_sign_in_reason_known'), type_='check')
        batch_op.create_check_constraint(op.f('ck_missed_sign_in_reason_known'), condition)
