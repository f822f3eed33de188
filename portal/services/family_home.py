"""What a claimed guardian sees of a child: three steps with their states, what came of each change, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select

from portal.models import Change, Consent, GroupCheck, Guardianship, Photo, Sheet, User, db
from portal.rules import check_groups
from portal.rules.codes import printed
from portal.rules.inputs import shown_date
from portal.rules.items import ITEMS, Item
from portal.rules.roles import Actor
from portal.rules.workflow import SheetState
from portal.services import doors, families, family_differences, guardians
from portal.services.doors import Closed
from portal.services.families import ITEM_WORDS, Progress
from portal.services.family_differences import Differences
from portal.services.guardians import Child
from portal.services.strips import Support

#: states in which the school has the sheet and the family has nothing left to do
_WITH_SCHOOL = frozenset(SheetState) - {SheetState.EXPECTED, SheetState.PRINTED, SheetState.ISSUED, SheetState.RECEIVED}


@dataclass(frozen=True)
class Told:
    """What came of one change; texts as they are shown, empty when there are none. `reason` is the school's own."""

    item: Item
    outcome: str
    words: str
    printed: str
    wanted: str
    reason: str


@dataclass(frozen=True)
class Steps:
    """The facts behind the three steps. `groups` are those of the check, `checked` how many were confirmed; `differs`:
    in how many items screen and paper disagree."""

    groups: int
    checked: int
    checked_at: datetime | None
    changed: int
    signed: bool
    unsigned: bool
    sent: bool
    returned: bool
    again: bool
    receipt: str | None
    sent_at: datetime | None
    differs: int = 0

    @property
    def is_checked(self) -> bool:
        return self.checked >= self.groups

    @property
    def now(self) -> str:
        """The first thing left to do: check, photo, what differs, or nothing."""
        if self.again or (self.is_checked and not self.sent):
            return "photo"
        if not self.sent:
            return "check"
        return "differs" if self.differs else ""


@dataclass(frozen=True)
class ChildHome:
    """The page of one child; `steps` is None while the school has no sheet for it in this round."""

    child: Child
    support: Support
    deadline: date | None
    closed: Closed | None
    progress: Progress | None
    steps: Steps | None
    told: tuple[Told, ...]
    differences: Differences | None
    consent_version: str
    consented_at: datetime


def support_of(actor: Actor) -> Support:
    """Who helps where no single child is shown: the school of the account's first child."""
    user = db.session.get_one(User, actor.user_id)
    return Support(user.home.name, user.home.phone)


def overview(actor: Actor) -> list[tuple[Child, Steps | None]]:
    """Every child of the account; steps only where it is active and the school has a sheet."""
    found = []
    for child in guardians.children(actor):
        sheet = guardians.sheet_now(guardians.own(actor, child.child_id).pupil) if child.state == "active" else None
        progress = families.progress_of(doors.of_sheet(sheet)) if sheet else None
        found.append((child, _steps(sheet, progress) if sheet else None))
    return found


def child_home(actor: Actor, child_id: UUID, language: str) -> ChildHome:
    """Everything about one own child; raises `NotFound` unless it is claimed and active."""
    one = guardians.own(actor, child_id)
    sheet = guardians.sheet_now(one.pupil)
    agreed = _consent(one)
    school = one.pupil.school
    opened = doors.of_sheet(sheet) if sheet else None
    progress = families.progress_of(opened) if opened else None
    return ChildHome(
        child=guardians.child_of(one),
        support=Support(school.name, school.phone),
        deadline=sheet.round.ends if sheet else None,
        closed=opened.closed if opened else None,
        progress=progress,
        steps=_steps(sheet, progress) if sheet else None,
        told=_told(sheet, language) if sheet else (),
        differences=family_differences.of_child(actor, child_id, language) if sheet else None,
        consent_version=agreed.text_version,
        consented_at=agreed.at,
    )


def _consent(one: Guardianship) -> Consent:
    query = select(Consent).where(Consent.user_id == one.user_id, Consent.pupil_id == one.pupil_id)
    return db.session.scalars(query.order_by(Consent.at.desc()).limit(1)).one()


def _steps(sheet: Sheet, progress: Progress | None) -> Steps:
    checks = list(db.session.scalars(select(GroupCheck).where(GroupCheck.sheet_id == sheet.id)))
    last = _last_good(sheet)
    done = sheet.state in _WITH_SCHOOL
    again = progress is not None and progress.wanted
    groups = {group.code for group in check_groups.GROUPS}
    return Steps(
        groups=len(groups),
        checked=len({check.group for check in checks} & groups),
        checked_at=max((check.at for check in checks), default=None),
        changed=len(sheet.changes),
        signed=sheet.signed or done,
        unsigned=sheet.received and not sheet.signed and not done,
        sent=(done or sheet.returned or sheet.state == SheetState.RECEIVED) and not again,
        returned=sheet.returned,
        again=again,
        receipt=last.receipt if last else None,
        sent_at=last.received_at if last else None,
        differs=family_differences.waiting(sheet),
    )


def _last_good(sheet: Sheet) -> Photo | None:
    """The photo that speaks for the sheet, else the newest."""
    chosen = next((photo for photo in sheet.photos if photo.id == sheet.photo_id), None)
    return chosen or max(sheet.photos, key=lambda photo: photo.received_at, default=None)


def _told(sheet: Sheet, language: str) -> tuple[Told, ...]:
    """Per change its outcome, in the order of the paper; before the school has the sheet there is nothing to tell."""
    if sheet.state not in _WITH_SCHOOL and sheet.state != SheetState.RECEIVED:
        return ()
    found = {change.item: change for change in sheet.changes}
    return tuple(_told_of(found[code], language) for code in ITEMS if code in found)


def _told_of(change: Change, language: str) -> Told:
    values, item = change.values, ITEMS[change.item]
    wanted = values.get("typed") or values.get("entered") or values.get("ticked") or ""
    return Told(
        item=item,
        outcome=change.outcome,
        words=ITEM_WORDS[change.outcome],
        printed=_shown(item, values.get("printed") or "", language),
        wanted=_shown(item, wanted, language),
        reason=(change.reason or "") if change.outcome == "refused" else "",
    )


def _shown(item: Item, value: str, language: str) -> str:
    """A stored value as people write it."""
    return shown_date(item, value, language) or printed(item.code, value, language)
