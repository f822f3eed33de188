"""The input of a row of handwriting: which widget, what it begins with, and the stored text that was meant."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from portal.rules import divisions, inputs
from portal.rules.codes import printed
from portal.rules.inputs import InputKind
from portal.rules.items import Item
from portal.rules.normalise import normalise
from portal.services import letters

#: keyboards of phones and tablets
MODES = {
    InputKind.PHONE: "tel",
    InputKind.DECIMAL: "decimal",
    InputKind.DIGITS: "numeric",
    InputKind.EMAIL: "email",
    InputKind.URL: "url",
}
_LONGEST = 400


@dataclass(frozen=True)
class Widget:
    """How an item is typed: out of `options` (code, words, letters it answers to), as a place, or as text; `mode` is
    the keyboard of a phone."""

    options: tuple[tuple[str, str, str], ...] = ()
    is_place: bool = False
    mode: str | None = None


@cache
def widget_of(item: Item, lang: str) -> Widget:
    """The widget of an item."""
    kind = inputs.kind_of(item)
    if kind in (InputKind.TICKS, InputKind.LIST):
        options = [(code, words, letters.keys_of(printed(item.code, code))) for code, words in _options(item, lang)]
        return Widget(tuple(options))
    return Widget(is_place=kind == InputKind.PLACE, mode=MODES.get(kind))


def _options(item: Item, lang: str) -> list[tuple[str, str]]:
    return inputs.options_of(item, lang)


def begins_with(item: Item, value: str) -> str:
    """What the input shows for a stored value: a place with its name, so that a person can see what it is."""
    if widget_of(item, "zh").is_place and value:
        return f"{value[:6]} {divisions.current().name(value[:6])}".strip()
    return value


def meant(item: Item, text: str) -> str:
    """The stored text that was typed, as far as it can be told; what cannot comes back for the rules to refuse.

    Dates and periods may be written in any usual way; a place by its code, or by a name that only one place has.
    """
    text = text.strip()[:_LONGEST]
    match inputs.kind_of(item):
        case InputKind.DATE:
            return normalise(item.code, text, from_file=True)
        case InputKind.PERIOD:
            return normalise(item.code, _with_dash(text), from_file=True)
        case InputKind.PLACE:
            code = letters.place_named(text)
            return text if code is None else code.ljust(12, "0")
        case _:
            return text


def _with_dash(text: str) -> str:
    """Sixteen digits with nothing or a blank between are two days."""
    digits = "".join(text.split())
    return f"{digits[:8]}-{digits[8:]}" if digits.isascii() and digits.isdigit() and len(digits) == 16 else text
