"""Workbooks of the person-record check: the roster to tick on paper (J1), and the list for late registration.

The list to tick is paper of the check itself: names without any number, handed over at once, marked and numbered. The
list for registration has numbers in full and waits for a second person (sec-A35).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from sqlalchemy import select

from portal.models import Place, Pupil, Unlisted, db
from portal.rules.checks_identity import NO_DOCUMENT, RESIDENT_ID
from portal.rules.clock import now
from portal.rules.codes import printed
from portal.rules.exports import Kind
from portal.rules.findings import FindingCode, Registration
from portal.rules.items import ITEMS
from portal.rules.roles import Actor, Level
from portal.rules.words import N_
from portal.services import export_marks, export_numbers, findings_actions, lists, roster_export
from portal.services.export_marks import Mark
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
_TICK = {"code": "check", "words": "人籍核对"}


def roster(actor: Actor, class_id: UUID | None = None) -> tuple[str, bytes]:
    """(file name, .xlsx) to print and tick: one page a class, of one class or of all. Commits the step."""
    if actor.level != Level.SCHOOL:
        raise NotFound
    school = db.session.get_one(Place, actor.place_id)
    chosen = [roster_export.class_of(actor, class_id)] if class_id else lists.classes_of(school.id)
    pupils = {place.id: roster_export.pupils_of(place.id) for place in chosen}
    if not chosen:
        raise TooLate(N_("还没有学生。先导入花名册。"))
    thing = chosen[0] if class_id else school
    export = export_numbers.new(actor, Kind.CHECK_LIST, {"place": thing.id.hex}, _TICK)
    sheets = [_page(school, place, pupils[place.id]) for place in chosen]
    content = write(sheets, export_marks.mark_of(export, now()))
    found = [pupil.id for place in chosen for pupil in pupils[place.id]]
    export_numbers.handed_over(actor, export, content, found)
    record(actor, thing, "EXPORT_CHECK_LIST", school.id, pupils=len(found))
    db.session.commit()
    return f"{school.code}-{chosen[0].code}.xlsx" if class_id else f"{school.code}-check.xlsx", content


def _page(school: Place, place: Place, pupils: Sequence[Pupil]) -> Sheet:
    rows = [_to_tick(pupil.record) for pupil in pupils] + [[""] * len(_ROSTER)] * _EMPTY_ROWS
    title = f"{school.name} {place.name} 人籍核对名单（{len(pupils)} 人）"
    return Sheet(place.code, title, _LEGEND, _ROSTER, _WIDTHS, rows)


def _to_tick(kept: dict[str, str]) -> list[str]:
    own = (kept.get("class_seat_number", ""), kept["name"], printed("sex", kept["sex"]))
    return [*own, printed("student_status", kept.get("student_status", "")), "", "", ""]


def registration_book(school: Place, children: Iterable[Unlisted], mark: Mark) -> bytes:
    """The .xlsx of children to register, in the registry's fields (L16)."""
    heads = tuple(ITEMS[item].name_zh for item in FIELDS)
    rows = [list(_fields(school, child)) for child in children]
    return write([Sheet("在校生补录", "", "", heads, (14, 24, 14, 10, 18, 8, 12, 16, 22), rows)], mark)


def note_listed(actor: Actor, unlisted_ids: Collection[UUID]) -> None:
    """Children whose list has just been handed over become unprocessed unless there is a result. The caller commits."""
    query = select(Unlisted).where(Unlisted.id.in_(unlisted_ids)).with_for_update()
    for one in db.session.scalars(query):
        if one.result is None:
            one.result = Registration.UNPROCESSED
            record(actor, one, "REGISTRATION_RESULT", one.school_id, states=(None, Registration.UNPROCESSED))


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


def _fields(school: Place, child: Unlisted) -> Iterable[str]:
    class_, person = db.session.get_one(Place, child.class_id), child.person
    number = person.get("id_number", "")
    kind = RESIDENT_ID if number else NO_DOCUMENT
    values: Sequence[str] = (school.code, school.name, class_.name, class_.code, person["name"])
    coded = (printed("sex", person["sex"]), person["birth_date"], printed("id_doc_type", kind), number)
    return (*values, *coded)
