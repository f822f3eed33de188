"""What the round allows now: printing, entering, picking pupils, new codes, seats, counts (R94-R101, R103, R109)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from portal.rules.figures import Measure, contradictions
from portal.rules.items import ITEMS, KEY_DATA
from portal.rules.problems import Problem, problem

SEATS = 20
"""People who may use one verification account at once (R100)."""

Pupil = TypeVar("Pupil")


def check_export(unlocked: bool, export_open: bool) -> list[Problem]:
    """R94: an unlocked school exports inside the export window; the entry window does not matter (R95)."""
    found = [] if unlocked else [problem("R94.locked")]
    return found if export_open else [*found, problem("R94.closed")]


def check_entry(entry_open: bool) -> list[Problem]:
    """R95: entering and applying need the entry window and nothing else."""
    return [] if entry_open else [problem("R95")]


def chosen(class_pupils: Sequence[Pupil], ticked: Collection[Pupil]) -> list[Pupil]:
    """R96: nothing ticked is the whole class, otherwise exactly the ticked ones of this class, in its order."""
    return [pupil for pupil in class_pupils if pupil in ticked] if ticked else list(class_pupils)


def check_code_reset(is_teacher_of_class: bool, is_registrar_of_school: bool) -> list[Problem]:
    """R99: a registration code is replaced by the teacher of that class or the registrar of the school."""
    return [] if is_teacher_of_class or is_registrar_of_school else [problem("R99.teacher")]


def check_seat_free(people_inside: int, seats: int = SEATS) -> list[Problem]:
    """R100: one more person may sign in; people are counted, not addresses."""
    return [] if people_inside < seats else [problem("R100", limit=seats)]


def check_account_open(now: datetime, opens: datetime, closes: datetime) -> list[Problem]:
    """R101: a verification account signs in and saves from `opens` until just before `closes`; all moments aware."""
    return [] if opens <= now < closes else [problem("R101")]


def check_maintenance(changed: Collection[str]) -> list[Problem]:
    """R103: maintenance changes anything but key data, whichever way the request came. KeyError for unknown items."""
    return [problem("R103", item) for item in sorted(changed, key=list(ITEMS).index) if item in KEY_DATA]


def check_counts(counts: Mapping[Measure, int]) -> list[Problem]:
    """R109: warnings where more came back than went out, or more was entered than came back."""
    return [
        problem(f"R109.{smaller.value}", found=counts[smaller], wanted=counts.get(larger, 0))
        for smaller, larger in contradictions(dict(counts))
    ]
