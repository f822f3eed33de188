"""docs/reading.md: goals and figures, a table by condition, pictures of what fails; written from the measured run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import read_pictures, read_run, read_scores
from benchmarks.read_scores import GOALS, Figures

SAID = {
    "typical": "a phone at home: some perspective, curl, uneven light, any pen",
    "hard": "several of the things below at once",
    "turned": "turned by any angle",
    "lost_corner": "a corner mark under a thumb, folded away or out of the photo",
    "curled": "curled paper, lifted corners",
    "folded": "folded in half or thirds, opened again",
    "pile": "lying on other sheets of which an edge shows",
    "scan": "a flat-bed scan at 200 dots an inch",
    "held": "held in the hand, two to four fingers over the edge",
    "covered": "a hand or a thing on the boxes",
    "cut": "running out of the photo on one side",
    "blurred": "out of focus or shaken",
    "dark": "too little light",
    "shadow": "hard shadows of hand and phone",
    "glare": "glare of a lamp or a flash",
    "noisy": "noise of a weak camera in poor light",
    "compressed": "strong JPEG compression, quality 15 to 45",
    "small": "few pixels, sent on by a chat app",
    "chat": "1,080 pixels wide, as chat apps send",
    "screen": "photographed from a display",
    "stamped": "a red school stamp somewhere",
    "sealed": "stamps over the signature and over the text",
    "bleeding": "the back page shines through",
    "pencil": "written in pencil",
    "coloured": "written in blue, red, green, violet, orange or light blue",
    "earlier_round": "a leaf of an earlier round: named, but none of the sender's",
    "other_deployment": "a sheet of another deployment: said so, nobody named",
    "two_sheets": "two sheets in one photo: said so, nobody read",
    "back": "the back of the leaf: named, asked to be turned over",
}
FAULTS = {
    "wrong": "a wrong pupil named",
    "unnamed": "a readable photo whose pupil was not named",
    "missed": "writing that was taken for an empty box",
    "extra": "an empty box that was taken for written or was unsure",
    "signature": "a signature seen wrongly or unsure",
    "no_retake": "a photo that should have been asked for again",
    "false_retake": "a readable photo that was asked for again",
    "untold": "another deployment, two sheets or a back page not told as what it is",
}
TABLE = {
    "photos": "photos", "due": "retake due", "named": "pupil named", "wrong": "wrong", "ink_precision": "box precision",
    "ink_recall": "box recall", "ink_f1": "box F1", "unsure": "unsure boxes", "signature_f1": "signature F1",
    "retake_recall": "retake recall", "false_retake": "false retake", "special_told": "told", "read_cpu_ms": "ms",
}  # fmt: skip
SHARES = ("matched", "named", "unsure", "retake_recall", "false_retake", "special_told")
HOW = """\
The photos are made by the photo workshop (`tests/paper/workshop`): sheets from the real printer, written on with
strokes of several kinds of pens, bent, photographed, compressed; the workshop knows the truth. They are no photos of
real hands and papers: they rank conditions and find faults, and a trial with families has to follow. Three ranges of
seeds are kept apart (`benchmarks/read_run.py`): the reader is tuned on {tuning}, the quick sample takes {sample},
this report takes {report}; leaves and values are printed anew for each. A retake is due by the truth if a
box or the signature is cut, there are fewer than 5 pixels a millimetre, the blur is over 0.30 mm on paper, or more than
a fifth of a change box or the signature is hidden.

Boxes and signatures are counted on photos that are readable by truth, also where the reader asked for another photo.
An unsure box counts as written, since a person looks at it; an unsure signature counts as wrong. "Pupil named" is of
all photos of the row, also those to be taken again. "ms" is the median processor time of reading at the sizes of the
row (1 to 16 megapixels, on a machine with other work); the times of the goals are of 12-megapixel photos in a fresh
process.
"""


def write(path: Path, figures: Figures, answers: list[dict[str, Any]], folder: Path) -> None:
    """Write the report and its pictures beside it; `folder` has the printed pages."""
    pictures = path.parent / "pictures"
    pictures.mkdir(parents=True, exist_ok=True)
    shown = read_pictures.draw(folder, answers, pictures)
    path.write_text(text(figures, answers, shown), encoding="utf-8")


def text(figures: Figures, answers: list[dict[str, Any]], shown: dict[str, dict[str, Any]]) -> str:
    """The whole report as Markdown; `shown`: which photo the picture of each kind of fault shows."""
    planned = sum(read_run.COUNTS.values())
    whole = f"All {planned:,} photos" if len(answers) == planned else f"{len(answers):,} of {planned:,} photos"
    head = (
        "# How well photos are read\n\n"
        f"Written by `python -m benchmarks.read --full`. {whole} of the report, version `{read_run.version()}` of "
        "reader and workshop.\n"
    )
    parts = [head, "## Goals\n", _goals(figures), "## By condition\n", _conditions(figures["conditions"])]
    parts += ["## What fails\n", _faults(answers, shown), "## How it was measured\n", _how()]
    return "\n".join(parts)


def _goals(figures: Figures) -> str:
    rows = [(goal.about, goal.limit, _said(goal.figure, figures[goal.figure]), _met(goal, figures)) for goal in GOALS]
    beside = (
        f"Beside: p95 {figures['p95_ms']} ms, half-scale decoding {figures['half_scale_decode_ms']} ms, ticks on the "
        f"right square {_share(figures['ticks_right'])}, boxes left unsure {_share(figures['unsure'])}.\n"
    )
    return _table(("goal", "limit", "figure", "met"), rows) + "\n" + beside


def _met(goal: read_scores.Goal, figures: Figures) -> str:
    value = figures[goal.figure]
    return "not measured" if value is None else "yes" if goal.met(value) else "**no**"


def _conditions(conditions: dict[str, Figures]) -> str:
    rows = []
    for kind in [kind for kind in SAID if kind in conditions]:
        figures = conditions[kind]
        rows.append((f"`{kind}`: {SAID[kind]}", *(_said(name, figures[name]) for name in TABLE)))
    return _table(("condition", *TABLE.values()), rows)


def _faults(answers: list[dict[str, Any]], shown: dict[str, dict[str, Any]]) -> str:
    lines = []
    for fault, words in FAULTS.items():
        kinds = [one["kind"] for one in answers if fault in read_scores.faults(one)]
        if not kinds:
            lines.append(f"- {words[0].upper()}{words[1:]}: none.\n")
            continue
        most = sorted(dict.fromkeys(kinds), key=lambda kind: -kinds.count(kind))[:4]
        where = ", ".join(f"`{kind}` {kinds.count(kind)}" for kind in most)
        lines.append(f"- {words[0].upper()}{words[1:]}: {len(kinds)} photos, most in {where}.\n")
        if fault in shown:
            picture = f"pictures/{read_pictures.name(fault)}"
            lines.append(f"  ![{words}]({picture}) {_caption(fault, shown[fault])}\n")
    return "\n".join(lines)


def _caption(fault: str, one: dict[str, Any]) -> str:
    said = f"`{one['kind']}`, seed {one['seed']}"
    if fault in ("missed", "extra"):
        return f"{said}, box `{one[fault][0]}`"
    if fault in ("no_retake", "false_retake"):
        truth, seen = one["reasons"]
        return f"{said}; by truth {', '.join(truth) or 'readable'}, said {', '.join(seen) or 'readable'}"
    return said


def _how() -> str:
    ranges = {"tuning": read_run.TUNING, "sample": read_run.SAMPLE, "report": read_run.REPORT}
    return HOW.format(**{name: f"{seeds.start:,} to {seeds.stop - 1:,}" for name, seeds in ranges.items()})


def _said(name: str, value: float | None) -> str:
    if value is None:
        return ""
    if name in SHARES:
        return _share(value)
    if name.endswith(("_f1", "precision", "recall")):
        return f"{value:.4f}"
    return f"{value:,}"


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.2%}".replace("%", " %")


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)
