"""The completion statement of a school: its figures of the round and the digests of its receipts, on one page."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

from sqlalchemy import func, select

from portal.models import Place, ReceiptDay, Sheet, db
from portal.paper.statement import MOST_DAYS, Day, Figure, Statement, print_statement
from portal.rules.figures import Measure
from portal.rules.roles import Actor
from portal.services import archiving, lists, receipt_days
from portal.services.history import record

__all__ = ["Day", "Facts", "Figure", "Statement", "facts_of", "print_page"]


@dataclass(frozen=True)
class Facts:
    """What there is to state. `days` are the newest closed days that fit on the page, `left_out` how many older ones
    there are, `photos` all photos of closed days, `until` the last day that can be closed by now."""

    school: str
    code: str
    title: str
    begins: date
    ends: date
    counts: dict[Measure, int]
    filed: int
    open: int
    excluded: int
    days: tuple[ReceiptDay, ...]
    left_out: int
    photos: int
    until: date


def facts_of(actor: Actor) -> Facts:
    """The facts of the actor's school in the present round; raises `NotFound` anywhere else, `NoRound`."""
    found = archiving.archive_of(actor)
    round_ = lists.round_of(actor)
    counts: Counter[Measure] = Counter()
    for row in found.classes:
        counts.update(row.counts)
    school = db.session.get_one(Place, actor.place_id)
    outside = select(func.count()).where(Sheet.round_id == round_.id, Sheet.school_id == school.id)
    days = receipt_days.days_of(school.id, round_.id)
    return Facts(
        school=school.name,
        code=school.code,
        title=round_.title,
        begins=round_.begins,
        ends=round_.ends,
        counts={measure: counts[measure] for measure in Measure},
        filed=found.total("filed"),
        open=sum(row.ready + row.open for row in found.classes),
        excluded=db.session.scalar(outside.where(Sheet.in_scope.is_(False))) or 0,
        days=tuple(days[-MOST_DAYS:]),
        left_out=max(0, len(days) - MOST_DAYS),
        photos=sum(day.photos for day in days),
        until=receipt_days.last_closed_day(),
    )


def print_page(actor: Actor, page: Statement, facts: Facts, out: BinaryIO) -> None:
    """Write the PDF; what was stated is recorded with it. Commits the step."""
    print_statement(page, out)
    school = db.session.get_one(Place, actor.place_id)
    last = facts.days[-1].digest.hex() if facts.days else ""
    record(actor, school, "PRINT_STATEMENT", school.id, filed=facts.filed, open=facts.open, digest=last)
    db.session.commit()
