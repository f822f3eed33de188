"""The class teacher looks at what came back: accept it or send it back (G1, G2). `unchanged` confirms plain ones."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from portal.models import Photo, Place, Reading, Sheet, Step, db
from portal.rules.clock import now
from portal.rules.masks import mask_name
from portal.rules.roles import Actor, Level
from portal.rules.undoing import can_undo, due_at
from portal.rules.words import N_
from portal.rules.workflow import SheetMove
from portal.services import lists, sampling
from portal.services.history import record
from portal.services.refusals import NotFound, Refusal, TooLate
from portal.services.sheets import move

LONGEST_REASON = 200
#: reasons that come up again and again; the family reads the words, also on the bare link of its paper
REASONS = {
    "unclear": N_("有的字看不清，请描清楚再拍一张。"),
    "unsigned": N_("还没有签名，请签上名字和日期再拍一张。"),
    "wrong_box": N_("改动没有写在右边的空格里，请写进空格再拍一张。"),
    "standard": N_("改动不合填写标准，请看背面的说明改好再拍一张。"),
    "document": N_("改了姓名、性别、出生日期或者证件，请带户口簿来学校，再拍一张。"),
}


@dataclass(frozen=True)
class Eyes:
    """What the teacher saw on the paper or photo where the machine could not say, or where its answer has been drawn
    to be looked at: a signature, changes or none."""

    signed: bool = False
    changed: bool | None = None


def is_read(sheet: Sheet) -> bool:
    """True when the machine read the sheet whole, so that its list of written items can be relied on."""
    if not sheet.readable or sheet.photo_id is None:
        return False
    verdict = db.session.scalar(select(Reading.verdict).where(Reading.photo_id == sheet.photo_id))
    return verdict == "readable"


def check(actor: Actor, sheet_id: UUID, version: int, eyes: Eyes | None = None) -> Sheet:
    """Accept one sheet that was looked at in the state `version`. Commits.

    Raises `TooLate` when it has changed since, `Refusal` when a signature was not seen by anybody (E4) or when nobody
    has said whether the paper has changes: where the machine could not, and on a drawn sheet.
    """
    sheet, eyes = _shown(actor, sheet_id, version), eyes or Eyes()
    earlier = sampling.look_of(sheet)
    was = {"written": sheet.written, "signed": sheet.signed, "seen": earlier.written if earlier else None}
    if not sheet.signed and not eyes.signed:
        raise Refusal(N_("没有看到签名。纸上有签名请勾选“我看到了签名”，没有就退回请家长补签。"))
    if not is_read(sheet):
        if eyes.changed is None:
            raise Refusal(N_("这张表机器没有读全。请看着纸表，选一下有没有写改动。"))
        sheet.written = max(sheet.written, 1) if eyes.changed else 0
    elif sampling.asks(sheet):
        if eyes.changed is None:
            raise Refusal(N_("这张是抽到的。请看着照片，说一说纸上是不是真的什么都没写。"))
        sampling.keep(actor, sheet, eyes.changed)
    elif eyes.changed:
        sheet.written = max(sheet.written, 1)
    sheet.signed = True
    move(actor, sheet, SheetMove.CHECK, by="eyes" if eyes != Eyes() else "photo", was=was)
    db.session.commit()
    return sheet


def accepted_by(actor: Actor, sheet_id: UUID) -> Step | None:
    """The step with which this person accepted a sheet a moment ago and nothing has happened since; else None."""
    query = select(Step).where(Step.thing_id == sheet_id, Step.after.is_not(None))
    last = db.session.scalar(query.order_by(Step.at.desc(), Step.id).limit(1))
    if last is None or last.move != SheetMove.CHECK or last.by_id != actor.user_id or "was" not in last.details:
        return None
    return last if can_undo(due_at(last.at), now()) else None


def undo_check(actor: Actor, sheet_id: UUID) -> Sheet:
    """Take back an acceptance of the last ten minutes: the sheet waits as it did before. Commits."""
    sheet = lists.find(actor, Sheet, sheet_id, lock=True)
    step = accepted_by(actor, sheet_id)
    if step is None:
        raise TooLate(N_("这张表已经不能撤回了：过了 10 分钟，或者后来有了变化。"))
    move(actor, sheet, SheetMove.UNDO_CHECK)
    was = step.details["was"]
    sheet.written, sheet.signed = was["written"], was["signed"]
    sampling.put_back(sheet, was.get("seen"))
    db.session.commit()
    return sheet


def send_back(actor: Actor, sheet_id: UUID, version: int, reason: str) -> Sheet:
    """Back to the family with a reason it can read (G2, R87). Commits."""
    if len(reason) > LONGEST_REASON:
        raise Refusal(N_("原因最多写 %(n)s 个字。"), n=LONGEST_REASON)
    sheet = _shown(actor, sheet_id, version)
    move(actor, sheet, SheetMove.SEND_BACK, reason)
    db.session.commit()
    return sheet


def _shown(actor: Actor, sheet_id: UUID, version: int) -> Sheet:
    """The sheet, locked, if it is still what was on the screen (sec-A16)."""
    sheet = lists.find(actor, Sheet, sheet_id, lock=True)
    if sheet.version != version:
        raise TooLate(N_("这张表刚才有了变化，可能来了新照片，也可能别人先处理了。请看一眼新的再做。"))
    return sheet


def recognise(actor: Actor, photo_id: UUID, is_it: bool) -> Sheet:
    """Say whether a photo that no machine could name shows the sheet it was sent for. Commits."""
    photo = lists.find(actor, Photo, photo_id, lock=True)
    if photo.sheet_id is None:  # still in quarantine: nobody has said whose it could be
        raise NotFound
    sheet = lists.find(actor, Sheet, photo.sheet_id, lock=True)
    if photo.outcome != "unknown":
        raise TooLate(N_("这张照片已经认过了。"))
    photo.outcome = "matched" if is_it else "unusable"
    record(actor, photo, "RECOGNISE_PHOTO", photo.school_id, outcome=photo.outcome)
    if is_it:
        move(actor, sheet, SheetMove.RECEIVE, by="photo")
        sheet.received = True
        if not sheet.readable:
            # the machine saw no signature on this one: none of an older photo lets it pass unseen (E4)
            sheet.photo_id, sheet.readable, sheet.signed = photo.id, True, False
    db.session.commit()
    return sheet


def class_of(actor: Actor, class_id: UUID) -> Place:
    """A class inside the actor's place; raises `NotFound`."""
    place = lists.find(actor, Place, class_id)
    if place.level != Level.CLASS:
        raise NotFound
    return place


def school_of(class_: Place) -> UUID:
    """The school of a class."""
    assert class_.parent_id is not None, "a class has a school"
    return class_.parent_id


def name_of(sheet: Sheet, own: bool) -> str:
    """The pupil's name: in full for the class's own teacher, masked for others."""
    name: str = sheet.pupil.record["name"]
    return name if own else mask_name(name)
