"""The file of places for the first day: read row by row and checked as far as a row alone can be (R34, GB/T 2260)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from portal.rules import divisions
from portal.rules.checks_study import check_school_code
from portal.rules.clock import today
from portal.rules.context import Context
from portal.rules.grades import STAGE_YEARS
from portal.rules.problems import message_of
from portal.rules.roles import Level
from portal.rules.words import N_
from portal.services.refusals import Refusal

COLUMNS = ("level", "code", "name", "parent_code", "phone", "stages")
LEVELS = (Level.PROVINCE, Level.PREFECTURE, Level.COUNTY, Level.SCHOOL)
LONGEST_NAME, LONGEST_PHONE = 80, 30


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """One row as written, blanks trimmed; `number` is the row in the file, the headings being row 1."""

    number: int
    level: str
    code: str
    name: str
    parent_code: str
    phone: str = ""
    stages: str = ""


class BadRows(Refusal):
    """Rows that cannot be taken, each as (row number, refusal); nothing has been stored."""

    def __init__(self, faults: list[tuple[int, Refusal]]) -> None:
        super().__init__(N_("%(n)s 行有问题，一行也没有存。"), n=len(faults))
        self.faults = faults


def read_rows(content: bytes) -> list[PlaceRow]:
    """The rows of a CSV in UTF-8 or GB18030, columns in any order; raises `Refusal` for what is no such file."""
    lines = _lines(content)
    headings = [heading.strip() for heading in next(lines, (1, []))[1]]
    if sorted(headings) != sorted(COLUMNS):
        raise Refusal(N_("第一行要正好是这几列：%(columns)s。"), columns=", ".join(COLUMNS))
    rows, faults = [], []
    for number, cells in lines:
        if len(cells) > len(COLUMNS):
            faults.append((number, Refusal(N_("这一行的列数比第一行多。"))))
            continue
        values = dict.fromkeys(COLUMNS, "") | dict(zip(headings, (cell.strip() for cell in cells), strict=False))
        rows.append(PlaceRow(number, **values))
    if faults:
        raise BadRows(faults)
    if not rows:
        raise Refusal(N_("文件里一行也没有。"))
    return rows


def _lines(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """(row number, cells) of every row that is not blank."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030", errors="replace")
    if "\0" in text or "\ufffd" in text:
        raise Refusal(N_("这不是 UTF-8 或 GB18030 的 CSV 文件。"))
    try:
        rows = list(csv.reader(io.StringIO(text, newline="")))
    except csv.Error:
        raise Refusal(N_("这个 CSV 文件读不出来，请看引号有没有成对。")) from None
    return ((n, cells) for n, cells in enumerate(rows, start=1) if any(cell.strip() for cell in cells))


def check_row(row: PlaceRow) -> None:
    """Refuse what the row alone shows to be wrong: level, code, name, telephone, stages."""
    if row.level not in LEVELS:
        raise Refusal(N_("level 要填 province、prefecture、county 或 school，这里是“%(found)s”。"), found=row.level)
    if not row.name or len(row.name) > LONGEST_NAME or not row.name.isprintable():
        raise Refusal(N_("name 要填名称，最多 %(n)s 个字。"), n=LONGEST_NAME)
    if len(row.phone) > LONGEST_PHONE or not row.phone.isprintable():
        raise Refusal(N_("phone 最多 %(n)s 个字。"), n=LONGEST_PHONE)
    if row.level == Level.SCHOOL:
        _check_school(row)
    else:
        _check_division(row)


def _check_school(row: PlaceRow) -> None:
    for found in check_school_code("school_code", row.code, Context.on(today())):
        text, values = message_of(found)
        raise Refusal(text, **values)
    if len(set(row.stages)) < len(row.stages) or not set(row.stages) <= STAGE_YEARS.keys():
        raise Refusal(N_("stages 填学段 1、2、3，可以连着写，如 12；这里是“%(found)s”。"), found=row.stages)


def _check_division(row: PlaceRow) -> None:
    table = divisions.current()
    if not table.exists(row.code):
        raise Refusal(N_("行政区划代码表里没有“%(found)s”。"), found=row.code)
    if table.level(row.code) != row.level:
        raise Refusal(N_("%(found)s 不是 %(level)s 一级的代码。"), found=row.code, level=row.level)
    if not table.is_current(row.code):
        raise Refusal(N_("行政区划 %(found)s 已经撤销。"), found=row.code)
    if row.stages:
        raise Refusal(N_("只有学校才填 stages。"))


def check_parent(row: PlaceRow, parent_level: str | None) -> None:
    """Refuse a parent of the wrong level or of another area; `parent_level` is None where there is no parent.

    A school hangs below any authority (domain 2.1); a county below its prefecture or straight below its province.
    """
    if row.level == Level.PROVINCE:
        if row.parent_code:
            raise Refusal(N_("省没有上级，parent_code 请留空。"))
        return
    if parent_level is None:
        raise Refusal(N_("上级“%(found)s”不在文件里，也还没有建。"), found=row.parent_code)
    if parent_level not in LEVELS[: LEVELS.index(Level(row.level))]:
        raise Refusal(N_("上级 %(found)s 不比它高一级。"), found=row.parent_code)
    same = 4 if parent_level == Level.PREFECTURE else 2
    if row.level != Level.SCHOOL and row.code[:same] != row.parent_code[:same]:
        raise Refusal(N_("%(code)s 不在上级 %(found)s 的地界里。"), code=row.code, found=row.parent_code)
