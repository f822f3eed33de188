"""Key-data changes in the demo: a draft with a mistake, one with the leader, two with the county, one refused, one
granted."""

from __future__ import annotations

import io
from uuid import UUID

from PIL import Image, ImageDraw, ImageFont
from sqlalchemy import select

from portal.commands.demo_province import PASSWORD
from portal.models import Application, Place, Pupil, db
from portal.rules.applications import ApplicationKind, ApplicationMove
from portal.rules.roles import Actor
from portal.services import accounts, application_evidence, applications, granting

_PASS, _GRANT, _REFUSE = ApplicationMove.PASS, ApplicationMove.GRANT, ApplicationMove.REFUSE
_SOUND = "入学时登记成了同音字，户口簿上是这个字。"


def add(school: Place, registrar: Actor) -> None:
    """Everybody of this module, among the last pupils about whom no application is there; none when there are few."""
    mine = _pupils(school)
    if len(mine) < 6:
        return
    leader, county = (_signed_in(login) for login in ("leader", "county"))
    wrong = mine[0].record["id_number"]
    _drafted(registrar, mine[0].id, {"id_number": wrong[:-1] + ("1" if wrong[-1] != "1" else "2")}, "最后一位抄错了。")
    _sent(registrar, mine[1], _renamed(mine[1], "拭"), _SOUND)
    for pupil, other in ((mine[2], "例"), (mine[3], "样")):
        _decide(leader, _sent(registrar, pupil, _renamed(pupil, other), _SOUND), _PASS, "与户口簿一致。")
    refused, granted = (_sent(registrar, pupil, _renamed(pupil, "范"), _SOUND) for pupil in mine[4:6])
    for found, what, opinion in ((refused, _REFUSE, "户口簿照片看不清姓名，请重新拍一张再报。"), (granted, _GRANT, "")):
        _decide(leader, found, _PASS, "")
        _decide(county, found, what, opinion)


def _signed_in(login: str) -> Actor:
    actor = accounts.actor_of(accounts.sign_in(login, PASSWORD))
    assert actor is not None
    return actor


def _pupils(school: Place) -> list[Pupil]:
    busy = select(Application.pupil_id)
    query = select(Pupil).where(Pupil.school_id == school.id, Pupil.left_at.is_(None), Pupil.status == "01")
    found = db.session.scalars(query.where(Pupil.id.not_in(busy)).order_by(Pupil.path.desc(), Pupil.made_at, Pupil.id))
    return list(found)[-6:]


def _renamed(pupil: Pupil, last: str) -> dict[str, str]:
    name = pupil.record["name"]
    return {"name": name[:-1] + (last if name[-1] != last else "试")}


def _drafted(registrar: Actor, pupil_id: UUID, values: dict[str, str], reason: str) -> Application:
    return applications.make(registrar, pupil_id, ApplicationKind.CHANGE, values, reason)


def _sent(registrar: Actor, pupil: Pupil, values: dict[str, str], reason: str) -> Application:
    found = _drafted(registrar, pupil.id, values, reason)
    picture = household_page(pupil.record["id_number"])
    application_evidence.send(registrar, found.id, "", "HUKOU_SCAN", "户口簿本人页.jpg", picture)
    return applications.send(registrar, found.id, found.version)


def _decide(actor: Actor, found: Application, what: ApplicationMove, opinion: str) -> None:
    granting.carry_out(actor, found, what, opinion)
    db.session.commit()


def household_page(number: str) -> bytes:
    """A page of a household booklet as a phone sees it: a table, a number, a stamp."""
    page = Image.new("RGB", (900, 620), "#f7efdf")
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(26)
    for y in range(90, 560, 78):
        draw.line((60, y, 840, y), fill="#8a7a5a", width=2)
    for x in (60, 240, 480, 640, 840):
        draw.line((x, 90, x, 480), fill="#8a7a5a", width=2)
    draw.text((260, 430), number, fill="#2a2a2a", font=font)
    draw.ellipse((600, 420, 780, 600), outline="#b5362a", width=5)
    table = Image.new("RGB", (1000, 720), "#6f6250")
    table.paste(page, (50, 50))
    out = io.BytesIO()
    table.rotate(-1.2, Image.Resampling.BICUBIC, fillcolor="#6f6250").save(out, "JPEG", quality=80)
    return out.getvalue()
