"""What verifications found: each is itself a step, so that a bad one cannot be made to disappear, and an alarm.

A result carries a mark that needs the key file: whoever only writes into the database would otherwise say "verified,
all good" every night, and nobody would look.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from portal.models import Step, db, keyring
from portal.rules.clock import local, now
from portal.services import audit_anchors, audit_sealing, transactions
from portal.services.audit_verifying import Answer, Verdict, verify
from portal.services.history import record_deployment, top_place

log = logging.getLogger("portal")

VERIFY = "VERIFY_AUDIT"
ANCHOR_FAILED = "ANCHOR_FAILED"
#: the hour in Shanghai after which the whole chain is computed again, once a day
NIGHT = 2
_AGAIN = timedelta(hours=6)


@dataclass(frozen=True)
class Result:
    """The last verification: when, what it answered, up to which position all agreed, how many anchors did."""

    at: datetime
    answer: Answer
    kind: str
    position: int | None
    last: int
    matched: int
    whole: bool


def keep(verdict: Verdict) -> Verdict:
    """Write down what was found; a bad answer is logged as well, without any data. Commits."""
    told: dict[str, Any] = {"exit": int(verdict.answer), "kind": verdict.kind, "position": verdict.position}
    told |= {"since": verdict.first, "upto": verdict.last, "anchors": verdict.matched}
    moment = now()
    step = record_deployment(VERIFY, **told, mark=_mark(moment, told))
    if step is not None:
        step.at = moment
    db.session.commit()
    if verdict.answer != Answer.OK:
        log.error("the history does not agree: %s at %s", verdict.kind, verdict.position)
    if verdict.stands_still:
        log.error("no sealer runs: %s steps wait", verdict.unsealed)
    return verdict


def last(whole: bool = False) -> Result | None:
    """The last verification that was written down; with `whole` the last one from the first step on."""
    found = (_result(step) for step in _newest(VERIFY, 50) if _is_ours(step))
    return next((one for one in found if one.whole or not whole), None)


def _newest(move: str, most: int) -> list[Step]:
    """The newest steps of the deployment with this move."""
    top = top_place()
    if top is None:
        return []
    query = select(Step).where(Step.thing_id == top.id, Step.move == move)
    return list(db.session.scalars(query.order_by(Step.at.desc()).limit(most)))


def _mark(moment: datetime, told: dict[str, Any]) -> str:
    text = f"{moment.isoformat()}|{json.dumps(told, sort_keys=True)}"
    return hmac.digest(keyring().derive("audit result"), text.encode(), hashlib.sha256).hex()[:32]


def _is_ours(step: Step) -> bool:
    told = dict(step.details)
    return hmac.compare_digest(str(told.pop("mark", "")).encode(), _mark(step.at, told).encode())


def _result(step: Step) -> Result:
    told = step.details
    answer = Answer(told["exit"])
    return Result(
        step.at, answer, told["kind"], told["position"], told["upto"], told["anchors"], whole=told["since"] == 1
    )


def verify_new() -> Verdict:
    """What came since the last good verification; called when a worker starts. Commits."""
    with transactions.reading():  # nobody who writes waits while the chain is computed
        before = last()
    since = before.last + 1 if before is not None and before.answer == Answer.OK else 1
    return keep(verify(max(1, since)))


def verifier() -> Callable[[], int]:
    """What the worker calls every few minutes: the first time what is new is verified, then the whole once a night."""
    begun = False

    def verify_when_due() -> int:
        nonlocal begun
        if not begun:
            audit_sealing.seal_all()  # what came while no worker ran
            verify_new()
            begun = True
        return verify_nightly()

    return verify_when_due


def verify_nightly() -> int:
    """The whole chain, once a night; called by the worker every few minutes. How many times it was done. Commits."""
    moment = now()
    with transactions.reading():
        before = last(whole=True)
    is_fresh = before is not None and (local(before.at).date() == local(moment).date() or moment - before.at < _AGAIN)
    if local(moment).hour < NIGHT or is_fresh:
        return 0
    keep(verify())
    return 1


def anchor_due() -> int:
    """Make an anchor when one is due; a folder that does not take it is written down, once an hour. Commits."""
    try:
        if audit_anchors.is_due(audit_anchors.last(), now()):
            audit_sealing.seal_all()
        return audit_anchors.make_due()
    except OSError as error:
        log.error("no anchor could be kept: %s", error.strerror)
    before = _newest(ANCHOR_FAILED, 1)
    if not before or now() - before[0].at > timedelta(hours=1):
        record_deployment(ANCHOR_FAILED)
        db.session.commit()
    return 0
