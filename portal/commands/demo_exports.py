"""Exports in the demo: one was fetched, one refused, one waits for the leader."""

from __future__ import annotations

from uuid import UUID

from portal.models import Export, Place, SignIn, db
from portal.rules.clock import now
from portal.rules.exports import Kind, Purpose
from portal.rules.roles import Actor
from portal.services import export_building, export_files, exports
from portal.services.exports import Wanted
from portal.services.lists import classes_of


def add(school: Place, registrar: Actor, leader: Actor) -> None:
    """The registrar asks three times; the leader has answered twice."""
    classes = classes_of(school.id)
    checked = _asked(registrar, classes[-1], Purpose.CHECK, "核对住校生名单", "")
    exports.release(leader, checked.id, checked.version)
    _fetched(registrar, checked.id)
    vague = _asked(registrar, school, Purpose.OTHER, "有人要用", "")
    exports.refuse(leader, vague.id, vague.version, "谁要用、做什么用没有写。写清楚，只要用得着的班。")
    _asked(registrar, classes[0], Purpose.SERVICE, "五月体检，交社区医院", "医院按证件号建档")


def _asked(registrar: Actor, place: Place, purpose: Purpose, words: str, numbers_for: str) -> Export:
    return exports.ask(registrar, Wanted(Kind.ROSTER, purpose, words, place.id, bool(numbers_for), numbers_for))


def _fetched(registrar: Actor, export_id: UUID) -> None:
    """As after a password typed again; nobody keeps the file."""
    db.session.get_one(SignIn, registrar.session_id).proven_at = now()
    db.session.commit()
    export = export_files.build(registrar, export_id)
    export_building.build_now(export.id)
    export_files.show_password(registrar, export.id)
    export_files.fetch(registrar, export.id)
