"""Where the texts of the sheet's head and foot are stamped: measured once and kept, so that checking a run lays out
nothing."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parent / "slots.json"


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a text of the head or foot is stamped: page, place and size in millimetres, type size in points."""

    page: int
    x_mm: float
    y_mm: float
    w_mm: float
    h_mm: float
    size: float


@cache
def current() -> dict[str, Slot]:
    """The slots of the form that is printed now, by name."""
    return {name: Slot(**kept) for name, kept in json.loads(_FILE.read_text(encoding="utf-8")).items()}


def as_json(slots: Mapping[str, Slot]) -> str:
    """The text of `slots.json`, for what `form.measure()` gives after a change of the form."""
    return json.dumps({name: asdict(slot) for name, slot in sorted(slots.items())}, indent=1) + "\n"
