"""The actor a command acts as: the operator of the machine, in one post of one place. Steps show no user."""

from __future__ import annotations

from sqlalchemy import select

from portal.models import Place, db
from portal.rules.roles import Actor, Level, Role
from portal.services.refusals import NotFound


def acting_for(place: Place, role: Role = Role.REGISTRAR) -> Actor:
    """An actor in a post of this place without an account."""
    return Actor(
        user_id=None,
        session_id=None,
        role=role,
        level=Level(place.level),
        place_id=place.id,
        path=place.path,
        name="",
        place_name=place.name,
    )


def school_coded(code: str) -> Place:
    """A school by its 10-digit code; raises `NotFound`."""
    place = db.session.scalar(select(Place).where(Place.level == Level.SCHOOL, Place.code == code.strip()))
    if place is None:
        raise NotFound
    return place
