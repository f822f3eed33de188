"""Counts of the answers to many photos as figures; what has nothing to be measured on is None."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Answer = dict[str, Any]
Figures = dict[str, Any]


@dataclass(frozen=True)
class Goal:
    """One goal of sheet.md: the figure it is about, in words, its limit as words, and whether a figure meets it."""

    figure: str
    about: str
    limit: str
    met: Callable[[float], bool]


GOALS = (
    Goal("photos", "photos that no tuning saw", ">= 3,000", lambda value: value >= 3000),
    Goal("matched", "right pupil without a human, of readable photos", ">= 99.5 %", lambda value: value >= 0.995),
    Goal("wrong", "wrong pupil named", "0", lambda value: value == 0),
    Goal("ink_f1", "written or empty, F1 of the boxes", ">= 0.98", lambda value: value >= 0.98),
    Goal("signature_f1", "signed or not, F1", ">= 0.99", lambda value: value >= 0.99),
    Goal("retake_recall", "retake asked for where it is due", ">= 95 %", lambda value: value >= 0.95),
    Goal("false_retake", "retake asked for where it is not", "<= 2 %", lambda value: value <= 0.02),
    Goal("median_ms", "12 megapixels to the stored page, one core, ms", "<= 110", lambda value: value <= 110),
    Goal("ratio", "the same as times of a half-scale decoding", "<= 6", lambda value: value <= 6),
    Goal("peak_mb", "memory of a reader, MB", "<= 150", lambda value: value <= 150),
)


def scores(answers: list[Answer]) -> Figures:
    """The figures of a set of answers.

    Ink and signature are counted on photos that are readable by truth, asked for again or not; an unsure box counts as
    written (a person looks at it), an unsure signature as wrong. `named` is the share of all photos of own leaves whose
    pupil was named, whether readable or not.
    """
    plain = [one for one in answers if "due" in one]
    fine, due = [one for one in plain if not one["due"]], [one for one in plain if one["due"]]
    right = sum(one["right"] for one in fine)
    extra, missed = (sum(len(one[what]) for one in fine) for what in ("extra", "missed"))
    signed = [one["signed"] for one in fine]
    both = sum(truth and seen is True for truth, seen in signed)
    amiss = sum(seen is None or truth != seen for truth, seen in signed)
    told = [one["told"] for one in answers if "told" in one]
    return {
        "photos": len(answers),
        "due": len(due),
        "matched": _ratio(sum(one["named"] and not one["wrong"] for one in fine), len(fine)),
        "named": _ratio(sum(one["named"] and not one["wrong"] for one in plain), len(plain)),
        "wrong": sum(bool(one["wrong"]) for one in answers),
        "ink_precision": _ratio(right, right + extra),
        "ink_recall": _ratio(right, right + missed),
        "ink_f1": _ratio(2 * right, 2 * right + extra + missed),
        "unsure": _ratio(sum(one["unsure"] for one in fine), sum(one["boxes"] for one in fine)),
        "ticks_right": _ratio(*(sum(one["ticks"][at] for one in fine) for at in (0, 1))),
        "signature_f1": _ratio(2 * both, 2 * both + amiss),
        "retake_recall": _ratio(sum(one["asked"] for one in due), len(due)),
        "false_retake": _ratio(sum(one["asked"] for one in fine), len(fine)),
        "special_told": _ratio(sum(told), len(told)),
        "read_cpu_ms": _middle([one["cpu_ms"] for one in answers]),
    }


def by_condition(answers: list[Answer]) -> dict[str, Figures]:
    """The figures of each condition, in the order in which the conditions first come."""
    kinds = dict.fromkeys(one["kind"] for one in answers)
    return {kind: scores([one for one in answers if one["kind"] == kind]) for kind in kinds}


def faults(one: Answer) -> list[str]:
    """What went wrong with one photo, as kinds of faults."""
    found = ["wrong"] if one["wrong"] else []
    if "told" in one:
        return found if one["told"] else [*found, "untold"]
    if one["due"]:
        return found if one["asked"] else [*found, "no_retake"]
    if not one["named"]:
        found.append("unnamed")
    elif one["asked"]:
        found.append("false_retake")
    found += [what for what in ("missed", "extra") if one[what]]
    truth, seen = one["signed"]
    return found if seen is not None and truth == seen else [*found, "signature"]


def _ratio(part: float, whole: float) -> float | None:
    return round(part / whole, 4) if whole else None


def _middle(values: list[float]) -> float | None:
    return round(sorted(values)[len(values) // 2], 1) if values else None
