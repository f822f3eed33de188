"""Cells of a spreadsheet as text: numbers only where a number can have lost nothing (R78), dates without their zone."""

from datetime import date, datetime

from portal.rules.codes import table
from portal.rules.dates import date_from_serial
from portal.rules.items import ITEMS, Item
from portal.rules.problems import Problem, problem

# Longer whole numbers do not survive a spreadsheet.
_SAFE_DIGITS = 15
# Types whose texts may be longer than that or may begin with a zero.
_TEXT_ONLY = {"id_number", "student_number19", "token"}
_SERIAL_LIMIT = 100_000
_DATE_FORMS = {"date8": "%Y%m%d", "yearmonth6": "%Y%m"}


def cell_text(item: str, cell: object, since_1904: bool = False) -> tuple[str, list[Problem]]:
    """The text of a cell for an item, and the problem when the spreadsheet has spoiled it.

    Numbers are read for items that never have a leading zero or more than 15 digits; day numbers and dates for dates.
    `since_1904` is the workbook's date system. The text of a spoiled cell is what the spreadsheet shows.
    """
    if cell is None:
        return "", []
    if isinstance(cell, str):
        return cell, []
    if isinstance(cell, datetime | date):
        return cell.strftime(_DATE_FORMS.get(ITEMS[item].type, "%Y-%m-%d")), []
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return str(cell), []
    return _number(ITEMS[item], cell, since_1904)


def _number(item: Item, cell: float, since_1904: bool) -> tuple[str, list[Problem]]:
    whole = int(cell) if cell == cell and abs(cell) < 10**_SAFE_DIGITS and cell == int(cell) else None
    if whole is None:
        text = f"{cell:.15g}"
        return text, [] if item.type == "decimal" else [problem("R78", item.code)]
    if item.type == "date8" and 0 < whole < _SERIAL_LIMIT:
        return date_from_serial(whole, since_1904).strftime("%Y%m%d"), []
    return str(whole), [problem("R78", item.code)] if _may_have_lost(item) else []


def _may_have_lost(item: Item) -> bool:
    """True when a value of this item can begin with 0 or be too long for a number."""
    if item.type in _TEXT_ONLY:
        return True
    return bool(item.code_table) and any(len(code) > 1 and code[0] == "0" for code in table(item.code_table).codes)
