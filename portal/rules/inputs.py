"""Which input fits an item, and the raw text that the fields of such an input mean together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from portal.rules import divisions
from portal.rules.codes import table
from portal.rules.dates import period, real_date
from portal.rules.divisions import COUNTRY
from portal.rules.items import Item

#: tables up to this size are shown as buttons to tick, longer ones as a list
MOST_TICKS = 7
SAME_AS_PRESENT = frozenset(
    {"mailing_address", "home_address", "guardian1_current_address", "guardian2_current_address"}
)
"""Addresses that may be said to be the pupil's present address."""


class InputKind(StrEnum):
    """What a row opens."""

    TICKS = "ticks"
    LIST = "list"
    DATE = "date"
    PERIOD = "period"
    PLACE = "place"
    ADDRESS = "address"
    PHONE = "phone"
    DECIMAL = "decimal"
    DIGITS = "digits"
    EMAIL = "email"
    URL = "url"
    TEXT = "text"


_BY_TYPE = {
    "date8": InputKind.DATE,
    "period17": InputKind.PERIOD,
    "division12": InputKind.PLACE,
    "phone": InputKind.PHONE,
    "decimal": InputKind.DECIMAL,
    "postcode": InputKind.DIGITS,
    "email": InputKind.EMAIL,
    "url": InputKind.URL,
}
_DATE = ("year", "month", "day")
_PLACE = ("province", "prefecture", "county")


def kind_of(item: Item) -> InputKind:
    """The input of an item."""
    if item.code_table:
        return InputKind.TICKS if len(table(item.code_table).codes) <= MOST_TICKS else InputKind.LIST
    if item.code.endswith("address"):
        return InputKind.ADDRESS
    return _BY_TYPE.get(item.type, InputKind.TEXT)


def options_of(item: Item, lang: str = "zh", enabled: frozenset[str] = frozenset()) -> list[tuple[str, str]]:
    """(code, words) of what an item with a code table offers; countries by name, because nobody knows their codes."""
    codes = table(item.code_table, enabled)
    found = [(code, codes.label(code, lang)) for code in codes.codes]
    return [found[0], *sorted(found[1:], key=_by_sound)] if item.code_table == "country" else found


def _by_sound(option: tuple[str, str]) -> bytes:
    """GB 2312 orders its common characters by pinyin, and English words by letters."""
    return option[1].encode("gb18030")


def fields_of(item: Item, value: str) -> dict[str, str]:
    """The fields of the item's input filled with a stored value; the inverse of `raw_of`."""
    match kind_of(item):
        case InputKind.DATE:
            return dict(zip(_DATE, _parts(value), strict=True))
        case InputKind.PERIOD:
            first, _, last = value.partition("-")
            return _two("from", first) | _two("to", last)
        case InputKind.PLACE:
            code = value[:6]
            steps = (code[:2] + "0000", code[:4] + "00", code) if code else ("", "", "")
            return dict(zip(_PLACE, steps, strict=True))
        case _:
            return {"value": value}


def raw_of(item: Item, fields: Mapping[str, str], present_address: str = "") -> str | None:
    """The text that the fields mean, to be normalised and checked; None for a place that is not chosen to its end."""
    match kind_of(item):
        case InputKind.DATE:
            return _date(fields, "")
        case InputKind.PERIOD:
            first, last = _date(fields, "from_"), _date(fields, "to_")
            return f"{first}-{last}" if first or last else ""
        case InputKind.PLACE:
            return _place(fields)
        case InputKind.ADDRESS if fields.get("same") and item.code in SAME_AS_PRESENT:
            return present_address
        case _:
            return fields.get("value", "")


def _parts(date8: str) -> tuple[str, str, str]:
    return date8[:4], date8[4:6], date8[6:]


def _two(prefix: str, date8: str) -> dict[str, str]:
    return {f"{prefix}_{name}": part for name, part in zip(_DATE, _parts(date8), strict=True)}


def _date(fields: Mapping[str, str], prefix: str) -> str:
    year, month, day = (fields.get(prefix + name, "").strip() for name in _DATE)
    return year + month.zfill(2) + day.zfill(2) if year or month or day else ""


def _place(fields: Mapping[str, str]) -> str | None:
    """The code of the last list of the picker; the lists above it fit, because the picker drops what does not."""
    if not fields.get("province"):
        return ""
    last = place_steps(fields)[-1].chosen
    return last + "000000" if last and divisions.current().is_precise(last) else None


@dataclass(frozen=True, slots=True)
class PlaceStep:
    """One list of the place picker: its field, what is chosen, and (code, name) of what can be chosen."""

    field: str
    chosen: str
    options: tuple[tuple[str, str], ...]


def place_steps(fields: Mapping[str, str]) -> list[PlaceStep]:
    """The lists of the place picker as far as they are known: province, then prefecture, then county.

    A list with a single entry is chosen by itself; a choice that no longer fits the list above is dropped.
    """
    known, above, steps = divisions.current(), COUNTRY, list[PlaceStep]()
    for name in _PLACE:
        options = tuple((code, known.short_name(code)) for code in known.children(above))
        if not options:
            break
        codes = {code for code, _ in options}
        chosen = fields.get(name, "") if fields.get(name, "") in codes else ""
        if not chosen and len(codes) == 1:
            chosen = next(iter(codes))
        steps.append(PlaceStep(name, chosen, options))
        if not chosen:
            break
        above = chosen
    return steps


def shown_date(item: Item, value: str, lang: str = "zh") -> str | None:
    """A date or a pair of dates in words for the screen; None for any other item and what is no real day."""
    if item.type == "date8" and (day := real_date(value)):
        return f"{day.year} 年 {day.month} 月 {day.day} 日" if lang.startswith("zh") else f"{day:%-d %B %Y}"
    if item.type == "period17" and (days := period(value)):
        words = [f"{day:%Y-%m-%d}" for day in days]
        return f"{words[0]} – {words[1]}"
    return None
