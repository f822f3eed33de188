"""Files in which the registry gets accepted changes: made, fetched again, taken with its receipt, or dropped (12).

Each change is in exactly one file that stands. A file is kept as it was made: fetched again it holds the same, and each
copy bears a mark of its own (`change_copies`).
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import func, select, update

from portal.files import BlobMissing, StoreFailed
from portal.models import Application, Change, ChangeFile, Place, db, key_for
from portal.models.data_keys import scope_of
from portal.rules.clock import local, now
from portal.rules.codes import printed
from portal.rules.items import ITEMS
from portal.rules.roles import Actor, Level
from portal.rules.words import N_
from portal.services import change_journal, change_lines, figures, lists, photos, roster_workbook
from portal.services.change_lines import BY_APPLICATION, BY_JOURNAL, BY_SHEET, Due, Line
from portal.services.export_marks import LATER
from portal.services.history import record
from portal.services.refusals import Away, NotFound, Refusal, TooLate
from portal.services.roster_school import pieces

LONGEST_RECEIPT = 60
LONGEST_REASON = 500
_MOVED_ON = N_("这份文件刚才有了变化，请看一眼再做。")
_BASES = {BY_SHEET: "确认表", BY_APPLICATION: "关键信息变更申请", BY_JOURNAL: "改学生资料"}


def make(actor: Actor) -> ChangeFile:
    """Put everything that is due into the next file of the actor's school. Commits.

    Raises `TooLate` when nothing is due: somebody else was faster, or the leader or the authority has not agreed yet;
    `Away` when the file cannot be stored.
    """
    school = _locked_school(actor)
    moment = now()
    found = change_lines.due(actor, moment, lock=True)
    if not found.lines:
        raise TooLate(N_("现在没有要交的改动：都已经在文件里了，或者还等着核实。"))
    round_ = figures.current_round(school.path)
    file = ChangeFile(
        school_id=school.id, round_id=round_.id if round_ else None, path=school.path, number=_last(school.id) + 1,
        rows=len(found.pupils), items=len(found.lines), made_by_id=actor.user_id, made_at=moment,
        address=_stored(school, _workbook(school, found)),
    )  # fmt: skip
    db.session.add(file)
    db.session.flush()
    _bind(file, found)
    record(actor, file, "MAKE_CHANGE_FILE", school.id, number=file.number, pupils=file.rows, items=file.items)
    db.session.commit()
    return file


def _locked_school(actor: Actor) -> Place:
    """The actor's school; files of one school are made one after the other."""
    if actor.level != Level.SCHOOL:
        raise NotFound
    return db.session.get_one(Place, actor.place_id, with_for_update={"key_share": True})


def _last(school_id: UUID) -> int:
    return db.session.scalar(select(func.max(ChangeFile.number)).where(ChangeFile.school_id == school_id)) or 0


def _bind(file: ChangeFile, found: Due) -> None:
    for ids in pieces([one.id for one in found.changes]):
        db.session.execute(update(Change).where(Change.id.in_(ids)).values(file_id=file.id))
    for ids in pieces([one.id for one in found.applications]):
        db.session.execute(update(Application).where(Application.id.in_(ids)).values(file_id=file.id))
        db.session.execute(update(Change).where(Change.application_id.in_(ids)).values(file_id=file.id))
    change_journal.bind(file, [one.id for one in found.steps])


def _stored(school: Place, content: bytes) -> str:
    number, key = key_for(school.id)
    try:
        return photos.store().put(scope_of(school.id, None), content, key, number).address
    except StoreFailed as failed:
        raise Away(N_("文件没有存上，什么都没有做。请过一会儿再点一次。")) from failed


def _workbook(school: Place, found: Due) -> bytes:
    """One row a pupil, by class and number; of two changes of one item the newer one holds."""
    new: dict[UUID, dict[str, str]] = {}
    for line in found.lines:
        new.setdefault(line.pupil_id, {})[line.item] = line.new
    people, classes = change_lines.pupils_of(new), {place.id: place for place in lists.classes_of(school.id)}
    order = {place_id: n for n, place_id in enumerate(classes)}
    ids = sorted(new, key=lambda one: (order.get(people[one].class_id, -1), lists.seat_order(people[one].record)))
    records = {pupil_id: people[pupil_id].record for pupil_id in ids}
    by_pupil: dict[UUID, list[Line]] = {pupil_id: [] for pupil_id in ids}
    for line in found.lines:
        by_pupil[line.pupil_id].append(line)
    names = {pupil_id: classes[people[pupil_id].class_id].name for pupil_id in ids}
    told = (_cells(names[one], records[one], line) for one in ids for line in by_pupil[one])
    return roster_workbook.changes([(records[one], new[one]) for one in ids], told, LATER)


def _cells(class_name: str, known: Mapping[str, str], line: Line) -> list[str]:
    """A line of the second sheet."""
    who = [class_name, known.get("class_seat_number", ""), known.get("student_number", ""), known.get("name", "")]
    values = [printed(line.item, line.old), printed(line.item, line.new)]
    return [*who, ITEMS[line.item].name_zh, *values, _BASES[line.basis], f"{local(line.at):%Y-%m-%d}"]


def content_of(file: ChangeFile) -> bytes:
    """The workbook as it was made, with places left for the mark of each copy; `TooLate`, `Away`."""
    try:
        return photos.content_of(file.address, file.school_id, None)
    except (BlobMissing, KeyError):
        raise TooLate(N_("这份文件已经不在了。")) from None


def taken(actor: Actor, file_id: UUID, version: int, receipt: str) -> ChangeFile:
    """Note that the registry has taken a file, with the receipt it gave. Commits."""
    file, receipt = _waiting(actor, file_id, version), receipt.strip()
    if not receipt:
        raise Refusal(N_("请填学籍系统给的回执，例如批次号。"))
    if len(receipt) > LONGEST_RECEIPT:
        raise Refusal(N_("回执最多写 %(n)s 个字。"), n=LONGEST_RECEIPT)
    file.taken_at, file.taken_by_id, file.receipt = now(), actor.user_id, receipt
    record(actor, file, "CHANGE_FILE_TAKEN", file.school_id, number=file.number)
    db.session.commit()
    return file


def drop(actor: Actor, file_id: UUID, version: int, reason: str) -> ChangeFile:
    """Note that the registry refused a file: it is kept, and what it held comes into the next one. Commits."""
    file, reason = _waiting(actor, file_id, version), reason.strip()
    if not reason:
        raise Refusal(N_("请写明学籍系统为什么不收。"))
    if len(reason) > LONGEST_REASON:
        raise Refusal(N_("原因最多写 %(n)s 个字。"), n=LONGEST_REASON)
    file.dropped_at, file.dropped_by_id, file.reason = now(), actor.user_id, reason
    record(actor, file, "DROP_CHANGE_FILE", file.school_id, reason=reason, number=file.number)
    db.session.commit()
    return file


def _waiting(actor: Actor, file_id: UUID, version: int) -> ChangeFile:
    """A file that the registry has not answered yet, locked, as it was on the screen."""
    file = lists.find(actor, ChangeFile, file_id, lock=True)
    if file.version != version or file.taken_at is not None or file.dropped_at is not None:
        raise TooLate(_MOVED_ON)
    return file


def numbered(actor: Actor, number: int) -> ChangeFile:
    """A file of the actor's school by its number; raises `NotFound`."""
    query = select(ChangeFile).where(ChangeFile.school_id == actor.place_id, ChangeFile.number == number)
    found = db.session.scalar(query)
    if found is None:
        raise NotFound
    return found
