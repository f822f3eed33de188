"""The class teacher looks at what came back: accept it, send it back, or confirm the plain ones together (G1, G2)."""

from __future__ import annotations

import random
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from uuid import UUID

from sqlalchemy import select

from portal.models import Change, Photo, Place, Reading, Sheet, Step, db
from portal.rules.clock import now
from portal.rules.roles import Actor, Level
from portal.rules.standing import is_plain
from portal.rules.undoing import can_undo, due_at
from portal.rules.words import N_
from portal.rules.workflow import SheetMove
from portal.services import lists
from portal.services.history import record
from portal.services.refusals import NotFound, Refusal, TooLate
from portal.services.sheets import move

#: of the plain sheets at least so many, and this share, are looked at before the rest is confirmed with them
SAMPLE_LEAST = 3
SAMPLE_SHARE = 0.1
SAMPLE_LASTS = timedelta(hours=2)
LONGEST_REASON = 200
#: reasons that come up again and again; the family reads the words, also on the bare link of its paper
REASONS = {
    "unclear": N_("有的字看不清，请描清楚再拍一张。"),
    "unsigned": N_("还没有签名，请签上名字和日期再拍一张。"),
    "wrong_box": N_("改动没有写在右边的空格里，请写进空格再拍一张。"),
    "standard": N_("改动不合填写标准，请看背面的说明改好再拍一张。"),
    "document": N_("改了姓名、性别、出生日期或者证件，请带户口簿来学校，再拍一张。"),
}

_system = random.SystemRandom()


@dataclass(frozen=True)
class Eyes:
    """What the teacher saw on the paper or photo where the machine could not say: a signature, changes or none."""

    signed: bool = False
    changed: bool | None = None


@dataclass(frozen=True)
class Sample:
    """The plain sheets that were there when the sample was opened, and those drawn to be looked at."""

    sheets: tuple[UUID, ...]
    drawn: tuple[UUID, ...]


def is_read(sheet: Sheet) -> bool:
    """True when the machine read the sheet whole, so that its list of written items can be relied on."""
    if not sheet.readable or sheet.photo_id is None:
        return False
    verdict = db.session.scalar(select(Reading.verdict).where(Reading.photo_id == sheet.photo_id))
    return verdict == "readable"


def check(actor: Actor, sheet_id: UUID, version: int, eyes: Eyes | None = None) -> Sheet:
    """Accept one sheet that was looked at in the state `version`. Commits.

    Raises `TooLate` when it has changed since, `Refusal` when a signature was not seen by anybody (E4) or when nobody
    has said whether the paper has changes.
    """
    sheet, eyes = _shown(actor, sheet_id, version), eyes or Eyes()
    was = {"written": sheet.written, "signed": sheet.signed}
    if not sheet.signed and not eyes.signed:
        raise Refusal(N_("没有看到签名。纸上有签名请勾选“我看到了签名”，没有就退回请家长补签。"))
    if not is_read(sheet):
        if eyes.changed is None:
            raise Refusal(N_("这张表机器没有读全。请看着纸表，选一下有没有写改动。"))
        sheet.written = max(sheet.written, 1) if eyes.changed else 0
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
    sheet.written, sheet.signed = step.details["was"]["written"], step.details["was"]["signed"]
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
            sheet.photo_id, sheet.readable = photo.id, True
    db.session.commit()
    return sheet


def plain_sheets(actor: Actor, class_id: UUID) -> list[UUID]:
    """The sheets of a class with a readable, signed photo and nothing written."""
    found = lists.round_of(actor)
    told = with_changes(class_id)
    query = select(Sheet).where(Sheet.round_id == found.id, Sheet.class_id == class_id, Sheet.in_scope)
    return [sheet.id for sheet in db.session.scalars(query.order_by(Sheet.id)) if is_plain(sheet, sheet.id in told)]


def with_changes(class_id: UUID) -> set[UUID]:
    """The sheets of a class on which an item is to be changed, by ink or by what the family typed."""
    query = select(Change.sheet_id).join(Change.sheet).where(Sheet.class_id == class_id)
    return set(db.session.scalars(query.distinct()))


def class_of(actor: Actor, class_id: UUID) -> Place:
    """A class inside the actor's place; raises `NotFound`."""
    place = lists.find(actor, Place, class_id)
    if place.level != Level.CLASS:
        raise NotFound
    return place


def open_sample(actor: Actor, class_id: UUID, draw: random.Random = _system) -> Sample:
    """Draw some of the plain sheets to be looked at, and note which. Commits."""
    class_ = class_of(actor, class_id)
    plain = plain_sheets(actor, class_.id)
    if not plain:
        raise TooLate(N_("现在没有“没写字又签了名”的表要一起确认。"))
    size = min(len(plain), max(SAMPLE_LEAST, ceil(len(plain) * SAMPLE_SHARE)))
    chosen = set(draw.sample(plain, size))
    sample = Sample(tuple(plain), tuple(sheet_id for sheet_id in plain if sheet_id in chosen))
    sheets, drawn = ([i.hex for i in ids] for ids in (sample.sheets, sample.drawn))
    record(actor, class_, "OPEN_SAMPLE", _school(class_), sheets=sheets, drawn=drawn)
    db.session.commit()
    return sample


def _school(class_: Place) -> UUID:
    assert class_.parent_id is not None, "a class has a school"
    return class_.parent_id


def sample_of(actor: Actor, class_id: UUID) -> Sample | None:
    """The sample this person has opened and not yet answered, or None."""
    moves = ("OPEN_SAMPLE", "CHECK_UNCHANGED")
    query = select(Step).where(Step.thing_id == class_id, Step.by_id == actor.user_id, Step.move.in_(moves))
    last = db.session.scalar(query.order_by(Step.at.desc(), Step.id).limit(1))
    if last is None or last.move != "OPEN_SAMPLE" or last.at + SAMPLE_LASTS < now():
        return None
    return Sample(*(tuple(UUID(i) for i in last.details[name]) for name in ("sheets", "drawn")))


def check_all_unchanged(actor: Actor, class_id: UUID, wrong: Collection[UUID] = ()) -> int:
    """Confirm the plain sheets of an opened sample together; returns how many were checked. Commits.

    When one of the drawn sheets does have writing (`wrong`), none is confirmed: these are marked to be looked at
    and a new sample is due. Size and errors of every sample stay in the history, so that the rate can be published.
    """
    class_ = class_of(actor, class_id)
    sample = sample_of(actor, class_id)
    if sample is None:
        raise TooLate(N_("请先打开抽样看一看，再一起确认。"))
    ids = set(sample.sheets)
    query = select(Sheet).where(Sheet.id.in_(ids), lists.inside(Sheet.path, actor)).order_by(Sheet.id).with_for_update()
    locked, told = list(db.session.scalars(query)), with_changes(class_.id)
    sheets = [sheet for sheet in locked if is_plain(sheet, sheet.id in told)]
    errors = set(sample.drawn) & set(wrong)
    for sheet in sheets:
        if sheet.id in errors:
            sheet.written = 1
        elif not errors:
            move(actor, sheet, SheetMove.CHECK, by="sample")
    checked = 0 if errors else len(sheets)
    drawn = len(sample.drawn)
    record(actor, class_, "CHECK_UNCHANGED", _school(class_), checked=checked, drawn=drawn, errors=len(errors))
    db.session.commit()
    return checked
