"""The list of the missed is read in its order: who asked for help first, then the latest

Revision ID: 0011
Revises: 0010
Create Date: 2026-11-27 09:00:00

"""
from alembic import op
import sqlalchemy as sa

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

NAME, TABLE = 'ix_missed_sign_in_open', 'missed_sign_in'
OPEN = sa.text('closed_at IS NULL')


def upgrade():
    op.drop_index(NAME, TABLE)
    columns = ['organization_id', sa.text('(asked_at IS NOT NULL)'), 'last_at', 'id']
    op.create_index(NAME, TABLE, columns, sqlite_where=OPEN, postgresql_where=OPEN)


def downgrade():
    op.drop_index(NAME, TABLE)
    op.create_index(NAME, TABLE, ['organization_id', 'closed_at', 'last_at'])
