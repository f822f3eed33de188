"""A sealed report as people see it: masked, in pieces that fit a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from portal.rules.codes import printed
from portal.rules.items import ITEMS
from portal.rules.masks import NAME_STAR, mask_id, mask_name, mask_phone
from portal.rules.problem_words import PROBLEMS
from portal.rules.problems import Problem

#: faults on one page of the list
PAGE = 12
#: columns that are always shown beside the wrong ones
_ALWAYS = ("class_no", "class_seat_number", "name", "sex", "birth_date", "id_doc_type", "id_number", "phone")
_AROUND = 2
_SHOWN_OF_ADDRESS = 6
_NUMBERS = ("id_number", "student_number19")


@dataclass(frozen=True)
class Cell:
    """A cell of the grid; `look` is wrong, doubtful or empty."""

    text: str
    look: str
    id: str


@dataclass(frozen=True)
class GridRow:
    """A row of the grid; `left_out` rows without faults lie before it."""

    number: int
    cells: list[Cell]
    left_out: int


@dataclass(frozen=True)
class Grid:
    """The part of the file around some faults."""

    items: list[str]
    letters: list[str]
    rows: list[GridRow]


def problem_of(told: dict[str, Any], masking: bool = False) -> Problem:
    """The problem behind a line of a report; with `masking` its values are as they may be shown."""
    item = told["item"]
    values = {
        key: masked(item, value) if masking and key == "found" and item else value
        for key, value in told["values"].items()
    }
    return Problem(told["code"], item, values, PROBLEMS[told["code"]][0])  # type: ignore[arg-type]


def masked(item: str, text: str) -> str:
    """A text of an item as lists and grids show it: names, numbers, telephones and addresses only in part."""
    kind = ITEMS[item].type
    if kind in _NUMBERS:
        return mask_id(text)
    if kind == "phone":
        return mask_phone(text)
    if item.endswith("name") and ITEMS[item].group != "school":
        return mask_name(text)
    if kind == "email":
        return text[:1] + NAME_STAR * 3 if text else ""
    if item.endswith("address") and len(text) > _SHOWN_OF_ADDRESS:
        return text[:_SHOWN_OF_ADDRESS] + NAME_STAR * 3
    return text


def printed_value(item: str, text: str, lang: str, masking: bool) -> str:
    """A stored value as differences show it: addresses whole, for a masked one shows no difference."""
    hidden = masked(item, text) if masking and not item.endswith("address") else text
    return hidden if hidden != text else printed(item, text, lang)


def grid_of(report: dict[str, Any], told: Sequence[dict[str, Any]], masking: bool = True) -> Grid:
    """The rows of these faults and hints with the rows beside them; what the report does not hold is not shown."""
    looks = {(t["row"], t["item"]): "wrong" for t in report["faults"]}
    looks = {(t["row"], t["item"]): "doubtful" for t in report["hints"]} | looks
    items = [item for item in report["letters"] if item in {*_ALWAYS, *(t["item"] for t in told)}]
    rows: list[GridRow] = []
    wanted = {t["row"] for t in told}
    around = report["around"]
    last: int | None = None
    for place, (number, texts) in enumerate(around):
        beside = around[max(0, place - _AROUND) : place + _AROUND + 1]
        if not any(near in wanted and abs(near - number) <= _AROUND for near, _ in beside):
            continue
        shown = {item: masked(item, texts.get(item, "")) if masking else texts.get(item, "") for item in items}
        cells = [Cell(shown[item], looks.get((number, item), ""), f"cell-{number}-{item}") for item in items]
        rows.append(GridRow(number, cells, number - last - 1 if last else 0))
        last = number
    return Grid(items, [report["letters"][item] for item in items], rows)


def page_of(told: Sequence[Any], number: int) -> tuple[list[Any], int, int]:
    """(faults of a page, its number from 1, how many pages); a number outside is the nearest page (sec-F12)."""
    pages = max(1, -(-len(told) // PAGE))
    chosen = min(max(number, 1), pages)
    return list(told[(chosen - 1) * PAGE : chosen * PAGE]), chosen, pages


def masked_pupil(pupil: Sequence[str]) -> tuple[str, str, str]:
    """(name, class number, student number) as lists show them."""
    name, class_no, number = pupil
    return mask_name(name), class_no, mask_id(number)
