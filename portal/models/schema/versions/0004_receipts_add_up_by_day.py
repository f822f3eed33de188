"""receipts add up by day."""

import sqlalchemy as sa
from alembic import op

import portal.models.base


revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


TRY_KINDS = "kind in ('sign_in', 'code', 'download', 'reset', 'claim')"
TRY_KINDS_AND_RECEIPT = "kind in ('sign_in', 'code', 'download', 'reset', 'claim', 'receipt')"


def _set_try_kinds(kinds):
    with op.batch_alter_table('try', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_try_kind'), type_='check')
        batch_op.create_check_constraint(batch_op.f('ck_try_kind'), kinds)


def upgrade() -> None:
    op.create_table('receipt_day',
    sa.Column('school_id', sa.Uuid(), nullable=False),
    sa.Column('round_id', sa.Uuid(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('until', portal.models.base.Moment(timezone=True), nullable=False),
    sa.Column('photos', sa.Integer(), nullable=False),
    sa.Column('digest', sa.LargeBinary(), nullable=False),
    sa.Column('closed_at', portal.models.base.Moment(timezone=True), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['round_id'], ['round.id'], name=op.f('fk_receipt_day_round_id')),
    sa.ForeignKeyConstraint(['school_id'], ['place.id'], name=op.f('fk_receipt_day_school_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_receipt_day')),
    sa.UniqueConstraint('school_id', 'round_id', 'day', name=op.f('uq_receipt_day_school_id_round_id_day'))
    )
    with op.batch_alter_table('photo', schema=None) as batch_op:
        batch_op.create_index('ix_photo_school_received', ['school_id', 'round_id', 'received_at'], unique=False)
    _set_try_kinds(TRY_KINDS_AND_RECEIPT)
    op.create_table('sample_look',
    sa.Column('sheet_id', sa.Uuid(), nullable=False),
    sa.Column('photo_id', sa.Uuid(), nullable=False),
    sa.Column('round_id', sa.Uuid(), nullable=False),
    sa.Column('school_id', sa.Uuid(), nullable=False),
    sa.Column('by_id', sa.Uuid(), nullable=False),
    sa.Column('written', sa.Boolean(), nullable=False),
    sa.Column('at', portal.models.base.Moment(timezone=True), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_sample_look_by_id')),
    sa.ForeignKeyConstraint(['photo_id'], ['photo.id'], name=op.f('fk_sample_look_photo_id')),
    sa.ForeignKeyConstraint(['round_id'], ['round.id'], name=op.f('fk_sample_look_round_id')),
    sa.ForeignKeyConstraint(['school_id'], ['place.id'], name=op.f('fk_sample_look_school_id')),
    sa.ForeignKeyConstraint(['sheet_id'], ['sheet.id'], name=op.f('fk_sample_look_sheet_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sample_look')),
    sa.UniqueConstraint('sheet_id', 'photo_id', name=op.f('uq_sample_look_sheet_id_photo_id'))
    )
    with op.batch_alter_table('sample_look', schema=None) as batch_op:
        batch_op.create_index('ix_sample_look_school', ['round_id', 'school_id'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('sample_look', schema=None) as batch_op:
        batch_op.drop_index('ix_sample_look_school')
    op.drop_table('sample_look')
    op.execute("""delete from "try" where kind = 'receipt'""")
    _set_try_kinds(TRY_KINDS)
    with op.batch_alter_table('photo', schema=None) as batch_op:
        batch_op.drop_index('ix_photo_school_received')
    op.drop_table('receipt_day')
