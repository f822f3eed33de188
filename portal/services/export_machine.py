"""Exports by a command on the machine: no second person, for whoever runs it holds the key file anyway; with a purpose,
marked, numbered and written down for the auditor like all others."""

from __future__ import annotations

from portal.models import ChangeFile, Export, Place, db
from portal.rules.clock import now
from portal.rules.exports import LONGEST, SHORTEST, Kind, Purpose
from portal.rules.roles import Actor
from portal.rules.words import N_
from portal.services import change_copies, export_content, export_locks, export_numbers
from portal.services.figure_workbook import clean
from portal.services.refusals import Refusal


def checked(words: str) -> str:
    """The purpose as it is kept; `Refusal` when it says nothing."""
    plain = " ".join(clean(words).split())
    if not SHORTEST <= len(plain) <= LONGEST:
        raise Refusal(N_("用途要写 %(least)s 到 %(most)s 个字。"), least=SHORTEST, most=LONGEST)
    return plain


def roster(actor: Actor, place: Place, words: str, numbers: bool, password: str | None) -> tuple[Export, bytes]:
    """The pupils of a school or class, locked when there is a password. Commits."""
    purpose = {"code": Purpose.OTHER.value, "words": checked(words)}
    export = export_numbers.new(actor, Kind.ROSTER, {"numbers": numbers, "place": place.id.hex}, purpose)
    return export, _made(actor, export, password)


def changes(actor: Actor, file: ChangeFile, words: str, password: str | None) -> tuple[Export, bytes]:
    """A copy of a file for the registry, locked when there is a password. Commits."""
    export = change_copies.numbered(actor, file, checked(words))
    return export, _made(actor, export, password)


def _made(actor: Actor, export: Export, password: str | None) -> bytes:
    made = export_content.make(export, now())
    content = export_locks.locked(made.data, password) if password else made.data
    export_numbers.handed_over(actor, export, content, made.pupils)
    db.session.commit()
    return content
