"""A roster file read in a bounded child process: what is inside never meets the server's own memory unmeasured."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from portal.jobs.children import ChildBusy, ChildError, Children, ChildTimeout
from portal.rules.cells import cell_text
from portal.rules.problems import Problem, problem
from portal.services.roster_files.kinds import LARGEST
from portal.services.roster_files.refused import BIG, BROKEN, BUSY, EMPTY, SLOW, FileRefused

_MEMORY_MB = 700
_CPU_SECONDS = 60.0
_WAIT_SECONDS = 30.0
_POWER = re.compile(r"[0-9](?:\.[0-9]+)?[Ee]\+?[0-9]{1,2}", re.ASCII)
_MARKS = {"formula": "T6.formula", "fault": "T6.fault"}

Row = list[Any]


@dataclass(frozen=True)
class Table:
    """A roster as it stands in the file. `rows` are [number, cells in the order of `items`, marked cells]."""

    kind: str
    sheet: str
    head: int
    items: list[str]
    letters: dict[str, str]
    since_1904: bool
    unknown: list[list[str]]
    other_sheets: list[str]
    hidden_rows: int
    hidden_columns: list[str]
    rows: list[Row]

    def texts(self, row: Row) -> tuple[dict[str, str], list[Problem]]:
        """item -> text of a row, and what the spreadsheet has spoiled in it: formulas, faults, numbers (R78)."""
        texts: dict[str, str] = {}
        spoiled: list[Problem] = []
        for item, cell in zip(self.items, row[1], strict=True):
            if cell.__class__ is str:
                texts[item] = cell
                if "+" in cell and _POWER.fullmatch(cell.strip()):
                    spoiled.append(problem("R78", item))
            else:
                texts[item], found = cell_text(item, cell, self.since_1904)
                spoiled += found
        for position, mark in row[2]:
            item = self.items[position]
            spoiled = [p for p in spoiled if p.item != item] + [problem(_MARKS[mark], item)]
        return texts, spoiled


@cache
def _readers() -> Children:
    entry = "portal.services.roster_files.reading:entry"
    return Children(entry, 1, memory_mb=_MEMORY_MB, seconds=_CPU_SECONDS, wait=_WAIT_SECONDS)


def read(file_name: str, data: bytes) -> Table:
    """The roster in a file. FileRefused with one sentence that says what to do."""
    if not data or len(data) > LARGEST:
        raise FileRefused(BIG if data else EMPTY)
    try:
        answer, blobs = _readers().call(data, {"name": file_name[-120:]})
    except ChildBusy:
        raise FileRefused(BUSY) from None
    except ChildTimeout:
        raise FileRefused(SLOW) from None
    except ChildError as error:
        raise FileRefused(SLOW if getattr(error, "kind", "") == "MemoryError" else BROKEN) from None
    if "refused" in answer:
        raise FileRefused(answer["refused"], answer["names"], **answer["values"])
    table: dict[str, Any] = answer["table"]
    return Table(**table, rows=json.loads(blobs[0]))


def close() -> None:
    """End the reading child; the next file starts a new one."""
    _readers().close()
