"""Registration codes on paper: one live code a sheet, the same on a reprint, dead after a reset (E11, R99)."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select

from portal.models import RegistrationCode, Sheet, db, keyring
from portal.rules.codes_printed import RegistrationCode as ParsedRegistrationCode
from portal.rules.codes_printed import new_registration_code, parse_registration_code
from portal.rules.roles import Actor
from portal.services.history import record

_random = secrets.SystemRandom()


def hash_verifier(selector: str, verifier: str) -> bytes:
    """Keyed hash of a verifier with a pepper outside the database, bound to its selector."""
    return keyring().blind("registration_code.verifier", f"{selector}:{verifier}")


def make_code(sheet: Sheet) -> RegistrationCode:
    """A new live code for a sheet. The caller commits and has ended the former one."""
    text, parsed = _free_code()
    row = RegistrationCode(
        sheet_id=sheet.id,
        school_id=sheet.school_id,
        round_id=sheet.round_id,
        selector=parsed.selector,
        verifier_hash=hash_verifier(parsed.selector, parsed.verifier),
        code=text,
    )
    db.session.add(row)
    return row


def _free_code() -> tuple[str, ParsedRegistrationCode]:
    """A new code whose selector no other has: of millions of codes one in a hundred meets an old one."""
    while True:
        text = new_registration_code(_random)
        parsed = parse_registration_code(text)
        with db.session.no_autoflush:
            known = select(RegistrationCode.id).where(RegistrationCode.selector == parsed.selector)
            if db.session.scalar(known) is None:
                return text, parsed


def codes_for(sheets: Iterable[Sheet]) -> dict[UUID, str]:
    """Sheet id -> the code to print; missing ones are made. The caller commits."""
    sheets = list(sheets)
    query = select(RegistrationCode).where(RegistrationCode.sheet_id.in_([s.id for s in sheets]), RegistrationCode.live)
    live = {row.sheet_id: row for row in db.session.scalars(query)}
    return {sheet.id: (live.get(sheet.id) or make_code(sheet)).code or "" for sheet in sheets}


def reset_code(actor: Actor, sheet: Sheet) -> str:
    """Kill the live code and make a new one; only the class teacher or the registrar gets here (E8). Commits."""
    for row in db.session.scalars(
        select(RegistrationCode).where(RegistrationCode.sheet_id == sheet.id, RegistrationCode.live)
    ):
        row.live, row.code = False, None
    db.session.flush()
    made = make_code(sheet)
    record(actor, sheet, "RESET_CODE", sheet.school_id)
    db.session.commit()
    return made.code or ""
