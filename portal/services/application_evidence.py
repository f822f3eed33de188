"""Files of an application: sent by the school, checked by content, sealed, shown safely (H2, K17, R81-R84, X8).

A picture is made anew, bare and small, before it is kept. A PDF is only ever shown as pictures of its pages, drawn by a
process of its own. A DOC, DOCX or RAR is only ever given back as a download.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from portal.jobs.children import ChildBusy, ChildDied, ChildTimeout
from portal.models import Application, Evidence, User, db, key_for
from portal.models.data_keys import scope_of
from portal.paper import attachments
from portal.rules.applications import ApplicationState
from portal.rules.clock import now
from portal.rules.codes import table
from portal.rules.evidence_formats import PICTURES, check_file, format_of
from portal.rules.problems import message_of
from portal.rules.roles import AUTHORITY_LEVELS, Actor, Level, Role
from portal.rules.words import N_
from portal.services import application_checks, evidence, lists, photos, place_settings, readings
from portal.services.history import record
from portal.services.refusals import Away, NotFound, Refusal, TooLate

#: files of one application that are there at once
MOST_FILES = 20
#: with those that were taken away again, which are kept too: nobody fills the store by adding and removing
MOST_SENT = 60
MOST_PAGES = 20
#: formats of which there are pictures
SHOWN = ("JPG", "PDF")
LONGEST_NAME = 80
SECONDS, WAIT = 10.0, 5.0
_REFUSED = {
    "other": N_("文件的内容和扩展名对不上，可能选错了。请打开看一眼，重新选。"),
    "macros": N_("这个文件里有宏或者嵌进来的程序，不收。请另存为不带宏的文件，或者打印出来拍照。"),
    "locked": N_("这个文件加了密码，打不开。请去掉密码再传。"),
    "broken": N_("这个文件打不开，可能没有传完整。请重新选一次。"),
    "long": N_("这个 PDF 超过 20 页。请只传要用的那几页。"),
}
_BUSY = N_("现在传文件的人多，这一份还没有收。过一会儿再传。")
#: what only makes trouble in a name: control and invisible characters, those that turn the direction of writing
_ODD = re.compile(r'[\\/:*?"<>|]')


@dataclass(frozen=True)
class File:
    """A file in a list. `kind` is a code of evidence_type; `format` one of JPG, PDF, DOC, DOCX, RAR; `by` is empty for
    a family. Pictures and PDFs have pictures to show, the others are downloads."""

    evidence_id: UUID
    item: str
    kind: str
    format: str
    name: str
    size: int
    at: datetime
    by: str
    by_family: bool

    @property
    def is_picture(self) -> bool:
        """One picture."""
        return self.format == "JPG"

    @property
    def is_shown(self) -> bool:
        """There are pictures of it."""
        return self.format in SHOWN


def files_of(found: Application) -> list[File]:
    """The files of an application, oldest first. The caller has found it in the reader's place."""
    rows = application_checks.evidence_of(found)
    wanted = {row.by_id for row in rows if row.by_id}
    people = {user.id: user.name or "" for user in db.session.scalars(select(User).where(User.id.in_(wanted)))}
    return [file_of(row, people) for row in rows]


def file_of(row: Evidence, people: dict[UUID, str]) -> File:
    return File(
        evidence_id=row.id,
        item=row.item,
        kind=row.kind,
        format=row.format,
        name=row.name or "",
        size=row.size,
        at=row.at,
        by=people.get(row.by_id, "") if row.by_id else "",
        by_family=row.sheet_id is not None,
    )


def send(actor: Actor, application_id: UUID, item: str, kind: str, name: str, data: bytes) -> UUID:
    """Keep a file for an application of the actor's school while it is a draft; returns its id. The same one again for
    the same item changes nothing. Commits.

    `item`: one of the application's items, or empty for the whole; `kind`: a code of evidence_type; `name`: the file's
    name as sent. Raises `Refusal` in words for a file that is not taken, `TooLate` when the application has been sent,
    `Away` when no reader or no room is free: then sending again is safe.
    """
    found = _open(actor, application_id)
    _require(found, item, kind)
    choice = place_settings.evidence_choice(found.path)
    school_id, round_id = found.school_id, found.round_id
    number, key = key_for(school_id, round_id)
    db.session.commit()  # no transaction stays open while the file is looked at and written
    format_, kept = _checked(name, data, choice)
    blob = photos.put(scope_of(school_id, round_id), kept, key, number)
    found = _open(actor, application_id, lock=True)
    _require(found, item, kind)
    same = [one for one in application_checks.evidence_of(found) if (one.address, one.item) == (blob.address, item)]
    if same:
        same[0].kind = kind
        db.session.commit()
        return same[0].id
    own = {"school_id": school_id, "round_id": round_id, "path": found.path, "format": format_, "size": blob.size}
    row = Evidence(application_id=found.id, item=item, kind=kind, address=blob.address, by_id=actor.user_id, **own)
    row.name = tidy_name(name)
    db.session.add(row)
    db.session.flush()
    record(actor, row, "SEND_EVIDENCE", school_id, item=item, kind=kind, size=blob.size, format=format_)
    db.session.commit()
    return row.id


def _open(actor: Actor, application_id: UUID, lock: bool = False) -> Application:
    found = lists.find(actor, Application, application_id, lock=lock)
    if actor.level != Level.SCHOOL:
        raise NotFound
    if found.state != ApplicationState.DRAFTED:
        raise TooLate(N_("申请已经送出，要加或去掉材料请先拿回来。"))
    return found


def _require(found: Application, item: str, kind: str) -> None:
    if kind not in table("evidence_type").offered:
        raise Refusal(N_("请先选是哪一种证明材料。"))
    if item and item not in {*found.items, *dict(application_checks.wanted_evidence(found))}:
        raise NotFound
    if len(application_checks.evidence_of(found)) >= MOST_FILES:
        raise Refusal(N_("一件申请最多 %(n)s 份材料。不要的先去掉。"), n=MOST_FILES)
    if (db.session.scalar(select(func.count()).where(Evidence.application_id == found.id)) or 0) >= MOST_SENT:
        raise Refusal(N_("这件申请传过的材料太多了，不能再传。请用已经传好的，或者把复印件交给核办的人。"))


def _checked(name: str, data: bytes, choice: str) -> tuple[str, bytes]:
    """(format, bytes) as they are kept; raises `Refusal` in words for what is not taken."""
    for problem in check_file(name, data, choice):
        text, values = message_of(problem)
        raise Refusal(text, **values)
    format_ = format_of(name) or ""
    if format_ in PICTURES:
        return "JPG", evidence.bare_picture(data)
    try:
        attachments.require_good(format_, data)
    except attachments.Refused as refused:
        raise Refusal(_REFUSED[refused.reason]) from refused
    if format_ == "PDF":
        pages, first = drawn(data, 0)
        if not first:
            raise Refusal(_REFUSED["broken"])
        if pages > MOST_PAGES:
            raise Refusal(_REFUSED["long"])
    return format_, data


def drawn(data: bytes, page: int) -> tuple[int, bytes]:
    """(pages of a PDF, picture of one of them from 0 on), empty when it cannot be drawn."""
    try:
        told, pictures = readings.readers().call(data, {"pages": [page, 1]}, timeout=SECONDS, wait=WAIT)
    except ChildBusy as busy:
        raise Away(_BUSY) from busy
    except (ChildTimeout, ChildDied):
        return 0, b""
    return int(told["pages"]), pictures[0] if pictures else b""


def tidy_name(name: str) -> str:
    """A file's name without folders and without characters that show as nothing or turn what is around them."""
    last = re.split(r"[\\/]", name)[-1]
    plain = "".join(one for one in last if unicodedata.category(one) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"))
    stem, dot, ending = _ODD.sub(" ", plain).strip().rpartition(".")
    return f"{stem[: LONGEST_NAME - len(ending) - 1]}{dot}{ending}"


def remove(actor: Actor, application_id: UUID, evidence_id: UUID) -> None:
    """Take a file away from a draft. What a family sent is only no longer bound to it. Commits."""
    found = _open(actor, application_id, lock=True)
    row = db.session.get(Evidence, evidence_id)
    if row is None or row.application_id != found.id or row.removed_at is not None:
        raise NotFound
    if row.sheet_id is not None:
        row.application_id = None
    else:
        row.removed_at = now()
    record(actor, row, "REMOVE_EVIDENCE", row.school_id, item=row.item)
    db.session.commit()


#: where an application is or ended that no authority has seen
_IN_SCHOOL = frozenset(
    {
        ApplicationState.DRAFTED,
        ApplicationState.WITHDRAWN,
        ApplicationState.WITH_LEADER,
        ApplicationState.REFUSED_BY_LEADER,
    }
)


def may_see(actor: Actor, found: Application) -> bool:
    """What never left the school is the school's; everything else is for its authorities too, a verification account
    of an authority sees what came to its own place (R102)."""
    if actor.level == Level.CLASS or actor.role == Role.PARENT:
        return False
    if actor.level not in AUTHORITY_LEVELS:
        return True
    if found.at_school or found.state in _IN_SCHOOL:
        return False
    return actor.role != Role.OPERATOR or found.authority_id == actor.place_id
