"""The person-record check in the demo: one class agrees, one is reported with things to do, the teacher's is open."""

from __future__ import annotations

from sqlalchemy import select

from portal.models import Place, Pupil, db
from portal.rules.findings import FindingCode
from portal.rules.roles import Actor
from portal.services import findings, findings_report, findings_unlisted
from portal.services.findings_unlisted import Child
from portal.services.lists import classes_of

C = FindingCode


def add(school: Place, registrar: Actor) -> None:
    """Everything of this module; classes that are not there are left out. The last class is the demo teacher's."""
    *others, own = classes_of(school.id)
    for class_ in others[:1]:
        _report(registrar, class_)
    for class_ in others[1:2]:
        first, second = (*_pupils(class_), None, None)[:2]
        _mark(registrar, class_, first, C.LEFT_ON_ROLL, "九月跟着父母去了外省，学期初就没有来。")
        _mark(registrar, class_, second, C.FALSE_RECORD, "问过全班，没有人认识。")
        findings_unlisted.add(registrar, class_.id, Child(C.NO_RECORD, "邱小试", "1", "20140312", "", "刚从外省来"))
        findings_unlisted.add(
            registrar, class_.id, Child(C.RECORD_ELSEWHERE, "施小试", "2", "20140715", "", "试验二区来的")
        )
        _report(registrar, class_)
    for pupil in _pupils(own)[:3]:
        _mark(registrar, own, pupil, C.MATCH)


def _pupils(class_: Place) -> list[Pupil]:
    query = select(Pupil).where(Pupil.class_id == class_.id, Pupil.left_at.is_(None), Pupil.is_draft.is_(False))
    return list(db.session.scalars(query.order_by(Pupil.id)))


def _mark(actor: Actor, class_: Place, pupil: Pupil | None, code: FindingCode, note: str = "") -> None:
    if pupil is not None and pupil.status == "01":
        findings.mark(actor, class_.id, pupil.id, code, note)


def _report(actor: Actor, class_: Place) -> None:
    findings.mark_rest(actor, class_.id)
    if not findings.facts(actor, class_.id).counts.missing:
        findings_report.report(actor, class_.id)
