"""steps cannot be emptied: the triggers once more, with one for TRUNCATE on PostgreSQL."""

from alembic import op

from portal.models.schema import guards


revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    guards.take_down(op.get_bind())
    guards.put_up(op.get_bind())


def downgrade() -> None:
    if op.get_bind().dialect.name == 'postgresql':
        op.execute('DROP TRIGGER IF EXISTS step_not_emptied ON step')
