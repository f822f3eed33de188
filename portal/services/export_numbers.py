"""New exports with their numbers, and what is noted of a file that is handed over at once."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from portal.models import Export, db
from portal.rules.clock import now
from portal.rules.exports import Kind, State
from portal.rules.roles import Actor
from portal.rules.words import N_
from portal.services.history import record
from portal.services.refusals import TooLate

_TRIES = 8


def new(actor: Actor, kind: Kind, choice: dict[str, Any], purpose: dict[str, str]) -> Export:
    """An export of the actor's place with the next number, asked for now. The caller commits."""
    for _ in range(_TRIES):
        number = (db.session.scalar(select(func.max(Export.number))) or 0) + 1
        export = Export(
            number=number, kind=kind, choice=choice, place_id=actor.place_id, path=actor.path,
            state=State.ASKED, by_id=actor.user_id, asked_at=now(),
        )  # fmt: skip
        export.purpose = purpose
        try:
            with db.session.begin_nested():
                db.session.add(export)
        except IntegrityError:  # somebody else took the number at this very moment
            continue
        return export
    raise TooLate(N_("刚才有好几个人同时要导出，请再点一次。"))


def handed_over(actor: Actor, export: Export, content: bytes, pupils: Collection[UUID]) -> None:
    """Note what leaves with this answer, so that a copy finds its way back. The caller commits."""
    moment = now()
    export.state, export.built_at, export.fetched_at = State.FETCHED, moment, moment
    noted(export, content, pupils)
    record(actor, export, "FETCH_EXPORT", export.place_id, states=(None, State.FETCHED), **told(export))


def noted(export: Export, content: bytes, pupils: Collection[UUID]) -> None:
    """Digest of the file as it is handed over, number of rows, sealed ids."""
    export.digest, export.rows = hashlib.sha256(content).digest(), len(pupils)
    export.pupils = [one.hex for one in pupils]


def told(export: Export) -> dict[str, Any]:
    """What a step says of an export: no personal data."""
    facts = {"number": export.number, "kind": export.kind, "numbers": bool(export.choice.get("numbers"))}
    if export.digest is not None:
        facts |= {"rows": export.rows, "sha256": export.digest.hex()}
    return facts
