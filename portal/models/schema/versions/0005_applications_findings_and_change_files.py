"""applications, findings and change files."""

import sqlalchemy as sa
from alembic import op

import portal.models.base


revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


OPEN = "state in ('DRAFTED', 'WITH_LEADER', 'WITH_AUTHORITY')"
BUSINESS = sa.text(f"{OPEN} and kind <> 'identity'")
PROOF = sa.text(f"{OPEN} and kind = 'identity'")


def upgrade() -> None:
    op.create_table('change_file',
    sa.Column('school_id', sa.Uuid(), nullable=False),
    sa.Column('round_id', sa.Uuid(), nullable=True),
    sa.Column('path', sa.String(length=200).with_variant(sa.String(length=200, collation='C'), 'postgresql'), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('rows', sa.Integer(), nullable=False),
    sa.Column('items', sa.Integer(), nullable=False),
    sa.Column('address', sa.String(length=80), nullable=False),
    sa.Column('made_by_id', sa.Uuid(), nullable=True),
    sa.Column('made_at', portal.models.base.Moment(timezone=True), nullable=False),
    sa.Column('taken_at', portal.models.base.Moment(timezone=True), nullable=True),
    sa.Column('taken_by_id', sa.Uuid(), nullable=True),
    sa.Column('receipt', sa.String(length=60), nullable=True),
    sa.Column('dropped_at', portal.models.base.Moment(timezone=True), nullable=True),
    sa.Column('dropped_by_id', sa.Uuid(), nullable=True),
    sa.Column('reason_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['dropped_by_id'], ['user.id'], name=op.f('fk_change_file_dropped_by_id')),
    sa.ForeignKeyConstraint(['made_by_id'], ['user.id'], name=op.f('fk_change_file_made_by_id')),
    sa.ForeignKeyConstraint(['round_id'], ['round.id'], name=op.f('fk_change_file_round_id')),
    sa.ForeignKeyConstraint(['school_id'], ['place.id'], name=op.f('fk_change_file_school_id')),
    sa.ForeignKeyConstraint(['taken_by_id'], ['user.id'], name=op.f('fk_change_file_taken_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_change_file')),
    sa.UniqueConstraint('school_id', 'number', name=op.f('uq_change_file_school_id_number'))
    )
    op.create_table('filed_step',
    sa.Column('step_id', sa.Uuid(), nullable=False),
    sa.Column('file_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['file_id'], ['change_file.id'], name=op.f('fk_filed_step_file_id')),
    sa.ForeignKeyConstraint(['step_id'], ['step.id'], name=op.f('fk_filed_step_step_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_filed_step')),
    sa.UniqueConstraint('step_id', name=op.f('uq_filed_step_step_id'))
    )
    with op.batch_alter_table('filed_step', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_filed_step_file_id'), ['file_id'], unique=False)

    op.create_table('finding',
    sa.Column('round_id', sa.Uuid(), nullable=False),
    sa.Column('pupil_id', sa.Uuid(), nullable=False),
    sa.Column('school_id', sa.Uuid(), nullable=False),
    sa.Column('class_id', sa.Uuid(), nullable=False),
    sa.Column('path', sa.String(length=200).with_variant(sa.String(length=200, collation='C'), 'postgresql'), nullable=False),
    sa.Column('code', sa.String(length=20), nullable=False),
    sa.Column('note_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('by_id', sa.Uuid(), nullable=False),
    sa.Column('at', portal.models.base.Moment(timezone=True), nullable=False),
    sa.Column('begun_at', portal.models.base.Moment(timezone=True), nullable=True),
    sa.Column('done_at', portal.models.base.Moment(timezone=True), nullable=True),
    sa.Column('done_by_id', sa.Uuid(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_finding_by_id')),
    sa.ForeignKeyConstraint(['class_id'], ['place.id'], name=op.f('fk_finding_class_id')),
    sa.ForeignKeyConstraint(['done_by_id'], ['user.id'], name=op.f('fk_finding_done_by_id')),
    sa.ForeignKeyConstraint(['pupil_id'], ['pupil.id'], name=op.f('fk_finding_pupil_id')),
    sa.ForeignKeyConstraint(['round_id'], ['round.id'], name=op.f('fk_finding_round_id')),
    sa.ForeignKeyConstraint(['school_id'], ['place.id'], name=op.f('fk_finding_school_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_finding')),
    sa.UniqueConstraint('round_id', 'pupil_id', name=op.f('uq_finding_round_id_pupil_id'))
    )
    with op.batch_alter_table('finding', schema=None) as batch_op:
        batch_op.create_index('ix_finding_round_class', ['round_id', 'class_id'], unique=False)
        batch_op.create_index('ix_finding_round_path', ['round_id', 'path'], unique=False)

    op.create_table('record_check',
    sa.Column('round_id', sa.Uuid(), nullable=False),
    sa.Column('school_id', sa.Uuid(), nullable=False),
    sa.Column('class_id', sa.Uuid(), nullable=False),
    sa.Column('path', sa.String(length=200).with_variant(sa.String(length=200, collation='C'), 'postgresql'), nullable=False),
    sa.Column('reported_at', portal.models.base.Moment(timezone=True), nullable=True),
    sa.Column('reported_by_id', sa.Uuid(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['class_id'], ['place.id'], name=op.f('fk_record_check_class_id')),
    sa.ForeignKeyConstraint(['reported_by_id'], ['user.id'], name=op.f('fk_record_check_reported_by_id')),
    sa.ForeignKeyConstraint(['round_id'], ['round.id'], name=op.f('fk_record_check_round_id')),
    sa.ForeignKeyConstraint(['school_id'], ['place.id'], name=op.f('fk_record_check_school_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_record_check')),
    sa.UniqueConstraint('round_id', 'class_id', name=op.f('uq_record_check_round_id_class_id'))
    )
    with op.batch_alter_table('record_check', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_record_check_path'), ['path'], unique=False)

    op.create_table('unlisted',
    sa.Column('round_id', sa.Uuid(), nullable=False),
    sa.Column('school_id', sa.Uuid(), nullable=False),
    sa.Column('class_id', sa.Uuid(), nullable=False),
    sa.Column('path', sa.String(length=200).with_variant(sa.String(length=200, collation='C'), 'postgresql'), nullable=False),
    sa.Column('code', sa.String(length=20), nullable=False),
    sa.Column('person_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('id_index', sa.LargeBinary(), nullable=True),
    sa.Column('result', sa.String(length=12), nullable=True),
    sa.Column('by_id', sa.Uuid(), nullable=False),
    sa.Column('at', portal.models.base.Moment(timezone=True), nullable=False),
    sa.Column('done_at', portal.models.base.Moment(timezone=True), nullable=True),
    sa.Column('done_by_id', sa.Uuid(), nullable=True),
    sa.Column('removed_at', portal.models.base.Moment(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_unlisted_by_id')),
    sa.ForeignKeyConstraint(['class_id'], ['place.id'], name=op.f('fk_unlisted_class_id')),
    sa.ForeignKeyConstraint(['done_by_id'], ['user.id'], name=op.f('fk_unlisted_done_by_id')),
    sa.ForeignKeyConstraint(['round_id'], ['round.id'], name=op.f('fk_unlisted_round_id')),
    sa.ForeignKeyConstraint(['school_id'], ['place.id'], name=op.f('fk_unlisted_school_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_unlisted'))
    )
    with op.batch_alter_table('unlisted', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_unlisted_class_id'), ['class_id'], unique=False)
        batch_op.create_index('ix_unlisted_round_path', ['round_id', 'path'], unique=False)

    op.create_table('application',
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('school_id', sa.Uuid(), nullable=False),
    sa.Column('round_id', sa.Uuid(), nullable=True),
    sa.Column('pupil_id', sa.Uuid(), nullable=False),
    sa.Column('sheet_id', sa.Uuid(), nullable=True),
    sa.Column('path', sa.String(length=200).with_variant(sa.String(length=200, collation='C'), 'postgresql'), nullable=False),
    sa.Column('authority_id', sa.Uuid(), nullable=True),
    sa.Column('at_school', sa.Boolean(), nullable=False),
    sa.Column('origin', sa.String(length=8), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('items', sa.JSON(), nullable=False),
    sa.Column('values_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('reason_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('opinion_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('previous_id', sa.Uuid(), nullable=True),
    sa.Column('file_id', sa.Uuid(), nullable=True),
    sa.Column('made_by_id', sa.Uuid(), nullable=True),
    sa.Column('sent_by_id', sa.Uuid(), nullable=True),
    sa.Column('leader_id', sa.Uuid(), nullable=True),
    sa.Column('officer_id', sa.Uuid(), nullable=True),
    sa.Column('made_at', portal.models.base.Moment(timezone=True), nullable=False),
    sa.Column('since', portal.models.base.Moment(timezone=True), nullable=False),
    sa.Column('decided_at', portal.models.base.Moment(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.CheckConstraint("kind in ('change', 'identity', 'deletion')", name=op.f('ck_application_kind')),
    sa.ForeignKeyConstraint(['authority_id'], ['place.id'], name=op.f('fk_application_authority_id')),
    sa.ForeignKeyConstraint(['file_id'], ['change_file.id'], name=op.f('fk_application_file_id')),
    sa.ForeignKeyConstraint(['leader_id'], ['user.id'], name=op.f('fk_application_leader_id')),
    sa.ForeignKeyConstraint(['made_by_id'], ['user.id'], name=op.f('fk_application_made_by_id')),
    sa.ForeignKeyConstraint(['officer_id'], ['user.id'], name=op.f('fk_application_officer_id')),
    sa.ForeignKeyConstraint(['previous_id'], ['application.id'], name=op.f('fk_application_previous_id')),
    sa.ForeignKeyConstraint(['pupil_id'], ['pupil.id'], name=op.f('fk_application_pupil_id')),
    sa.ForeignKeyConstraint(['round_id'], ['round.id'], name=op.f('fk_application_round_id')),
    sa.ForeignKeyConstraint(['school_id'], ['place.id'], name=op.f('fk_application_school_id')),
    sa.ForeignKeyConstraint(['sent_by_id'], ['user.id'], name=op.f('fk_application_sent_by_id')),
    sa.ForeignKeyConstraint(['sheet_id'], ['sheet.id'], name=op.f('fk_application_sheet_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_application'))
    )
    with op.batch_alter_table('application', schema=None) as batch_op:
        batch_op.create_index('ix_application_authority_state', ['authority_id', 'state'], unique=False)
        batch_op.create_index(batch_op.f('ix_application_file_id'), ['file_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_application_path'), ['path'], unique=False)
        batch_op.create_index(batch_op.f('ix_application_pupil_id'), ['pupil_id'], unique=False)
        batch_op.create_index('ix_application_school_state', ['school_id', 'state'], unique=False)
        batch_op.create_index(batch_op.f('ix_application_sheet_id'), ['sheet_id'], unique=False)
        batch_op.create_index('uq_application_open', ['pupil_id'], unique=True, sqlite_where=BUSINESS, postgresql_where=BUSINESS)
        batch_op.create_index('uq_application_proof', ['pupil_id'], unique=True, sqlite_where=PROOF, postgresql_where=PROOF)

    with op.batch_alter_table('change', schema=None) as batch_op:
        batch_op.add_column(sa.Column('claimed_by_id', sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column('claimed_until', portal.models.base.Moment(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('application_id', sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column('file_id', sa.Uuid(), nullable=True))
        batch_op.create_index(batch_op.f('ix_change_application_id'), ['application_id'], unique=False)
        batch_op.create_index('ix_change_claimed', ['claimed_by_id'], unique=False, sqlite_where=sa.text('claimed_by_id is not null'), postgresql_where=sa.text('claimed_by_id is not null'))
        batch_op.create_index(batch_op.f('ix_change_file_id'), ['file_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_change_claimed_by_id'), 'user', ['claimed_by_id'], ['id'])
        batch_op.create_foreign_key(batch_op.f('fk_change_file_id'), 'change_file', ['file_id'], ['id'])
        batch_op.create_foreign_key(batch_op.f('fk_change_application_id'), 'application', ['application_id'], ['id'])

    with op.batch_alter_table('evidence', schema=None) as batch_op:
        batch_op.add_column(sa.Column('application_id', sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column('format', sa.String(length=5), server_default='JPG', nullable=False))
        batch_op.add_column(sa.Column('name_sealed', sa.LargeBinary(), nullable=True))
        batch_op.alter_column('sheet_id',
               existing_type=sa.Uuid(),
               nullable=True)
        batch_op.alter_column('round_id',
               existing_type=sa.Uuid(),
               nullable=True)
        batch_op.create_index(batch_op.f('ix_evidence_application_id'), ['application_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_evidence_application_id'), 'application', ['application_id'], ['id'])
        batch_op.create_check_constraint(batch_op.f('ck_evidence_belongs'), 'sheet_id is not null or application_id is not null')



def downgrade() -> None:
    op.execute('delete from evidence where sheet_id is null or round_id is null')
    with op.batch_alter_table('evidence', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_evidence_belongs'), type_='check')
        batch_op.drop_constraint(batch_op.f('fk_evidence_application_id'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_evidence_application_id'))
        batch_op.alter_column('round_id',
               existing_type=sa.Uuid(),
               nullable=False)
        batch_op.alter_column('sheet_id',
               existing_type=sa.Uuid(),
               nullable=False)
        batch_op.drop_column('name_sealed')
        batch_op.drop_column('format')
        batch_op.drop_column('application_id')

    with op.batch_alter_table('change', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_change_application_id'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('fk_change_file_id'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('fk_change_claimed_by_id'), type_='foreignkey')
        batch_op.drop_index('ix_change_claimed')
        batch_op.drop_index(batch_op.f('ix_change_file_id'))
        batch_op.drop_index(batch_op.f('ix_change_application_id'))
        batch_op.drop_column('file_id')
        batch_op.drop_column('application_id')
        batch_op.drop_column('claimed_until')
        batch_op.drop_column('claimed_by_id')

    with op.batch_alter_table('application', schema=None) as batch_op:
        batch_op.drop_index('uq_application_proof', sqlite_where=PROOF, postgresql_where=PROOF)
        batch_op.drop_index('uq_application_open', sqlite_where=BUSINESS, postgresql_where=BUSINESS)
        batch_op.drop_index(batch_op.f('ix_application_sheet_id'))
        batch_op.drop_index('ix_application_school_state')
        batch_op.drop_index(batch_op.f('ix_application_pupil_id'))
        batch_op.drop_index(batch_op.f('ix_application_path'))
        batch_op.drop_index(batch_op.f('ix_application_file_id'))
        batch_op.drop_index('ix_application_authority_state')

    op.drop_table('application')
    with op.batch_alter_table('unlisted', schema=None) as batch_op:
        batch_op.drop_index('ix_unlisted_round_path')
        batch_op.drop_index(batch_op.f('ix_unlisted_class_id'))

    op.drop_table('unlisted')
    with op.batch_alter_table('record_check', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_record_check_path'))

    op.drop_table('record_check')
    with op.batch_alter_table('finding', schema=None) as batch_op:
        batch_op.drop_index('ix_finding_round_path')
        batch_op.drop_index('ix_finding_round_class')

    op.drop_table('finding')
    with op.batch_alter_table('filed_step', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_filed_step_file_id'))

    op.drop_table('filed_step')
    op.drop_table('change_file')
