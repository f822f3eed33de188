"""Pupils without an ID number and records made by mistake in the demo: each state of a proof and of a deletion once."""

from __future__ import annotations

import io
from uuid import UUID

import pypdfium2
from PIL import Image, ImageDraw
from sqlalchemy import select

from portal.commands.demo_province import PASSWORD
from portal.models import Application, Place, Pupil, db
from portal.rules.applications import ApplicationMove
from portal.rules.roles import Actor
from portal.services import (
    accounts,
    application_evidence,
    applications,
    deletions,
    granting,
    identity_certificates,
    identity_proofs,
    pupils,
)
from portal.services.lists import classes_of

_NO_NUMBER = {"id_doc_type": "Z", "id_number": ""}
_NO_GUARDIAN = {"guardian1_id_number": "", "guardian2_id_number": ""}
_KOREAN = {"id_doc_type": "A", "id_number": "E00000001", "nationality": "KOR", "hmt_overseas": "51"}
_HONG_KONG = {"id_doc_type": "6", "id_number": "H00000001", "hmt_overseas": "01"}


def add(school: Place, registrar: Actor) -> None:
    """Everybody of this module, in the first classes of the school; those who are not there are left out. The last
    class is the demo teacher's: what it sends in is entered, which a deletion under way forbids (R113)."""
    leader = accounts.actor_of(accounts.sign_in("leader", PASSWORD))
    assert leader is not None
    mine = iter(_pupils(school))
    for values in (_NO_NUMBER | _NO_GUARDIAN, _HONG_KONG):
        _change(next(mine, None), values)
    waiting, refused = (_proof(registrar, _change(next(mine, None), _NO_NUMBER), "NO_ID_CERT") for _ in range(2))
    approved = _proof(registrar, _change(next(mine, None), _KOREAN), "FOREIGN_DOC")
    if waiting and refused and approved:
        _decide(leader, refused, ApplicationMove.REFUSE, "章盖得看不清，请重新盖章再扫描。")
        _decide(leader, approved, ApplicationMove.PASS, "")
    wrong, right = (_deletion(registrar, _change(next(mine, None), {})) for _ in range(2))
    if wrong and right:
        _decide(leader, wrong, ApplicationMove.REFUSE, "这个学生在三楼上课，是转来的，不能按误操作删除。")


def _pupils(school: Place) -> list[Pupil]:
    classes = [class_.id for class_ in classes_of(school.id)[:-1][:2]]
    query = select(Pupil).where(Pupil.class_id.in_(classes), Pupil.left_at.is_(None), Pupil.status == "01")
    return list(db.session.scalars(query.order_by(Pupil.path, Pupil.made_at, Pupil.id)))


def _change(pupil: Pupil | None, values: dict[str, str]) -> Pupil | None:
    """Give a pupil another document and a temporary number; the rest of the record stays."""
    if pupil is None:
        return None
    kept = pupil.record
    temporary = f"L{kept['student_number'][1:7]}{kept['birth_date']}{kept['student_number'][15:18]}0"
    pupils.keep_record(pupil, kept | {"student_number": temporary} | values)
    db.session.commit()
    return pupil


def _proof(registrar: Actor, pupil: Pupil | None, kind: str) -> Application | None:
    if pupil is None:
        return None
    found = identity_proofs.draft_of(registrar, pupil.id)
    picture = _certificate(registrar, pupil.id) if kind == "NO_ID_CERT" else _document()
    application_evidence.send(registrar, found.id, "", kind, "扫描件.jpg", picture)
    return applications.send(registrar, found.id, found.version)


def _deletion(registrar: Actor, pupil: Pupil | None) -> Application | None:
    if pupil is None:
        return None
    found = deletions.draft(registrar, pupil.id, "录入时建重了，真人的学籍在另一个号，学校没有这个人。")
    application_evidence.send(registrar, found.id, "", "OTHER", "学校说明.jpg", _document())
    return applications.send(registrar, found.id, found.version)


def _decide(leader: Actor, found: Application, what: ApplicationMove, opinion: str) -> None:
    granting.carry_out(leader, found, what, opinion)
    db.session.commit()


def _certificate(registrar: Actor, pupil_id: UUID) -> bytes:
    """The certificate as a scanner sees it."""
    pdf = pypdfium2.PdfDocument(identity_certificates.print_for(registrar, "NO_ID_CERT", [pupil_id]))
    return _jpeg(pdf[0].render(scale=1.5).to_pil().convert("RGB"))


def _document() -> bytes:
    """Some page with lines on it."""
    page = Image.new("RGB", (620, 877), "#fffdf8")
    draw = ImageDraw.Draw(page)
    draw.rectangle((60, 60, 250, 300), outline="#777", width=3)
    for y in range(360, 800, 36):
        draw.line((60, y, 560, y), fill="#999", width=2)
    return _jpeg(page)


def _jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85)
    return out.getvalue()
