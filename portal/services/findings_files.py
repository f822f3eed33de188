"""Workbooks of the person-record check: the roster to tick on paper (J1), and the list for late registration."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import select

from portal.models import Place, Unlisted, db
from portal.rules.checks_identity import NO_DOCUMENT, RESIDENT_ID
from portal.rules.codes import printed
from portal.rules.findings import FindingCode, Registration
from portal.rules.items import ITEMS
from portal.rules.roles import Actor, Level
from portal.rules.words import N_
from portal.services import findings_actions, lists, roster_export
from portal.services.findings_unlisted import Listed
from portal.services.findings_workbook import Sheet, write
from portal.services.history import record
from portal.services.refusals import NotFound, TooLate

#: what a registry asks of a child who has no record (L1, L16), with the class it goes to
FIELDS = ("school_code", "school_name", "grade", "class_no", "name", "sex", "birth_date", "id_doc_type", "id_number")
#: the columns of the list to tick; the last are empty
_ROSTER = ("班内学号", "姓名", "性别", "学生当前状态", "在班里", "不在班里", "说明")
_WIDTHS = (9, 22, 7, 16, 10, 10, 30)
_LEGEND = "在班里的打勾。不在的写明：转走、辍学、从没来过。名册上没有的孩子写在空行里：姓名、性别、出生日期、从哪里来。"
_EMPTY_ROWS = 5


def roster(actor: Actor, class_id: UUID | None = None) -> tuple[str, bytes]:
    """(file name, .xlsx) to print and tick: one page a class, of one class or of all. Commits the step."""
    if actor.level != Level.SCHOOL:
        raise NotFound
    school = db.session.get_one(Place, actor.place_id)
    chosen = [roster_export.class_of(actor, class_id)] if class_id else lists.classes_of(school.id)
    sheets, count = [], 0
    for place in chosen:
        records = [pupil.record for pupil in roster_export.pupils_of(place.id)]
        count += len(records)
        rows = [_to_tick(kept) for kept in records] + [[""] * len(_ROSTER)] * _EMPTY_ROWS
        title = f"{school.name} {place.name} 人籍核对名单（{len(records)} 人）"
        sheets.append(Sheet(place.code, title, _LEGEND, _ROSTER, _WIDTHS, rows))
    if not sheets:
        raise TooLate(N_("还没有学生。先导入花名册。"))
    record(actor, chosen[0] if class_id else school, "EXPORT_CHECK_LIST", school.id, pupils=count)
    content = write(sheets)
    db.session.commit()
    return f"{school.code}-{chosen[0].code}.xlsx" if class_id else f"{school.code}-check.xlsx", content


def _to_tick(kept: dict[str, str]) -> list[str]:
    own = (kept.get("class_seat_number", ""), kept["name"], printed("sex", kept["sex"]))
    return [*own, printed("student_status", kept.get("student_status", "")), "", "", ""]


def registration(actor: Actor) -> tuple[str, bytes]:
    """(file name, .xlsx) of the children to register: no record, no result yet but unprocessed, each once (L16). They
    become unprocessed with this. Commits. Raises `TooLate` when there is nobody to list."""
    children = to_list(actor)
    if not children:
        raise TooLate(N_("现在没有要报的孩子。"))
    school = db.session.get_one(Place, actor.place_id)
    query = select(Unlisted).where(Unlisted.id.in_([child.unlisted_id for child in children])).with_for_update()
    for one in db.session.scalars(query):
        if one.result is None:
            one.result = Registration.UNPROCESSED
            record(actor, one, "REGISTRATION_RESULT", school.id, states=(None, Registration.UNPROCESSED))
    record(actor, school, "EXPORT_REGISTRATION", school.id, pupils=len(children))
    heads = tuple(ITEMS[item].name_zh for item in FIELDS)
    rows = [list(_fields(school, child)) for child in children]
    content = write([Sheet("在校生补录", "", "", heads, (14, 24, 14, 10, 18, 8, 12, 16, 22), rows)])
    db.session.commit()
    return f"{school.code}-registration.xlsx", content


def to_list(actor: Actor) -> list[Listed]:
    """The children whose registration is to be asked for, without those whose number has a record already."""
    wanted = (None, Registration.UNPROCESSED)
    return [
        child
        for child in findings_actions.school_check(actor).children
        if child.code == FindingCode.NO_RECORD and child.result in wanted and child.is_open and not is_known(child)
    ]


def is_known(child: Listed) -> bool:
    """True when there is a record with the child's number after all."""
    return bool(child.in_class) or child.in_province


def _fields(school: Place, child: Listed) -> Iterable[str]:
    class_ = db.session.get_one(Place, child.class_id)
    kind = RESIDENT_ID if child.number else NO_DOCUMENT
    values: Sequence[str] = (school.code, school.name, class_.name, class_.code, child.name)
    coded = (printed("sex", child.sex), child.birth_date, printed("id_doc_type", kind), child.number)
    return (*values, *coded)
