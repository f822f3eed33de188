"""The few lines around every screen: which round, its deadline, today, and who helps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from portal.models import Place, db
from portal.rules.clock import today
from portal.rules.places import ancestors
from portal.rules.roles import Actor, Level, Role
from portal.rules.words import N_
from portal.services.figures import current_round

KINDS = {"full": N_("全体在校生"), "new": N_("只核查新生")}


@dataclass(frozen=True)
class Strip:
    """The round strip of staff pages."""

    title: str
    kind: str
    deadline: date
    days_left: int
    today: date


@dataclass(frozen=True)
class Support:
    """Somebody who helps: a place and its telephone."""

    name: str
    phone: str


def strip_of(actor: Actor) -> Strip | None:
    """The present round of the actor's province."""
    found = current_round(actor.path)
    if found is None:
        return None
    return Strip(found.title, KINDS[found.kind], found.ends, (found.ends - today()).days, today())


def helpers_of(actor: Actor | None) -> list[Support]:
    """The places above the actor that help, nearest first; for a family from its school, for a visitor the
    province (O2)."""
    query = select(Place).where(Place.phone != "")
    if actor is None:
        query = query.where(Place.level == Level.PROVINCE)
    else:
        own = db.session.get_one(Place, actor.place_id).path if actor.role == Role.PARENT else actor.path
        query = query.where(Place.path.in_(ancestors(own)))
    places = sorted(db.session.scalars(query), key=lambda p: -len(p.path))
    own_id = actor.place_id if actor is not None and actor.role != Role.PARENT else None
    return [Support(p.name, p.phone) for p in places if p.id != own_id]


def support_of(actor: Actor) -> Support | None:
    """The nearest place above that helps."""
    return next(iter(helpers_of(actor)), None)


def alive() -> bool:
    """True when the database answers."""
    return db.session.scalar(select(1)) == 1
