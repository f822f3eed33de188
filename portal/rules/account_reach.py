"""Whose accounts a registrar manages and whose passwords may be reset (2.2, C4, P1, P6, R126).

Managing is inviting, giving another post and ending; resetting only starts a new one-time password (sec-A46).
"""

from __future__ import annotations

from portal.rules.places import ancestors, is_below
from portal.rules.roles import AUTHORITY_LEVELS, Actor, Level, Role

#: the posts of people who work here, in the order in which they are offered
STAFF_ROLES = (Role.REGISTRAR, Role.LEADER, Role.OPERATOR, Role.TEACHER, Role.SECURITY, Role.AUDITOR)
#: who watches over an authority: appointed and helped by the authority above, never by the one they watch
WATCHERS = (Role.SECURITY, Role.AUDITOR)
_TOP = (Level.MINISTRY, Level.PROVINCE)


def may_manage(actor: Actor, role: Role, level: Level, path: str) -> bool:
    """True when the actor invites and ends this kind of post at a place.

    A school's registrar: its class teachers, leader and operators. An authority's: its own leader and operators, and
    registrars and leaders of the places it answers for; the province of everything below it. Nobody manages registrars
    at the own level or anybody above; accounts of a province are made by the ministry (P1), but for its verification
    seats, which the province hands out itself (B1). Who watches over an authority is appointed by the one above.
    """
    if actor.role != Role.REGISTRAR or not is_below(path, actor.path):
        return False
    if path == actor.path:
        return role == Role.OPERATOR or (role == Role.LEADER and actor.level not in _TOP)
    if actor.level == Level.SCHOOL:
        return level == Level.CLASS and role == Role.TEACHER
    roles = (Role.REGISTRAR, Role.LEADER, *(WATCHERS if level in AUTHORITY_LEVELS else ()))
    if actor.level not in AUTHORITY_LEVELS or level == Level.CLASS or role not in roles:
        return False
    return actor.level in _TOP or ancestors(path)[-2:-1] == [actor.path]


def may_reset(actor: Actor, role: Role, level: Level, path: str) -> bool:
    """R126: own level and below inside the own area; accounts of a province only by the ministry; those of who watches
    over an authority only by the one above."""
    if actor.role != Role.REGISTRAR or role not in STAFF_ROLES or actor.level == Level.CLASS:
        return False
    if role in WATCHERS and path == actor.path:
        return False
    return is_below(path, actor.path) and (level not in _TOP or actor.level == Level.MINISTRY)


def may_end_sign_ins(actor: Actor, path: str) -> bool:
    """R127: the province ends sign-ins that were left hanging, one or many, of its own area; so does an authority's
    security officer."""
    watches = actor.role == Role.SECURITY and actor.level in AUTHORITY_LEVELS
    return (watches or (actor.role == Role.REGISTRAR and actor.level == Level.PROVINCE)) and is_below(path, actor.path)


def may_end_seat(actor: Actor, path: str) -> bool:
    """P2, R127: who sits in a verification seat is signed out by the registrar of the seat's own place, and by the
    province."""
    return actor.role == Role.REGISTRAR and (path == actor.path or may_end_sign_ins(actor, path))
