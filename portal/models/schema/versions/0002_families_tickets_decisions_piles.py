"""families tickets decisions piles."""

import sqlalchemy as sa
from alembic import op

import portal.models.base


revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


TRY_KINDS = "kind in ('sign_in', 'code', 'download', 'reset')"
TRY_KINDS_AND_CLAIM = "kind in ('sign_in', 'code', 'download', 'reset', 'claim')"


def _set_try_kinds(kinds):
    with op.batch_alter_table('try', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_try_kind'), type_='check')
        batch_op.create_check_constraint(batch_op.f('ck_try_kind'), kinds)


def upgrade() -> None:
    op.create_table('consent',
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('pupil_id', sa.Uuid(), nullable=False),
    sa.Column('text_version', sa.String(length=20), nullable=False),
    sa.Column('language', sa.String(length=5), nullable=False),
    sa.Column('at', portal.models.base.Moment(timezone=True), nullable=False),
    sa.Column('withdrawn_at', portal.models.base.Moment(timezone=True), nullable=True),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['pupil_id'], ['pupil.id'], name=op.f('fk_consent_pupil_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_consent_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consent'))
    )
    with op.batch_alter_table('consent', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_consent_pupil_id'), ['pupil_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_consent_user_id'), ['user_id'], unique=False)

    op.create_table('guardianship',
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('pupil_id', sa.Uuid(), nullable=False),
    sa.Column('school_id', sa.Uuid(), nullable=False),
    sa.Column('path', sa.String(length=200).with_variant(sa.String(length=200, collation='C'), 'postgresql'), nullable=False),
    sa.Column('relation', sa.String(length=4), nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('made_at', portal.models.base.Moment(timezone=True), nullable=False),
    sa.Column('decided_at', portal.models.base.Moment(timezone=True), nullable=True),
    sa.Column('decided_by_id', sa.Uuid(), nullable=True),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.CheckConstraint("state in ('waiting', 'active', 'refused', 'ended')", name=op.f('ck_guardianship_state')),
    sa.ForeignKeyConstraint(['decided_by_id'], ['user.id'], name=op.f('fk_guardianship_decided_by_id')),
    sa.ForeignKeyConstraint(['pupil_id'], ['pupil.id'], name=op.f('fk_guardianship_pupil_id')),
    sa.ForeignKeyConstraint(['school_id'], ['place.id'], name=op.f('fk_guardianship_school_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_guardianship_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_guardianship'))
    )
    with op.batch_alter_table('guardianship', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_guardianship_path'), ['path'], unique=False)
        batch_op.create_index(batch_op.f('ix_guardianship_pupil_id'), ['pupil_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_guardianship_user_id'), ['user_id'], unique=False)
        batch_op.create_index('uq_guardianship_live', ['user_id', 'pupil_id'], unique=True, sqlite_where=sa.text("state in ('waiting', 'active')"), postgresql_where=sa.text("state in ('waiting', 'active')"))

    op.create_table('pile',
    sa.Column('school_id', sa.Uuid(), nullable=False),
    sa.Column('round_id', sa.Uuid(), nullable=False),
    sa.Column('path', sa.String(length=200).with_variant(sa.String(length=200, collation='C'), 'postgresql'), nullable=False),
    sa.Column('class_id', sa.Uuid(), nullable=True),
    sa.Column('by_id', sa.Uuid(), nullable=False),
    sa.Column('made_at', portal.models.base.Moment(timezone=True), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_pile_by_id')),
    sa.ForeignKeyConstraint(['class_id'], ['place.id'], name=op.f('fk_pile_class_id')),
    sa.ForeignKeyConstraint(['round_id'], ['round.id'], name=op.f('fk_pile_round_id')),
    sa.ForeignKeyConstraint(['school_id'], ['place.id'], name=op.f('fk_pile_school_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pile'))
    )
    with op.batch_alter_table('pile', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_pile_path'), ['path'], unique=False)

    op.create_table('ticket',
    sa.Column('home_id', sa.Uuid(), nullable=False),
    sa.Column('place_id', sa.Uuid(), nullable=False),
    sa.Column('path', sa.String(length=200).with_variant(sa.String(length=200, collation='C'), 'postgresql'), nullable=False),
    sa.Column('page', sa.String(length=80), nullable=False),
    sa.Column('key_hash', sa.LargeBinary(), nullable=True),
    sa.Column('by_id', sa.Uuid(), nullable=True),
    sa.Column('sheet_id', sa.Uuid(), nullable=True),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('made_at', portal.models.base.Moment(timezone=True), nullable=False),
    sa.Column('due_at', portal.models.base.Moment(timezone=True), nullable=False),
    sa.Column('answered_at', portal.models.base.Moment(timezone=True), nullable=True),
    sa.Column('closed_at', portal.models.base.Moment(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.CheckConstraint("state in ('open', 'answered', 'closed', 'escalated')", name=op.f('ck_ticket_state')),
    sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_ticket_by_id')),
    sa.ForeignKeyConstraint(['home_id'], ['place.id'], name=op.f('fk_ticket_home_id')),
    sa.ForeignKeyConstraint(['place_id'], ['place.id'], name=op.f('fk_ticket_place_id')),
    sa.ForeignKeyConstraint(['sheet_id'], ['sheet.id'], name=op.f('fk_ticket_sheet_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ticket')),
    sa.UniqueConstraint('key_hash', name=op.f('uq_ticket_key_hash'))
    )
    with op.batch_alter_table('ticket', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_ticket_by_id'), ['by_id'], unique=False)
        batch_op.create_index('ix_ticket_path_state', ['path', 'state'], unique=False)
        batch_op.create_index(batch_op.f('ix_ticket_sheet_id'), ['sheet_id'], unique=False)
        batch_op.create_index('ix_ticket_state_due', ['state', 'due_at'], unique=False)

    op.create_table('decision',
    sa.Column('school_id', sa.Uuid(), nullable=False),
    sa.Column('path', sa.String(length=200).with_variant(sa.String(length=200, collation='C'), 'postgresql'), nullable=False),
    sa.Column('thing', sa.String(length=20), nullable=False),
    sa.Column('thing_id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('move', sa.String(length=24), nullable=False),
    sa.Column('reason_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('by_id', sa.Uuid(), nullable=False),
    sa.Column('post_id', sa.Uuid(), nullable=False),
    sa.Column('at', portal.models.base.Moment(timezone=True), nullable=False),
    sa.Column('due_at', portal.models.base.Moment(timezone=True), nullable=False),
    sa.Column('done_at', portal.models.base.Moment(timezone=True), nullable=True),
    sa.Column('undone_at', portal.models.base.Moment(timezone=True), nullable=True),
    sa.Column('lapsed', sa.String(length=80), nullable=True),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_decision_by_id')),
    sa.ForeignKeyConstraint(['post_id'], ['post.id'], name=op.f('fk_decision_post_id')),
    sa.ForeignKeyConstraint(['school_id'], ['place.id'], name=op.f('fk_decision_school_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_decision'))
    )
    with op.batch_alter_table('decision', schema=None) as batch_op:
        batch_op.create_index('ix_decision_due', ['due_at'], unique=False, sqlite_where=sa.text('done_at is null and undone_at is null'), postgresql_where=sa.text('done_at is null and undone_at is null'))
        batch_op.create_index(batch_op.f('ix_decision_path'), ['path'], unique=False)
        batch_op.create_index('uq_decision_pending', ['thing_id'], unique=True, sqlite_where=sa.text('done_at is null and undone_at is null'), postgresql_where=sa.text('done_at is null and undone_at is null'))

    op.create_table('evidence',
    sa.Column('sheet_id', sa.Uuid(), nullable=False),
    sa.Column('school_id', sa.Uuid(), nullable=False),
    sa.Column('round_id', sa.Uuid(), nullable=False),
    sa.Column('path', sa.String(length=200).with_variant(sa.String(length=200, collation='C'), 'postgresql'), nullable=False),
    sa.Column('item', sa.String(length=40), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('address', sa.String(length=80), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('by_id', sa.Uuid(), nullable=True),
    sa.Column('at', portal.models.base.Moment(timezone=True), nullable=False),
    sa.Column('removed_at', portal.models.base.Moment(timezone=True), nullable=True),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_evidence_by_id')),
    sa.ForeignKeyConstraint(['round_id'], ['round.id'], name=op.f('fk_evidence_round_id')),
    sa.ForeignKeyConstraint(['school_id'], ['place.id'], name=op.f('fk_evidence_school_id')),
    sa.ForeignKeyConstraint(['sheet_id'], ['sheet.id'], name=op.f('fk_evidence_sheet_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_evidence')),
    sa.UniqueConstraint('sheet_id', 'item', 'address', name=op.f('uq_evidence_sheet_id_item_address'))
    )
    with op.batch_alter_table('evidence', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_evidence_sheet_id'), ['sheet_id'], unique=False)

    op.create_table('group_check',
    sa.Column('sheet_id', sa.Uuid(), nullable=False),
    sa.Column('group', sa.String(length=30), nullable=False),
    sa.Column('by_id', sa.Uuid(), nullable=False),
    sa.Column('at', portal.models.base.Moment(timezone=True), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_group_check_by_id')),
    sa.ForeignKeyConstraint(['sheet_id'], ['sheet.id'], name=op.f('fk_group_check_sheet_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_group_check')),
    sa.UniqueConstraint('sheet_id', 'group', name=op.f('uq_group_check_sheet_id_group'))
    )
    op.create_table('ticket_entry',
    sa.Column('ticket_id', sa.Uuid(), nullable=False),
    sa.Column('home_id', sa.Uuid(), nullable=False),
    sa.Column('by_id', sa.Uuid(), nullable=True),
    sa.Column('from_asker', sa.Boolean(), nullable=False),
    sa.Column('text_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('at', portal.models.base.Moment(timezone=True), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_ticket_entry_by_id')),
    sa.ForeignKeyConstraint(['home_id'], ['place.id'], name=op.f('fk_ticket_entry_home_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_ticket_entry_ticket_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ticket_entry'))
    )
    with op.batch_alter_table('ticket_entry', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_ticket_entry_ticket_id'), ['ticket_id'], unique=False)

    with op.batch_alter_table('photo', schema=None) as batch_op:
        batch_op.add_column(sa.Column('pile_id', sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column('assigned_by_id', sa.Uuid(), nullable=True))
        batch_op.alter_column('sheet_id',
               existing_type=sa.CHAR(length=32),
               nullable=True)
        batch_op.create_index(batch_op.f('ix_photo_pile_id'), ['pile_id'], unique=False)
        batch_op.create_unique_constraint(batch_op.f('uq_photo_pile_id_address'), ['pile_id', 'address'])
        batch_op.create_foreign_key(batch_op.f('fk_photo_assigned_by_id'), 'user', ['assigned_by_id'], ['id'])
        batch_op.create_foreign_key(batch_op.f('fk_photo_pile_id'), 'pile', ['pile_id'], ['id'])
        batch_op.create_check_constraint(batch_op.f('ck_photo_belongs'), 'sheet_id is not null or pile_id is not null')

    with op.batch_alter_table('sheet', schema=None) as batch_op:
        batch_op.add_column(sa.Column('reminded', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('reminded_at', portal.models.base.Moment(timezone=True), nullable=True))

    with op.batch_alter_table('user', schema=None) as batch_op:
        batch_op.add_column(sa.Column('phone_sealed', sa.LargeBinary(), nullable=True))

    _set_try_kinds(TRY_KINDS_AND_CLAIM)


def downgrade() -> None:
    _set_try_kinds(TRY_KINDS)
    with op.batch_alter_table('user', schema=None) as batch_op:
        batch_op.drop_column('phone_sealed')

    with op.batch_alter_table('sheet', schema=None) as batch_op:
        batch_op.drop_column('reminded_at')
        batch_op.drop_column('reminded')

    with op.batch_alter_table('photo', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_photo_belongs'), type_='check')
        batch_op.drop_constraint(batch_op.f('fk_photo_pile_id'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('fk_photo_assigned_by_id'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('uq_photo_pile_id_address'), type_='unique')
        batch_op.drop_index(batch_op.f('ix_photo_pile_id'))
        batch_op.alter_column('sheet_id',
               existing_type=sa.CHAR(length=32),
               nullable=False)
        batch_op.drop_column('assigned_by_id')
        batch_op.drop_column('pile_id')

    with op.batch_alter_table('ticket_entry', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_ticket_entry_ticket_id'))

    op.drop_table('ticket_entry')
    op.drop_table('group_check')
    with op.batch_alter_table('evidence', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_evidence_sheet_id'))

    op.drop_table('evidence')
    with op.batch_alter_table('decision', schema=None) as batch_op:
        batch_op.drop_index('uq_decision_pending', sqlite_where=sa.text('done_at is null and undone_at is null'), postgresql_where=sa.text('done_at is null and undone_at is null'))
        batch_op.drop_index(batch_op.f('ix_decision_path'))
        batch_op.drop_index('ix_decision_due', sqlite_where=sa.text('done_at is null and undone_at is null'), postgresql_where=sa.text('done_at is null and undone_at is null'))

    op.drop_table('decision')
    with op.batch_alter_table('ticket', schema=None) as batch_op:
        batch_op.drop_index('ix_ticket_state_due')
        batch_op.drop_index('ix_ticket_path_state')
        batch_op.drop_index(batch_op.f('ix_ticket_sheet_id'))
        batch_op.drop_index(batch_op.f('ix_ticket_by_id'))

    op.drop_table('ticket')
    with op.batch_alter_table('pile', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_pile_path'))

    op.drop_table('pile')
    with op.batch_alter_table('guardianship', schema=None) as batch_op:
        batch_op.drop_index('uq_guardianship_live', sqlite_where=sa.text("state in ('waiting', 'active')"), postgresql_where=sa.text("state in ('waiting', 'active')"))
        batch_op.drop_index(batch_op.f('ix_guardianship_user_id'))
        batch_op.drop_index(batch_op.f('ix_guardianship_pupil_id'))
        batch_op.drop_index(batch_op.f('ix_guardianship_path'))

    op.drop_table('guardianship')
    with op.batch_alter_table('consent', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_consent_user_id'))
        batch_op.drop_index(batch_op.f('ix_consent_pupil_id'))

    op.drop_table('consent')
