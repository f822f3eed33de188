"""What has become of what a family asked for: each item of its sheet, and what the school applied for besides (R87).

The same for both guardians. Whoever only holds the paper gets the words and never a value, a reason or a day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from portal.models import Application, Change, Place, Pupil, Sheet, db
from portal.rules.applications import OPEN, ApplicationKind, ApplicationState
from portal.rules.codes import printed
from portal.rules.family_words import APPLICATIONS, DELETION, TITLES, Words, words_for
from portal.rules.inputs import shown_date
from portal.rules.items import ITEMS, Item
from portal.services import applications
from portal.services.deletions import refusal_of
from portal.services.maintenance import AT_DESK

_STAND = frozenset(ApplicationState) - {ApplicationState.WITHDRAWN, ApplicationState.CLEARED}


@dataclass(frozen=True)
class Told:
    """What came of one item; texts as they are shown, empty when there are none. `reason` is the decider's own, `place`
    the authority that has it or had it, `since` when it came to where it is; `before`: why it was refused the last
    time, when it has been applied for again. `by_school`: no family asked, the school changed it."""

    item: Item
    words: Words
    printed: str = ""
    wanted: str = ""
    reason: str = ""
    place: str = ""
    since: datetime | None = None
    again: bool = False
    before: str = ""
    by_school: bool = False


@dataclass(frozen=True)
class State:
    """One item in words alone: nothing of the record."""

    item: Item
    words: Words
    again: bool
    by_school: bool


@dataclass(frozen=True)
class Case:
    """What the school asks for about the child as a whole: a proof of identity, the end of a record made by mistake."""

    title: str
    words: Words
    since: datetime
    place: str = ""
    reason: str = ""


def of_sheet(sheet: Sheet, language: str, has_paper: bool = True) -> tuple[Told, ...]:
    """What came of each item, what was refused first, else in the order of the paper. Before the school `has_paper`
    only what it applied for by itself is told."""
    found = {change.item: change for change in sheet.changes} if has_paper else {}
    cases = _by_item(applications.of_pupil(sheet.pupil_id), sheet)
    codes = [code for code in ITEMS if code in found or code in cases]
    told = [_told(code, found.get(code), cases.get(code), language) for code in codes]
    return tuple(sorted(told, key=lambda one: (one.by_school, one.words.look)))


def states_of(sheet: Sheet) -> tuple[State, ...]:
    """The same in words alone, for whoever holds the paper."""
    found = {change.item: change for change in sheet.changes}
    cases = _by_item(applications.of_pupil(sheet.pupil_id), sheet)
    states = []
    for code in (code for code in ITEMS if code in found or code in cases):
        change, newest = found.get(code), next(iter(cases.get(code, [])), None)
        words = words_for(change.outcome if change else "applied_for", _state(newest))
        again = newest is not None and _is_again(newest)
        states.append(State(ITEMS[code], words, again, change is not None and change.source == AT_DESK))
    return tuple(sorted(states, key=lambda one: (one.by_school, one.words.look)))


def _state(case: Application | None) -> ApplicationState | None:
    return ApplicationState(case.state) if case is not None else None


def _by_item(found: list[Application], sheet: Sheet) -> dict[str, list[Application]]:
    """Item -> what was applied for in this round, the newest first; one that was taken back counts only while it is
    the newest, and for what the family asked."""
    asked = {change.item for change in sheet.changes}
    by_item: dict[str, list[Application]] = {}
    for one in found:
        if one.kind == ApplicationKind.CHANGE and (one.round_id == sheet.round_id or one.state in OPEN):
            for item in asked.intersection(one.items) if one.state == ApplicationState.WITHDRAWN else one.items:
                by_item.setdefault(item, []).append(one)
    return by_item


def _told(code: str, change: Change | None, cases: list[Application] | None, language: str) -> Told:
    newest, item = cases[0] if cases else None, ITEMS[code]
    values = change.values if change else newest.values[code] if newest else {}
    outcome = change.outcome if change else "applied_for"
    words = words_for(outcome, _state(newest))
    spoken = newest is not None and words is not words_for(outcome, None)
    return Told(
        item=item,
        words=words,
        printed=shown(item, values.get("printed") or values.get("old") or "", language),
        wanted=shown(item, _wanted(values, newest if spoken else None, code), language),
        reason=_reason(change, newest if spoken else None),
        place=_place(newest) if newest and spoken else "",
        since=newest.since if newest and spoken else change.entered_at if change else None,
        again=_is_again(newest) if newest and spoken else False,
        before=_before(cases or []) if spoken else "",
        by_school=change.source == AT_DESK if change else False,
    )


def _wanted(values: Mapping[str, str], case: Application | None, code: str) -> str:
    """What was asked for: in an application its value, else what was entered, typed or ticked."""
    if case is not None:
        return str(case.values[code]["new"])
    return values.get("typed") or values.get("entered") or values.get("ticked") or ""


def _reason(change: Change | None, case: Application | None) -> str:
    if case is not None:
        return refusal_of(case)
    return (change.reason or "") if change is not None and change.outcome == "refused" else ""


def _is_again(case: Application) -> bool:
    return case.previous_id is not None and case.state in OPEN


def _before(cases: list[Application]) -> str:
    """Why the application before the newest was refused, while the newest is still open."""
    if not cases or not _is_again(cases[0]):
        return ""
    previous = db.session.get(Application, cases[0].previous_id)
    return refusal_of(previous) if previous else ""


def _place(case: Application) -> str:
    place = db.session.get(Place, case.authority_id) if case.authority_id else None
    return place.name if place else ""


def of_child(pupil: Pupil) -> tuple[Case, ...]:
    """The newest proof of identity and the newest deletion of a pupil, where there are any."""
    cases: dict[ApplicationKind, Case] = {}
    for one in applications.of_pupil(pupil.id):
        kind = ApplicationKind(one.kind)
        if kind in TITLES and kind not in cases and _is_told(one):
            words = APPLICATIONS[kind][ApplicationState(one.state)]
            reason = refusal_of(one) if kind == ApplicationKind.IDENTITY else ""
            cases[kind] = Case(TITLES[kind], words, one.since, _place(one), reason)
    return tuple(cases.values())


def closing(pupil: Pupil) -> Case | None:
    """What to say of a record that was closed as made by mistake; None for every other."""
    gone = DELETION[ApplicationState.GRANTED]
    return next((case for case in of_child(pupil) if case.words is gone), None)


def _is_told(one: Application) -> bool:
    """A deletion that was only drafted, or was taken back, never concerned the family."""
    if one.kind == ApplicationKind.DELETION:
        return one.state in _STAND - {ApplicationState.DRAFTED}
    return True


def shown(item: Item, value: str, language: str) -> str:
    """A stored value as people write it."""
    return shown_date(item, value, language) or printed(item.code, value, language)
