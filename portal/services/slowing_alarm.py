"""Tells the province that codes are being guessed: a step in its history and a line in the log, once an hour."""

from __future__ import annotations

import logging
from datetime import timedelta

from sqlalchemy import select

from portal.models import Place, Step, db
from portal.rules.clock import now
from portal.rules.roles import Level
from portal.services.history import record

log = logging.getLogger("portal")

MOVE = "ALARM_CODES"
QUIET = timedelta(hours=1)


def raise_once(bucket: str, wrong: int) -> None:
    """Write down that a bucket (`address` or `province`) is full, unless that stands there within the last hour.
    Names no address: who runs the server finds it in the proxy's log. Commits."""
    if not _is_new(bucket):
        return
    for province in _provinces():
        record(None, province, MOVE, province.id, bucket=bucket, wrong=wrong)
    db.session.commit()
    log.warning("registration codes are being guessed: %d wrong tries, limit of the %s", wrong, bucket)


def _is_new(bucket: str) -> bool:
    """True when no province was told about this bucket within the last hour."""
    ids = [province.id for province in _provinces()]
    told = select(Step.details).where(Step.thing_id.in_(ids), Step.move == MOVE, Step.at > now() - QUIET)
    return all(details.get("bucket") != bucket for details in db.session.scalars(told))


def _provinces() -> list[Place]:
    return list(db.session.scalars(select(Place).where(Place.level == Level.PROVINCE)))
