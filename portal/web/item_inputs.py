"""The input of one item as families and the school see it: what fills it, what can be chosen, what was posted."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from flask_babel import get_locale
from flask_babel import gettext as _

from portal.rules import check_groups, evidence, inputs
from portal.rules.codes import printed
from portal.rules.inputs import InputKind, PlaceStep
from portal.rules.items import Item
from portal.rules.problems import Problem, sentence
from portal.rules.standards import STANDARDS

#: longest text a field may have; what is longer is cut before it reaches a rule
LONGEST = 400


@dataclass(frozen=True)
class Input:
    """An open row: `fields` fill the input, `options` and `places` are what can be chosen, `errors` are sentences."""

    item: Item
    kind: InputKind
    label: str
    fields: Mapping[str, str]
    version: int
    standard: str
    options: tuple[tuple[str, str], ...] = ()
    places: tuple[PlaceStep, ...] = ()
    errors: tuple[str, ...] = ()
    may_be_same: bool = False
    may_be_empty: bool = False


def language() -> str:
    """The language of the page as rules know it."""
    return "en" if str(get_locale()) == "en" else "zh"


def words_of(item: Item, value: str) -> str:
    """A stored value as the screen says it."""
    lang = language()
    return inputs.shown_date(item, value, lang) or printed(item.code, value, lang)


def is_data(item: Item) -> bool:
    """True when the value is text of the record, which stays Chinese on an English page."""
    return not (item.code_table or item.type in {"date8", "period17"})


def document_words(kinds: tuple[str, ...]) -> str:
    """The documents any one of which will do."""
    return _("或者").join(_(evidence.WORDS[kind]) for kind in kinds)


def said(found: Problem) -> str:
    """A problem in words."""
    return sentence(found, _, language())


def label_of(item: str) -> str:
    """The name of an item inside its group."""
    return check_groups.label(item, language())


def input_of(
    item: Item,
    now: str,
    version: int,
    posted: Mapping[str, str] | None = None,
    errors: tuple[str, ...] = (),
) -> Input:
    """The input of an item, filled with what was posted, else with the stored text `now`."""
    kind = inputs.kind_of(item)
    fields = posted if posted is not None else inputs.fields_of(item, now)
    return Input(
        item=item,
        kind=kind,
        label=label_of(item.code),
        fields=fields,
        version=version,
        standard=_(STANDARDS[item.code]),
        options=_options(item, now) if kind in (InputKind.TICKS, InputKind.LIST) else (),
        places=tuple(inputs.place_steps(fields)) if kind == InputKind.PLACE else (),
        errors=errors,
        may_be_same=item.code in inputs.SAME_AS_PRESENT,
        may_be_empty=item.required != "always",
    )


def _options(item: Item, value: str) -> tuple[tuple[str, str], ...]:
    """What can be chosen, and what is on record even where it is offered no more."""
    found = inputs.options_of(item, language())
    known = {code for code, _label in found}
    return (*found, *([(value, words_of(item, value))] if value and value not in known else []))


def posted_of(form: Mapping[str, str], items: Collection[str]) -> dict[str, dict[str, str]]:
    """The fields of every row that was open: item -> field -> text."""
    found: dict[str, dict[str, str]] = {}
    for name, text in form.items():
        item, dot, part = name.partition(".")
        if dot and item in items:
            found.setdefault(item, {})[part] = text.strip()[:LONGEST]
    return {item: fields for item, fields in found.items() if "version" in fields}


def version_in(fields: Mapping[str, str]) -> int:
    """The version that was on the screen; 0 for what is no number."""
    text = fields.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def summary_of(errors: Mapping[str, tuple[str, ...]]) -> list[tuple[str | None, str]]:
    """What the error summary lists: where it is, and its first sentence."""
    return [
        (f"in-{item}", _("%(name)s：%(text)s", name=label_of(item), text=texts[0])) for item, texts in errors.items()
    ]
