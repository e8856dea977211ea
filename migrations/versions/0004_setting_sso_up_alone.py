"""Domains by TXT record, drafts and mappings, metadata addresses, second factor

Revision ID: 0004
Revises: 0003
Create Date: 2026-11-23 21:05:58

"""
import secrets

from alembic import op
import sqlalchemy as sa

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('domain', schema=None) as batch_op:
        batch_op.add_column(sa.Column('verified_by', sa.String(), nullable=True))
        batch_op.add_column(sa.Column('challenge', sa.String(), nullable=True))
        batch_op.add_column(sa.Column('checked_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('next_check_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('check_result', sa.String(), nullable=True))
        batch_op.add_column(sa.Column('check_found', sa.JSON(), server_default='[]', nullable=False))
        batch_op.add_column(sa.Column('missing_since', sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index('ix_domain_next_check_at', ['next_check_at'], unique=False)
        batch_op.create_check_constraint(batch_op.f('ck_domain_verified_by_known'), "verified_by IN ('dns', 'support')")
        batch_op.create_check_constraint(batch_op.f('ck_domain_check_result_known'), "check_result IN ('found', 'nothing', 'other', 'dns_error', 'taken')")

    # Until now every domain was verified by support. Each gets a challenge of its own.
    domain = sa.table('domain', sa.column('id'), sa.column('challenge'), sa.column('verified_by'), sa.column('verified_at'))
    connection = op.get_bind()
    connection.execute(sa.update(domain).where(domain.c.verified_at.is_not(None)).values(verified_by='support'))
    for (id_,) in connection.execute(sa.select(domain.c.id)).all():
        connection.execute(sa.update(domain).where(domain.c.id == id_).values(challenge=secrets.token_hex(16)))
    with op.batch_alter_table('domain', schema=None) as batch_op:
        batch_op.alter_column('challenge', existing_type=sa.String(), nullable=False)

    with op.batch_alter_table('pending_request', schema=None) as batch_op:
        batch_op.add_column(sa.Column('sign_in_test_id', sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_pending_request_sign_in_test_id'), 'sign_in_test', ['sign_in_test_id'], ['id'], ondelete='CASCADE')
        batch_op.drop_constraint(batch_op.f('ck_pending_request_purpose_known'), type_='check')
        batch_op.create_check_constraint(batch_op.f('ck_pending_request_purpose_known'), "purpose IN ('sign_in', 'test', 'logout')")
        batch_op.create_check_constraint(batch_op.f('ck_pending_request_test_has_its_page'), "(purpose = 'test') = (sign_in_test_id IS NOT NULL)")

    with op.batch_alter_table('sso_configuration', schema=None) as batch_op:
        batch_op.add_column(sa.Column('attribute_mapping', sa.JSON(), server_default='{}', nullable=False))
        batch_op.add_column(sa.Column('metadata_url', sa.String(), nullable=True))
        batch_op.add_column(sa.Column('live_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('discarded_at', sa.DateTime(timezone=True), nullable=True))

    # What was replaced is no draft: every version up to the live one counts as having been live.
    op.execute(
        "UPDATE sso_configuration SET live_at = created_at WHERE version <= (SELECT live.version FROM sso_configuration"
        " AS live JOIN sso_connection ON sso_connection.live_configuration_id = live.id"
        " WHERE sso_connection.id = sso_configuration.connection_id)"
    )

    with op.batch_alter_table('sso_connection', schema=None) as batch_op:
        batch_op.add_column(sa.Column('metadata_read_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('metadata_next_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('metadata_error', sa.String(), nullable=True))
        batch_op.create_index(batch_op.f('ix_sso_connection_metadata_next_at'), ['metadata_next_at'], unique=False)

    with op.batch_alter_table('user', schema=None) as batch_op:
        batch_op.add_column(sa.Column('totp_secret', sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column('totp_confirmed_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('totp_last_step', sa.Integer(), nullable=True))


def downgrade():
    with op.batch_alter_table('user', schema=None) as batch_op:
        batch_op.drop_column('totp_last_step')
        batch_op.drop_column('totp_confirmed_at')
        batch_op.drop_column('totp_secret')

    with op.batch_alter_table('sso_connection', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_sso_connection_metadata_next_at'))
        batch_op.drop_column('metadata_error')
        batch_op.drop_column('metadata_next_at')
        batch_op.drop_column('metadata_read_at')

    with op.batch_alter_table('sso_configuration', schema=None) as batch_op:
        batch_op.drop_column('discarded_at')
        batch_op.drop_column('live_at')
        batch_op.drop_column('metadata_url')
        batch_op.drop_column('attribute_mapping')

    op.execute("DELETE FROM pending_request WHERE purpose = 'test'")
    with op.batch_alter_table('pending_request', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_pending_request_test_has_its_page'), type_='check')
        batch_op.drop_constraint(batch_op.f('ck_pending_request_purpose_known'), type_='check')
        batch_op.create_check_constraint(batch_op.f('ck_pending_request_purpose_known'), "purpose IN ('sign_in', 'logout')")
        batch_op.drop_constraint(batch_op.f('fk_pending_request_sign_in_test_id'), type_='foreignkey')
        batch_op.drop_column('sign_in_test_id')

    with op.batch_alter_table('domain', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_domain_check_result_known'), type_='check')
        batch_op.drop_constraint(batch_op.f('ck_domain_verified_by_known'), type_='check')
        batch_op.drop_index('ix_domain_next_check_at')
        batch_op.drop_column('missing_since')
        batch_op.drop_column('check_found')
        batch_op.drop_column('check_result')
        batch_op.drop_column('next_check_at')
        batch_op.drop_column('checked_at')
        batch_op.drop_column('challenge')
        batch_op.drop_column('verified_by')
