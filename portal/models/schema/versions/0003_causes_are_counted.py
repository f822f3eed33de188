"""causes are counted, schools have days."""

import sqlalchemy as sa
from alembic import op


revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

#: reasons why a sheet is not received, in the order of their bits, which begin at the eleventh
WHYS = (
    'away', 'no_reply', 'no_phone', 'transferring', 'refuses', 'lost', 'unreadable', 'not_issued', 'paper_only',
    'signed_up', 'not_recorded',
)
FIRST_BIT = 10
RECORDED = WHYS[:7]


def upgrade() -> None:
    with op.batch_alter_table('figure', schema=None) as batch_op:
        for why in WHYS:
            batch_op.add_column(sa.Column(why, sa.Integer(), server_default='0', nullable=True))
    with op.batch_alter_table('day_figure', schema=None) as batch_op:
        batch_op.add_column(sa.Column('is_school', sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.drop_index('ix_day_figure_round_path')
        batch_op.create_index(
            'ix_day_figure_trend', ['round_id', 'is_school', 'measure', 'path', 'day', 'n'], unique=False
        )
    only = sa.text("state = 'PRINTED'")
    with op.batch_alter_table('sheet', schema=None) as batch_op:
        batch_op.create_index(
            'ix_sheet_printed', ['round_id', 'path'], unique=False, sqlite_where=only, postgresql_where=only
        )
    _count_what_is_open()


def _count_what_is_open() -> None:
    """Give each sheet that is not received its reason, then add up classes and authorities."""
    cases = [f"when cause = '{why}' then {1 << FIRST_BIT + n}" for n, why in enumerate(RECORDED)]
    facts = (('not issued', 'not_issued'), ('returned', 'paper_only'), ('registered', 'signed_up'))
    cases += [f'when {fact} then {1 << FIRST_BIT + WHYS.index(why)}' for fact, why in facts]
    rest = 1 << FIRST_BIT + WHYS.index('not_recorded')
    op.execute(f"update sheet set counted = counted | (case {' '.join(cases)} else {rest} end) "
               'where in_scope and not received')
    for n, why in enumerate(WHYS):
        op.execute(f"update figure set {why} = (select count(*) from sheet where sheet.round_id = figure.round_id "
                   f"and sheet.class_id = figure.place_id and (sheet.counted & {1 << FIRST_BIT + n}) <> 0) "
                   "where level = 'class'")
        op.execute(f"update figure set {why} = (select coalesce(sum(own.{why}), 0) from figure own "
                   "join place class_ on own.place_id = class_.id join place school on class_.parent_id = school.id "
                   "where own.round_id = figure.round_id and own.level = 'class' "
                   "and school.parent_id = figure.place_id) where level <> 'class'")


def downgrade() -> None:
    only = sa.text("state = 'PRINTED'")
    with op.batch_alter_table('sheet', schema=None) as batch_op:
        batch_op.drop_index('ix_sheet_printed', sqlite_where=only, postgresql_where=only)
    op.execute(f'update sheet set counted = counted & {(1 << FIRST_BIT) - 1}')
    whys = ', '.join(f"'{why}'" for why in WHYS)
    op.execute('delete from day_figure where is_school')
    op.execute(f'delete from delta where measure in ({whys})')
    with op.batch_alter_table('day_figure', schema=None) as batch_op:
        batch_op.drop_index('ix_day_figure_trend')
        batch_op.create_index('ix_day_figure_round_path', ['round_id', 'path'], unique=False)
        batch_op.drop_column('is_school')
    with op.batch_alter_table('figure', schema=None) as batch_op:
        for why in reversed(WHYS):
            batch_op.drop_column(why)
