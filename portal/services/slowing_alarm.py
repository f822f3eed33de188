"""Tells the province that codes or passwords are guessed: a step in its history and a line in the log, once an hour."""

from __future__ import annotations

import logging
from datetime import timedelta

from sqlalchemy import select

from portal.models import Place, Step, db
from portal.rules.clock import now
from portal.rules.roles import Level
from portal.services.history import record

log = logging.getLogger("portal")

MOVE, MOVE_SIGN_IN = "ALARM_CODES", "ALARM_PASSWORDS"
QUIET = timedelta(hours=1)


def raise_once(bucket: str, wrong: int) -> None:
    """Write down that a bucket (`address`, `province`, `sign_in`) is full, unless that stands there since an hour.
    Names no address: who runs the server finds it in the proxy's log. Commits."""
    if not _is_new(bucket):
        return
    for province in _provinces():
        record(None, province, _move(bucket), province.id, bucket=bucket, wrong=wrong)
    db.session.commit()
    what = "passwords" if bucket == "sign_in" else "registration codes"
    log.warning("%s are being guessed: %d wrong tries, limit of the %s", what, wrong, bucket)


def _move(bucket: str) -> str:
    return MOVE_SIGN_IN if bucket == "sign_in" else MOVE


def _is_new(bucket: str) -> bool:
    """True when no province was told about this bucket within the last hour."""
    ids = [province.id for province in _provinces()]
    told = select(Step.details).where(Step.thing_id.in_(ids), Step.move == _move(bucket), Step.at > now() - QUIET)
    return all(details.get("bucket") != bucket for details in db.session.scalars(told))


def _provinces() -> list[Place]:
    return list(db.session.scalars(select(Place).where(Place.level == Level.PROVINCE)))
