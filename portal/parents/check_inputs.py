"""What the check page shows and gets back: rows in words, open rows with their inputs, answers out of a posted form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from portal.rules import check_groups, inputs
from portal.rules.items import ITEMS, Item
from portal.services.family_changes import Answer
from portal.services.family_check import Row, Screen
from portal.web.item_inputs import (
    document_words,
    input_of,
    is_data,
    label_of,
    language,
    said,
    summary_of,
    version_in,
    words_of,
)


@dataclass(frozen=True)
class Shown:
    """A row in words. `data`: the value is text of the record, which stays Chinese on an English page."""

    row: Row
    label: str
    value: str
    old: str
    data: bool
    doubts: tuple[str, ...]
    documents: str


def place_on_paper(item: Item) -> str:
    """The name of an item among all of the paper: which family member, and what."""
    one = check_groups.group_of(item.code)
    label = check_groups.label(item.code, language())
    return f"{_(one.name)} {label}" if one is not None and item.code.startswith("guardian") else label


def shown(row: Row) -> Shown:
    """One row in words; a doubt of something just typed is told as well."""
    return Shown(
        row=row,
        label=label_of(row.item.code),
        value=words_of(row.item, row.now),
        old=words_of(row.item, row.stored),
        data=is_data(row.item),
        doubts=tuple(said(found) for found in row.doubts),
        documents=document_words(row.documents),
    )


def answers_of(posted: Mapping[str, Mapping[str, str]], present_address: str) -> dict[str, Answer]:
    """What was posted as answers for the service; a row whose fields were not touched at all counts as its value."""
    answers = {}
    for item, fields in posted.items():
        address = posted.get("current_address", {}).get("value", present_address)
        answers[item] = Answer(inputs.raw_of(ITEMS[item], fields, address), version_in(fields))
    return answers


def present_address(screen: Screen) -> str:
    """The present address as the family says it, for addresses that are the same."""
    return next((row.now for row in screen.rows if row.item.code == "current_address"), "")


def page_data(
    screen: Screen,
    posted: Mapping[str, Mapping[str, str]],
    open_item: str | None = None,
    errors: Mapping[str, tuple[str, ...]] | None = None,
    focus: str | None = None,
) -> dict[str, Any]:
    """What the templates of a group are given. `posted` rows stay open as they were typed."""
    errors = errors or {}
    rows = {row.item.code: row for row in screen.rows}
    wanted = {**posted, **({open_item: None} if open_item in rows and open_item not in posted else {})}
    opened = {
        code: input_of(rows[code].item, rows[code].now, rows[code].version, fields, errors.get(code, ()))
        for code, fields in wanted.items()
    }
    return {
        "screen": screen,
        "rows": [shown(row) for row in screen.rows],
        "inputs": {} if screen.closed else opened,
        "focus": focus or open_item,
        "summary": _unsaved(posted) if screen.closed else summary_of(errors),
    }


def _unsaved(posted: Mapping[str, Mapping[str, str]]) -> list[tuple[str | None, str]]:
    """What was typed and came too late, so that it can be written on the paper."""
    typed = {
        item: " ".join(text for name, text in fields.items() if name != "version") for item, fields in posted.items()
    }
    return [(None, _("%(name)s没有存：%(text)s", name=label_of(item), text=text)) for item, text in typed.items()]
