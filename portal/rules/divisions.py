"""Administrative divisions (GB/T 2260), current and abolished, and the made-up ones of trials and the demo.

The rows come from python-stdnum's table; its `ric.validate` is not used, because it refuses holders whose county got
its code after they were born (R4).
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from stdnum import numdb

Level = Literal["province", "prefecture", "county"]

COUNTRY = "000000"
WITHOUT_COUNTIES = frozenset({"441900", "442000", "460400", "620200", "710000", "810000", "820000"})
"""Prefectures and provinces whose own code is as precise as it gets (R33)."""

# Rows missing in python-stdnum 2.2.
_MISSING = {"330113": "临平区", "330114": "钱塘区", "460400": "儋州市"}
_PROVINCE_NAMES = {"810000": "香港特别行政区", "820000": "澳门特别行政区"}
# Rows that group others and are no place of their own.
_GROUPING = frozenset({"市辖区", "市区", "县", "省直辖行政单位", "省直辖县级行政单位", "自治区直辖县级行政单位"})


@dataclass(frozen=True, slots=True)
class Division:
    """One division: six-digit code, its latest name without the parents', and whether it still exists."""

    code: str
    name: str
    is_current: bool = True

    @property
    def is_grouping(self) -> bool:
        return self.name in _GROUPING


def level_of(code: str) -> Level:
    """The level that the form of a six-digit code says."""
    if code.endswith("0000"):
        return "province"
    return "prefecture" if code.endswith("00") else "county"


class Divisions:
    """A table of divisions by six-digit code."""

    def __init__(self, rows: Iterable[Division]) -> None:
        self._rows = {row.code: row for row in rows}
        self._full_names: dict[str, str] = {}
        self._children: dict[str, tuple[str, ...]] = {}

    @classmethod
    def standard(cls, trial: bool = False) -> "Divisions":
        """The real divisions; with `trial` also the made-up ones under 98 and 99, which no living person's ID has."""
        return _standard(trial)

    def exists(self, code: str) -> bool:
        """True when this six-digit code is or once was a division."""
        return code in self._rows

    def is_current(self, code: str) -> bool:
        row = self._rows.get(code)
        return row is not None and row.is_current

    def level(self, code: str) -> Level | None:
        """The level of a known division, None for an unknown code."""
        return level_of(code) if code in self._rows else None

    def is_precise(self, code: str) -> bool:
        """True for a county, and for a prefecture or province that has no counties (R33)."""
        return level_of(code) == "county" or code in WITHOUT_COUNTIES

    def short_name(self, code: str) -> str:
        """The name without the parents' names, empty for an unknown code."""
        row = self._rows.get(code)
        return row.name if row else ""

    def name(self, code: str) -> str:
        """The full path name (试验省试验市试验一区), empty for an unknown code."""
        if code not in self._full_names:
            self._full_names[code] = self._full_name(code)
        return self._full_names[code]

    def children(self, code: str = COUNTRY) -> tuple[str, ...]:
        """Codes of the current divisions directly below, in order; COUNTRY gives the provinces.

        Grouping rows are left out where they are ends (市辖区 as a county); those that have counties stay.
        """
        if not self._children:
            self._children = self._family()
        return self._children.get(code, ())

    def _family(self) -> dict[str, tuple[str, ...]]:
        below: dict[str, list[str]] = {}
        for code in sorted(self._rows):
            row = self._rows[code]
            if row.is_current and not (row.is_grouping and level_of(code) == "county"):
                below.setdefault(parent_of(code), []).append(code)
        return {parent: tuple(codes) for parent, codes in below.items()}

    def _full_name(self, code: str) -> str:
        if code not in self._rows:
            return ""
        path = dict.fromkeys((code[:2] + "0000", code[:4] + "00", code))
        rows = [self._rows[c] for c in path if c in self._rows]
        names = [row.name for row in rows if not row.is_grouping or row is rows[-1]]
        return "".join(names)


def parent_of(code: str) -> str:
    """The code one level up; COUNTRY for a province."""
    if code.endswith("0000"):
        return COUNTRY
    return code[:2] + "0000" if code.endswith("00") else code[:4] + "00"


@cache
def _standard(trial: bool) -> Divisions:
    return Divisions((*_real(), *(_trial() if trial else ())))


def _real() -> list[Division]:
    rows: dict[str, Division] = {}
    for _, province, _, _, counties in numdb.get("cn/loc").prefixes:
        for _, rest, _, properties, _ in counties:
            rows[province + rest] = _division(province + rest, properties["county"])
    for code, name in (_MISSING | _PROVINCE_NAMES).items():
        rows[code] = Division(code, name)
    return list(rows.values())


def _division(code: str, history: str) -> Division:
    """`history` as in the package's table: "[1983-1986]郊区,[1987-]白云区"; the last name counts."""
    last = history.split(",")[-1]
    if not last.startswith("["):
        return Division(code, last)
    years, _, name = last[1:].partition("]")
    return Division(code, name, is_current=years.endswith("-"))


def _trial() -> list[Division]:
    with (Path(__file__).parent / "divisions_trial.csv").open(encoding="utf-8", newline="") as file:
        return [Division(row["code"], row["name"], not row["abolished"]) for row in csv.DictReader(file)]


_in_use: Divisions | None = None


def use(divisions: Divisions) -> None:
    """Set the table that `current` gives; the app does it once when it starts."""
    global _in_use
    _in_use = divisions


def current() -> Divisions:
    """The table in use; the real divisions without the trial ones until `use` was called."""
    return _in_use or Divisions.standard()
