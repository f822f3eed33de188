"""A new registration code for one pupil: shown once, or printed as a slip to hand over (E8, R99)."""

from __future__ import annotations

from typing import BinaryIO
from uuid import UUID

from flask import current_app
from sqlalchemy import select

from portal.models import RegistrationCode, Sheet, db
from portal.paper.slips import CodeSlip, print_code_slips
from portal.rules.masks import mask_name
from portal.rules.roles import Actor
from portal.rules.words import N_
from portal.services import lists, printed_codes, tries
from portal.services.history import record
from portal.services.refusals import Refusal


def reset_code(actor: Actor, sheet_id: UUID) -> tuple[str, str]:
    """(name of the pupil, new registration code); the old one is dead. Commits."""
    sheet = lists.find(actor, Sheet, sheet_id, lock=True)
    return _name(actor, sheet), printed_codes.reset_code(actor, sheet)


def is_used_up(actor: Actor, sheet_id: UUID) -> bool:
    """True when the sheet's present code has had so many wrong tries, or wrong answers to its question, that it lets
    nobody in any more: the family needs a new one (sec-A1)."""
    sheet = lists.find(actor, Sheet, sheet_id)
    row = db.session.scalar(
        select(RegistrationCode).where(RegistrationCode.sheet_id == sheet.id, RegistrationCode.live)
    )
    if row is None:
        return False
    return tries.is_ended("code", row.selector) or tries.is_ended("claim", row.id.hex)


def _name(actor: Actor, sheet: Sheet) -> str:
    name: str = sheet.pupil.record["name"]
    return name if actor.place_id == sheet.class_id else mask_name(name)


def print_slip(actor: Actor, sheet_id: UUID, out: BinaryIO) -> None:
    """Write the present code of a sheet as a PDF slip. Raises `Refusal` once a family has claimed it. Commits."""
    sheet = lists.find(actor, Sheet, sheet_id, lock=True)
    code = printed_codes.codes_for([sheet])[sheet.id]
    if not code:
        raise Refusal(N_("这个注册码家长已经用过，不能再打印。家长要新的，请先换一个。"))
    values = sheet.pupil.record
    slip = CodeSlip(
        school=sheet.school.name,
        class_label=sheet.class_.name,
        seat=values.get("class_seat_number", ""),
        name=values["name"],
        code=code,
        base_url=current_app.extensions["portal.settings"].base_url,
        school_phone=sheet.school.phone,
    )
    print_code_slips([slip], out)
    record(actor, sheet, "PRINT_CODE_SLIP", sheet.school_id)
    db.session.commit()
