"""Rosters: looked at first, then imported in one transaction, all or none; bad rows become drafts by choice (R80)."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from portal.jobs import find as find_job
from portal.models import Place, RosterImport, Round, db, key_for
from portal.models.data_keys import scope_of
from portal.rules.clock import now, today
from portal.rules.roles import Actor, Level
from portal.rules.words import N_
from portal.services import figures, photos, roster_kept, roster_plan, roster_reading, roster_report, roster_school
from portal.services.history import record
from portal.services.refusals import NotFound, NotYours, Refusal, TooLate
from portal.services.roster_commit import Commit
from portal.services.roster_plan import Plan, Progress
from portal.services.roster_reading import Table
from portal.services.transactions import reading

PREVIEW, DONE, DISCARDED = "preview", "done", "discarded"
#: in the hands of the worker; a file that turned out to be no roster
READING, CONFIRMING, REFUSED = "reading", "confirming", "refused"
_LONGEST_NAME = 120
ONCE = N_("这份名册已经导入过了，没有再导一次。")
AGAIN = N_("刚才有人改了资料，没有导入。请再按一次。")
DROPPED = N_("这份名册已经放下了，没有导入。要导入，请重新上传。")


def preview(actor: Actor, file_name: str, data: bytes) -> RosterImport:
    """Read a roster, hold it against what is stored and keep file and report, sealed. No pupil is changed. Commits.

    An older preview of the school is dropped. Raises `FileRefused` (nothing is kept) and `NotYours`.
    """
    table = roster_reading.read(file_name, data)
    return look_at(actor, keep_file(actor, file_name, data), table)


def keep_file(actor: Actor, file_name: str, data: bytes) -> RosterImport:
    """The file, sealed and durable, as a row in the state `reading`; older previews of the school go. Commits."""
    school = _school_of(actor)
    number, key = key_for(school.id)
    db.session.commit()  # the key is durable before anything is sealed with it
    blob = photos.store().put(scope_of(school.id, None), data, key, number)
    dropped = _drop_previews(school.id) - {blob.address}
    row = RosterImport(school_id=school.id, by_id=actor.user_id, address=blob.address, state=READING)
    row.file_name = file_name[-_LONGEST_NAME:]
    db.session.add(row)
    db.session.commit()
    for address in dropped:
        photos.remove(address)
    return row


def look_at(actor: Actor, row: RosterImport, table: Table, progress: Progress | None = None) -> RosterImport:
    """Hold a table that was read against what is stored; the report goes into its row. Commits."""
    school = _school_of(actor)
    with reading():
        plan, _ = _plan(school, table, progress)
        report = roster_report.of(plan, school.path)
    if not claimed(row.id, READING, PREVIEW):
        raise TooLate(DROPPED)
    row.report = report
    counts = report["counts"]
    record(actor, row, "LOOK_AT_ROSTER", school.id, path=school.path, rows=report["rows"], **counts)
    db.session.commit()
    return row


def confirm(actor: Actor, import_id: UUID, leave_out_bad: bool = False, state: str = PREVIEW) -> RosterImport:
    """Carry out what was looked at, in one transaction. With bad rows only when these are to be left out as drafts.

    Raises `TooLate` when it has been done or dropped, or when the pupils have changed since (the preview is then made
    anew, nothing is imported), `Refusal` while there are bad rows, `NotFound` for an import of another school.
    """
    row = find(actor, import_id)
    require_state(row, state)
    school, seen = _school_of(actor), row.report["fingerprint"]
    require_decided(row, leave_out_bad)
    table = roster_reading.read(row.file_name, content_of(row))
    with reading():
        plan, stored = _plan(school, table)
    if plan.fingerprint != seen:
        return _look_again(row, state, plan, school.path)
    _claim(row, state, school)
    counts, import_ = row.report["counts"], Commit(actor, row, school, _running_round(school.path))
    import_.lock(plan)
    _require_unchanged(school, stored)
    try:
        import_.carry_out(plan, stored.drafts)
        record(actor, row, "IMPORT_ROSTER", school.id, path=school.path, left_out=leave_out_bad, **counts)
        db.session.commit()
    except IntegrityError:  # another school has taken one of the numbers at this very moment
        db.session.rollback()
        raise TooLate(AGAIN) from None
    photos.remove(row.address)
    return row


def discard(actor: Actor, import_id: UUID) -> None:
    """Drop a preview with its file, or stop reading it; nothing was imported. Commits.

    One in the worker's hands for good is dropped only when the worker has given up.
    """
    row = find(actor, import_id)
    given_up = row.state == CONFIRMING and has_given_up(row)
    if row.state not in (READING, REFUSED) and not given_up:
        require_state(row, PREVIEW)
    if not claimed(row.id, row.state, DISCARDED):
        raise TooLate(ONCE)
    row.done_at, row.report = now(), None
    db.session.commit()
    photos.remove(row.address)


def has_given_up(row: RosterImport) -> bool:
    """True when no worker will go on with an import that waits for one."""
    job = find_job(db.session, row.job_id) if row.job_id else None
    return job is None or job.state in ("failed", "cancelled", "done")


def find(actor: Actor, import_id: UUID) -> RosterImport:
    """An import of the actor's school; raises `NotFound` for every other id."""
    query = select(RosterImport).where(RosterImport.id == import_id, RosterImport.school_id == actor.place_id)
    row = db.session.scalar(query)
    if row is None:
        raise NotFound
    return row


def open_preview(actor: Actor) -> RosterImport | None:
    """The preview of the actor's school that waits for a decision."""
    query = select(RosterImport).where(RosterImport.school_id == actor.place_id, RosterImport.state == PREVIEW)
    return db.session.scalar(query.order_by(RosterImport.made_at.desc()).limit(1))


def _school_of(actor: Actor) -> Place:
    if actor.level != Level.SCHOOL:
        raise NotYours(N_("您的岗位不能做这件事。"))
    return db.session.get_one(Place, actor.place_id)


def _running_round(path: str) -> Round | None:
    found = figures.current_round(path)
    return found if found and today() <= found.ends else None


def _plan(school: Place, table: Table, progress: Progress | None = None) -> tuple[Plan, roster_school.School]:
    stored = roster_school.load(school)
    stored.kept = roster_kept.of(stored)
    found = _running_round(school.path)
    return roster_plan.make(table, stored, found.id if found else None, progress), stored


def require_state(row: RosterImport, state: str) -> None:
    """Raise `TooLate` with what has become of the import when it is not in this state."""
    if row.state == DONE:
        raise TooLate(ONCE)
    if row.state == CONFIRMING and state != CONFIRMING:
        raise TooLate(N_("正在导入，请等一等。"))
    if row.state != state or row.report is None:
        raise TooLate(DROPPED)


def require_decided(row: RosterImport, leave_out_bad: bool) -> None:
    """Bad rows are either corrected or, by choice, left out (R80)."""
    if row.report["counts"]["bad"] and not leave_out_bad:
        raise Refusal(N_("还有错误没有改，没有导入。改好再传，或选择把有错的行留作草稿。"))


def content_of(row: RosterImport) -> bytes:
    """The uploaded file."""
    _, key = key_for(row.school_id)
    return photos.store().get(row.address, key)


def _drop_previews(school_id: UUID) -> set[str]:
    """Older previews of the school are of no use any more; the addresses of their files."""
    waiting = RosterImport.state.in_((READING, PREVIEW, REFUSED, CONFIRMING))
    query = select(RosterImport).where(RosterImport.school_id == school_id, waiting)
    addresses = set()
    for old in db.session.scalars(query):
        if old.state == CONFIRMING and not has_given_up(old):
            continue
        old.state, old.done_at, old.report = DISCARDED, now(), None
        addresses.add(old.address)
    return addresses


def _look_again(row: RosterImport, state: str, plan: Plan, path: str) -> RosterImport:
    if not claimed(row.id, state, PREVIEW):
        raise TooLate(ONCE)
    row.report = roster_report.of(plan, path)
    db.session.commit()
    raise TooLate(N_("看过以后，本校的资料又有变动，没有导入。下面是新的比较，请看过再按。"))


def _claim(row: RosterImport, state: str, school: Place) -> None:
    """From here on the transaction writes, and nobody else imports for this school."""
    db.session.execute(select(Place.id).where(Place.id == school.id).with_for_update(key_share=True))
    if not claimed(row.id, state, DONE):
        raise TooLate(ONCE)
    row.done_at = now()


def _require_unchanged(school: Place, stored: roster_school.School) -> None:
    """Asked once everything is locked: what is entered between a look and the lock would be lost."""
    if roster_school.versions(school.id) != {known.id: known.version for known in stored.everybody()}:
        db.session.rollback()
        raise TooLate(AGAIN)


def claimed(import_id: UUID, state: str, following: str) -> bool:
    """One of two who want the same import gets it."""
    mine = update(RosterImport).where(RosterImport.id == import_id, RosterImport.state == state)
    return db.session.scalar(mine.values(state=following).returning(RosterImport.id)) is not None
