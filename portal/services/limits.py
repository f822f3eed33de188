"""How long a sign-in lasts: it ends by idling and by age (sec-A10). Both are settings of the deployment."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import current_app

from portal.rules.clock import now
from portal.rules.roles import Role


def idle(role: Role | str) -> timedelta:
    """So long may a sign-in in this role lie unused; families put the phone down between two papers."""
    settings = current_app.extensions["portal.settings"]
    return timedelta(minutes=settings.idle_family_minutes if role == Role.PARENT else settings.idle_minutes)


def absolute() -> timedelta:
    """After this long everybody signs in anew."""
    return timedelta(hours=current_app.extensions["portal.settings"].absolute_hours)


def staff_since() -> tuple[datetime, datetime]:
    """(seen after, begun after): a sign-in of staff that meets both is still inside."""
    moment = now()
    return moment - idle(Role.REGISTRAR), moment - absolute()
