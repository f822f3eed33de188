"""What a claimed guardian sees of a child: three steps with their states, what came of each change, and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select

from portal.models import Consent, GroupCheck, Guardianship, Photo, Sheet, User, db
from portal.rules import check_groups
from portal.rules.masks import mask_name
from portal.rules.roles import Actor
from portal.rules.workflow import SheetState
from portal.services import doors, families, family_differences, family_outcomes, guardians
from portal.services.doors import Closed
from portal.services.families import Progress
from portal.services.family_differences import Differences
from portal.services.family_outcomes import Case, Told
from portal.services.guardians import Child
from portal.services.maintenance import AT_DESK
from portal.services.strips import Support

#: states in which the school has the sheet and the family has nothing left to do
_WITH_SCHOOL = frozenset(SheetState) - {SheetState.EXPECTED, SheetState.PRINTED, SheetState.ISSUED, SheetState.RECEIVED}


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
    """The page of one child; `steps` is None while the school has no sheet for it in this round. `told` of each item,
    `cases` of the child as a whole."""

    child: Child
    support: Support
    deadline: date | None
    closed: Closed | None
    progress: Progress | None
    steps: Steps | None
    told: tuple[Told, ...]
    cases: tuple[Case, ...]
    differences: Differences | None
    consent_version: str
    consented_at: datetime


def support_of(actor: Actor) -> Support:
    """Who helps where no single child is shown: the school of the account's first child."""
    user = db.session.get_one(User, actor.user_id)
    return Support(user.home.name, user.home.phone)


@dataclass(frozen=True)
class Shown:
    """A child in the list of several: its steps where it is active and the school has a sheet, and how many items came
    to what: (words, number)."""

    child: Child
    steps: Steps | None = None
    counts: tuple[tuple[str, int], ...] = ()


def overview(actor: Actor) -> list[Shown]:
    """Every child of the account."""
    found = []
    for child in guardians.children(actor):
        sheet = guardians.sheet_now(guardians.own(actor, child.child_id).pupil) if child.state == "active" else None
        progress = families.progress_of(doors.of_sheet(sheet)) if sheet else None
        shown = Shown(child, _steps(sheet, progress), _counts(sheet)) if sheet else Shown(child)
        found.append(shown)
    return found


def _counts(sheet: Sheet) -> tuple[tuple[str, int], ...]:
    states = family_outcomes.states_of(sheet) if _has_paper(sheet) else ()
    return tuple(Counter(state.words.chip for state in states if not state.by_school).items())


def _has_paper(sheet: Sheet) -> bool:
    """Before the school has the sheet there is nothing to tell of what was changed."""
    return sheet.state in _WITH_SCHOOL or sheet.state == SheetState.RECEIVED


def closed_records(actor: Actor) -> list[tuple[str, Case]]:
    """(masked name, what to say) of children of the account whose record was deleted as made by mistake."""
    query = select(Guardianship).where(Guardianship.user_id == actor.user_id, Guardianship.state == "active")
    gone = [one.pupil for one in db.session.scalars(query) if one.pupil.left_at is not None]
    told = [(pupil, family_outcomes.closing(pupil)) for pupil in gone]
    return [(mask_name(pupil.record["name"]), case) for pupil, case in told if case is not None]


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
        told=family_outcomes.of_sheet(sheet, language, _has_paper(sheet)) if sheet else (),
        cases=family_outcomes.of_child(one.pupil),
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
        changed=sum(change.source != AT_DESK for change in sheet.changes),
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
