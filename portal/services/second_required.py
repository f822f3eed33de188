"""Who must have a second step: the authorities, and where it was so decided schools and class teachers as well."""

from __future__ import annotations

from portal.models import Place
from portal.rules.place_settings import second_step_includes
from portal.rules.roles import Role
from portal.services import place_settings


def is_required(role: Role, place: Place) -> bool:
    """True when a post in this role at this place opens nothing without a second step. Families need none."""
    return role != Role.PARENT and second_step_includes(place_settings.second_step_for(place.path), role, place.level)
