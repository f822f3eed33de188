"""The certificates a school prints, signs and stamps for pupils without a resident ID number (I2, R86)."""

from __future__ import annotations

import io
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from portal.models import Place, Pupil, db
from portal.paper.certificates import Certificate, print_certificates
from portal.rules import identity_proofs
from portal.rules.clock import local, now
from portal.rules.codes import printed
from portal.rules.dates import real_date
from portal.rules.roles import Actor
from portal.rules.words import N_
from portal.services import lists
from portal.services.history import record
from portal.services.identity_proofs import require_school
from portal.services.refusals import NotFound, Refusal

NO_ID, ON_ROLL = "NO_ID_CERT", "ONROLL_CERT"
TITLES = {NO_ID: "无身份证号在校就读证明", ON_ROLL: "学生在校证明"}
MOST = 300


def print_for(actor: Actor, kind: str, pupil_ids: Collection[UUID]) -> bytes:
    """A PDF with one page a pupil, in the order of the classes; each print is written down. Commits.

    Raises `Refusal` without pupils, with more than 300, or when a pupil who has a number is to be certified as having
    none; `NotFound` for pupils of other schools and those who need no proof.
    """
    require_school(actor)
    if kind not in TITLES:
        raise NotFound
    if not pupil_ids:
        raise Refusal(N_("请先勾选学生。"))
    if len(pupil_ids) > MOST:
        raise Refusal(N_("一次最多打印 %(n)s 人。"), n=MOST)
    chosen = _pupils(actor, pupil_ids)
    if kind == NO_ID and any(kept.get("id_number") for _pupil, kept in chosen):
        raise Refusal(N_("勾选的学生里有人有证件号，不能开无身份证号证明。请改开在校证明。"))
    school, moment, out = db.session.get_one(Place, actor.place_id), now(), io.BytesIO()
    pages = [_page(kind, school, pupil, kept, moment) for pupil, kept in chosen]
    for pupil, _kept in chosen:
        record(actor, pupil, "PRINT_CERTIFICATE", pupil.school_id, kind=kind)
    db.session.commit()  # nobody who writes waits while the pages are laid out
    print_certificates(pages, out)
    return out.getvalue()


def _pupils(actor: Actor, pupil_ids: Collection[UUID]) -> list[tuple[Pupil, dict[str, str]]]:
    query = select(Pupil).where(Pupil.id.in_(pupil_ids), lists.inside(Pupil.path, actor))
    query = query.where(Pupil.left_at.is_(None), Pupil.is_draft.is_(False))
    found = [(pupil, pupil.record) for pupil in db.session.scalars(query)]
    if len(found) != len(set(pupil_ids)) or not all(identity_proofs.needs_proof(kept) for _pupil, kept in found):
        raise NotFound
    return sorted(found, key=lambda pair: (pair[0].path, lists.seat_order(pair[1])))


def _page(kind: str, school: Place, pupil: Pupil, kept: dict[str, str], moment: datetime) -> Certificate:
    more = "，至今没有居民身份证号" if kind == NO_ID else ""
    lead = f"兹证明{kept['name']}是我校{pupil.class_.name}在读学生，学籍在我校，现正常到校上课{more}。"
    rows = [("姓名", kept["name"]), ("性别", printed("sex", kept.get("sex", "")))]
    rows += [("出生日期", _day(kept.get("birth_date", ""))), ("全国学籍号", kept.get("student_number", ""))]
    rows += [("班级", pupil.class_.name)]
    if kind == ON_ROLL and kept.get("id_number"):
        rows += [("证件类型", printed("id_doc_type", kept["id_doc_type"])), ("证件号码", kept["id_number"])]
    if kind == NO_ID:
        rows += _guardian(kept)
    return Certificate(
        title=TITLES[kind],
        school=school.name,
        school_code=school.code,
        lead=lead,
        rows=rows,
        purpose="以上内容经我校核对属实，用于学籍数据质量核查。特此证明。",
        at=f"打印于 {local(moment):%Y-%m-%d}",
    )


def _guardian(kept: dict[str, str]) -> list[tuple[str, str]]:
    """The first guardian who has a number; lines to write on when nobody has (R11, X19)."""
    prefix = next((p for p in ("guardian1_", "guardian2_") if kept.get(f"{p}id_number")), "guardian1_")
    name, relation = kept.get(f"{prefix}name", ""), kept.get(f"{prefix}relation", "")
    words = f"{name}（{printed('guardian1_relation', relation)}）" if name and relation else name
    return [("监护人姓名和关系", words), ("监护人证件号码", kept.get(f"{prefix}id_number", ""))]


def _day(text: str) -> str:
    day = real_date(text)
    return f"{day.year} 年 {day.month} 月 {day.day} 日" if day else text
