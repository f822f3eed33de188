"""How many full records one person looks at in a day: counted, written down, and above a budget only with a fresh proof
and a reason, which the auditor and the security officer see at once (sec-A34).

Lists are masked and count nothing; nor does the own class of a class teacher, nor the documents of an application that
waits for one's own decision, which are written down all the same. One thing counts once a day.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite

from portal.models import Place, Step, Viewed, db, writing
from portal.rules.clock import day_start, today
from portal.rules.roles import AUTHORITY_LEVELS, Actor, Role
from portal.rules.words import N_
from portal.services import second_step
from portal.services.history import record
from portal.services.refusals import Refusal

MORE, MASS = "VIEW_MORE", "MASS_VIEW"
RECORD, PHOTO, EVIDENCE = "SEE_RECORD_IN_FULL", "SEE_PHOTO", "SEE_EVIDENCE"
#: a reason has so many characters at least
SHORTEST = 4
LONGEST = 200


class TooMany(Refusal):
    """The budget of the day is used up: the screen leads to where a reason is given, and back."""

    status = 429

    def __init__(self) -> None:
        super().__init__(N_("今天看全名全号和证明材料的次数多了，写明原因后接着看。"))


def budget_of(actor: Actor) -> int:
    """Full records in a day before a reason is asked for, and again after each reason."""
    settings = current_app.extensions["portal.settings"]
    limit: int = settings.views_authority if actor.level in AUTHORITY_LEVELS else settings.views_school
    return limit


def show(actor: Actor, thing: Any, move: str, place_id: UUID, *, rows: int = 1, path: str | None = None) -> None:
    """Somebody is about to be shown `rows` full records: count and write it down in the caller's transaction, which is
    committed. Raises `TooMany` when the budget is used up; nothing is shown or counted then. With no rows it is only
    written down, whatever the budget."""
    if rows and actor.user_id is not None and _count(actor, rows) > budget_of(actor) * (1 + _mores(actor)):
        db.session.rollback()
        _alarm(actor)
        raise TooMany
    record(actor, thing, move, place_id, path=path, rows=rows)
    db.session.commit()


def look(actor: Actor, thing: Any, move: str, rows: int = 1) -> None:
    """The same for a page that is only read: once a day for each thing and person, in a transaction of its own. What
    the caller has read before is read anew. Class teachers look at the own class as often as they like."""
    if actor.role in (Role.TEACHER, Role.PARENT) or _has_seen(actor, thing, move):
        return
    model, thing_id = type(thing), thing.id
    db.session.rollback()  # on SQLite a transaction that has read cannot write once another one has
    with writing():
        found = db.session.get_one(model, thing_id)
        show(actor, found, move, found.school_id, rows=rows)


def ask_for_more(actor: Actor, reason: str) -> None:
    """Go on looking after the budget was used up, for a reason that the auditor reads. Commits.

    Raises `Unproven` without a fresh proof, `Refusal` for a reason that says nothing.
    """
    second_step.require_recent(actor)
    said = " ".join(reason.split())
    if len(said) < SHORTEST:
        raise Refusal(N_("请写清楚为什么要看这么多。"))
    place = db.session.get_one(Place, actor.place_id)
    record(actor, place, MORE, place.id, reason=said[:LONGEST], seen=seen_today(actor))
    db.session.commit()


def seen_today(actor: Actor) -> int:
    """How many full records this person has been shown today."""
    return db.session.scalar(select(Viewed.rows).filter_by(user_id=actor.user_id, day=today())) or 0


def _count(actor: Actor, rows: int) -> int:
    """Add to the count of the day, in one statement so that parallel requests are all counted; the new count."""
    insert = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    made = insert(Viewed).values(user_id=actor.user_id, day=today(), rows=rows)
    counted = made.on_conflict_do_update(index_elements=["user_id", "day"], set_={"rows": Viewed.rows + rows})
    return db.session.scalar(counted.returning(Viewed.rows)) or 0


def _mores(actor: Actor, move: str = MORE) -> int:
    query = select(func.count()).where(Step.thing_id == actor.place_id, Step.by_id == actor.user_id)
    return db.session.scalar(query.where(Step.move == move, Step.at >= day_start(today()))) or 0


def _has_seen(actor: Actor, thing: Any, move: str) -> bool:
    query = select(Step.id).where(Step.thing_id == thing.id, Step.at >= day_start(today()), Step.move == move)
    return db.session.scalar(query.where(Step.by_id == actor.user_id).limit(1)) is not None


def _alarm(actor: Actor) -> None:
    """Tell the auditor, once for each budget that was used up. Commits."""
    if _mores(actor, MASS) <= _mores(actor):
        place = db.session.get_one(Place, actor.place_id)
        record(actor, place, MASS, place.id, seen=seen_today(actor), budget=budget_of(actor))
        db.session.commit()
