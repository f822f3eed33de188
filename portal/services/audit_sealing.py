"""The sealer: every second the worker gives new steps their gapless positions and seals."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection, func, select

from portal.models import Step, db, keyring, writing
from portal.models.base import looking
from portal.rules.clock import now
from portal.services import audit_chain

AT_ONCE = 1000
#: older unsealed steps mean that no sealer runs
STANDS_STILL = timedelta(seconds=60)


def seal_waiting() -> int:
    """Seal what waits, up to a thousand steps; called by the worker. How many. Commits."""
    with looking(), db.engine.connect() as connection:
        if not audit_chain.is_waiting(connection):  # nobody who writes waits for a look
            return 0
    with writing(), db.engine.begin() as connection:
        return audit_chain.seal_next(connection, keyring().derive("audit"), AT_ONCE)


def seal_all() -> int:
    """Seal everything that waits. Commits."""
    count = 0
    while found := seal_waiting():
        count += found
    return count


def waiting(connection: Connection | None = None) -> tuple[int, timedelta]:
    """How many steps have no seal yet, and the age of the oldest; asked on the session when no connection is given."""
    query = select(func.count(), func.min(Step.at)).where(Step.position.is_(None))
    count, oldest = (connection.execute(query) if connection is not None else db.session.execute(query)).one()
    return count, max(timedelta(0), now() - oldest) if oldest else timedelta(0)
