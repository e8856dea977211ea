"""An account knows the role it began with, and since when and by whom it has another one

Of accounts of before, the audit log knows the last change; the role that they began with stays unknown.

Revision ID: 0010
Revises: 0009
Create Date: 2026-11-27 02:00:00

"""
from alembic import op
import sqlalchemy as sa

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None

COLUMNS = (('created_role', sa.String()), ('role_since', sa.DateTime(timezone=True)), ('role_given_by', sa.String()))
LAST_CHANGE = """
    SELECT {} FROM audit_event
    WHERE audit_event.organization_id = "user".organization_id
        AND audit_event.subject = "user".email
        AND audit_event.action IN ('admin:role:changed', 'sso:role:changed', 'admin:plan_role:applied')
        AND audit_event.at >= "user".created_at
    ORDER BY audit_event.id DESC LIMIT 1
"""
BY = "CASE WHEN audit_event.action = 'sso:role:changed' THEN 'role rules' ELSE audit_event.actor END"


def upgrade():
    # Not in a batch: on SQLite that makes the table anew, and its triggers (0009) would be lost.
    for name, kind in COLUMNS:
        op.add_column('user', sa.Column(name, kind, nullable=True))
    at, by = LAST_CHANGE.format('audit_event.at'), LAST_CHANGE.format(BY)
    op.execute(f'UPDATE "user" SET role_since = ({at}), role_given_by = ({by})')


def downgrade():
    for name, _ in reversed(COLUMNS):
        op.drop_column('user', name)
