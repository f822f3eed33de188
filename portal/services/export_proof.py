"""Whoever fetches data of many pupils shows the second step anew (sec-A35)."""

from __future__ import annotations

from portal.rules.roles import Actor
from portal.services import second_step


def require(actor: Actor) -> None:
    """Raise `Unproven` unless the second step, or the password where there is none, was shown within ten minutes; the
    screen asks for it and leads back."""
    second_step.require_recent(actor)
