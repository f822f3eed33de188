"""second steps, exports, what was viewed, and the key file a database belongs to."""

import sqlalchemy as sa
from alembic import op

import portal.models.base
from portal.models.schema import guards


revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


TRY_KINDS = "kind in ('sign_in', 'code', 'download', 'reset', 'claim', 'receipt')"
ALL_TRY_KINDS = "kind in ('sign_in', 'code', 'download', 'reset', 'claim', 'receipt', 'second', 'device', 'address', 'province', 'work')"


def _set_try_kinds(kinds):
    with op.batch_alter_table('try', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_try_kind'), type_='check')
        batch_op.create_check_constraint(batch_op.f('ck_try_kind'), kinds)


def upgrade() -> None:
    op.create_table('deployment',
    sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('key_check', sa.String(length=16), nullable=False),
    sa.Column('made_at', portal.models.base.Moment(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_deployment'))
    )
    op.create_table('export',
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('choice', sa.JSON(), nullable=False),
    sa.Column('place_id', sa.Uuid(), nullable=False),
    sa.Column('path', sa.String(length=200).with_variant(sa.String(length=200, collation='C'), 'postgresql'), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('purpose_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('reason_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('password_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('pupils_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('rows', sa.Integer(), nullable=False),
    sa.Column('job_id', sa.String(length=32), nullable=True),
    sa.Column('address', sa.String(length=80), nullable=True),
    sa.Column('digest', sa.LargeBinary(), nullable=True),
    sa.Column('by_id', sa.Uuid(), nullable=True),
    sa.Column('asked_at', portal.models.base.Moment(timezone=True), nullable=False),
    sa.Column('decided_by_id', sa.Uuid(), nullable=True),
    sa.Column('decided_at', portal.models.base.Moment(timezone=True), nullable=True),
    sa.Column('built_at', portal.models.base.Moment(timezone=True), nullable=True),
    sa.Column('fetched_at', portal.models.base.Moment(timezone=True), nullable=True),
    sa.Column('ends_at', portal.models.base.Moment(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_export_by_id')),
    sa.ForeignKeyConstraint(['decided_by_id'], ['user.id'], name=op.f('fk_export_decided_by_id')),
    sa.ForeignKeyConstraint(['place_id'], ['place.id'], name=op.f('fk_export_place_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_export')),
    sa.UniqueConstraint('number', name=op.f('uq_export_number'))
    )
    with op.batch_alter_table('export', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_export_digest'), ['digest'], unique=False)
        batch_op.create_index(batch_op.f('ix_export_path'), ['path'], unique=False)
        batch_op.create_index('ix_export_place_state', ['place_id', 'state'], unique=False)

    op.create_table('recovery_code',
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('code_hash', sa.LargeBinary(), nullable=False),
    sa.Column('used_at', portal.models.base.Moment(timezone=True), nullable=True),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_recovery_code_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recovery_code'))
    )
    with op.batch_alter_table('recovery_code', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_recovery_code_user_id'), ['user_id'], unique=False)

    op.create_table('viewed',
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('rows', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_viewed_user_id')),
    sa.PrimaryKeyConstraint('user_id', 'day', name=op.f('pk_viewed'))
    )
    with op.batch_alter_table('sign_in', schema=None) as batch_op:
        batch_op.add_column(sa.Column('proven_at', portal.models.base.Moment(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('browser', sa.String(length=20), nullable=True))

    with op.batch_alter_table('user', schema=None) as batch_op:
        batch_op.add_column(sa.Column('previous_in_at', portal.models.base.Moment(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('second_sealed', sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column('second_on_at', portal.models.base.Moment(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('second_step', sa.Integer(), server_default='0', nullable=False))

    _set_try_kinds(ALL_TRY_KINDS)
    _guard_steps()


def _guard_steps() -> None:
    op.add_column('step', sa.Column('request', sa.String(length=16), nullable=True))
    op.add_column('step', sa.Column('origin', sa.String(length=16), nullable=True))
    op.create_index('ix_step_at', 'step', ['at'], unique=False)
    empty = sa.text('position IS NULL')
    op.create_index('ix_step_unsealed', 'step', ['at', 'id'], unique=False, sqlite_where=empty, postgresql_where=empty)
    guards.put_up(op.get_bind())


def _unguard_steps() -> None:
    guards.take_down(op.get_bind())
    op.drop_index('ix_step_unsealed', 'step')
    op.drop_index('ix_step_at', 'step')
    with op.batch_alter_table('step', schema=None) as batch_op:
        batch_op.drop_column('origin')
        batch_op.drop_column('request')


def downgrade() -> None:
    _unguard_steps()
    op.execute(f'delete from "try" where not ({TRY_KINDS})')
    _set_try_kinds(TRY_KINDS)
    with op.batch_alter_table('user', schema=None) as batch_op:
        batch_op.drop_column('second_step')
        batch_op.drop_column('second_on_at')
        batch_op.drop_column('second_sealed')
        batch_op.drop_column('previous_in_at')

    with op.batch_alter_table('sign_in', schema=None) as batch_op:
        batch_op.drop_column('browser')
        batch_op.drop_column('proven_at')

    op.drop_table('viewed')
    with op.batch_alter_table('recovery_code', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_recovery_code_user_id'))

    op.drop_table('recovery_code')
    with op.batch_alter_table('export', schema=None) as batch_op:
        batch_op.drop_index('ix_export_place_state')
        batch_op.drop_index(batch_op.f('ix_export_path'))
        batch_op.drop_index(batch_op.f('ix_export_digest'))

    op.drop_table('export')
    op.drop_table('deployment')
