"""Who must have a second step: the authorities, and where it was so decided schools and class teachers as well."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import or_, select

from portal.models import Place, db
from portal.rules.place_settings import SECOND_STEP, second_step_includes, strictest
from portal.rules.places import ancestors
from portal.rules.roles import Actor, Level, Role
from portal.services import place_settings
from portal.services.lists import inside
from portal.services.setting_defaults import default_of, kept_in


def is_required(role: Role, place: Place) -> bool:
    """True when a post in this role at this place opens nothing without a second step. Families need none."""
    return role != Role.PARENT and second_step_includes(place_settings.second_step_for(place.path), role, place.level)


def below(actor: Actor) -> Callable[[Role, str], bool]:
    """The same for many posts of the actor's place and below, by role and path: places are read once."""
    query = select(Place.path, Place.level, Place.settings)
    query = query.where(or_(inside(Place.path, actor), Place.path.in_(ancestors(actor.path))))
    levels, said = dict[str, Level](), dict[str, str]()
    for path, level, settings in db.session.execute(query):
        levels[path] = level
        kept = kept_in(settings).get(SECOND_STEP)
        if kept is not None:
            said[path] = str(kept["value"])

    def asks(role: Role, path: str) -> bool:
        held = str(default_of(SECOND_STEP))
        for above in ancestors(path) if said else ():
            held = str(strictest(SECOND_STEP, held, said.get(above, held)))
        return second_step_includes(held, role, levels[path])

    return asks
