"""What a check reports: a code with values, turned into words only when somebody reads it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, cast

from portal.rules.codes import printed
from portal.rules.items import ITEMS
from portal.rules.problem_words import ERROR, PROBLEMS

Severity = Literal["error", "warning"]

# Placeholders that are shown like an item of another name.
_SHOWN_AS = {"relation": "guardian1_relation", "place": "birthplace_code"}
_LONGEST_VALUE = 24


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong (error: refused) or unusual (warning: saved, but somebody should look).

    `code` is the rule mark plus an optional suffix ("R2", "R33.province"), `item` the code of the item it belongs to
    or None, `values` what the words need: plain strings, codes not yet turned into labels.
    """

    code: str
    item: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    severity: Severity = ERROR  # type: ignore[assignment]

    @property
    def mark(self) -> str:
        """The rule mark without suffix, as rules.md has it."""
        return self.code.partition(".")[0]

    @property
    def is_error(self) -> bool:
        return self.severity == ERROR


def problem(code: str, item: str | None = None, /, **values: object) -> Problem:
    """A Problem with the severity of its code; long values are cut. KeyError for an unknown code."""
    severity = cast(Severity, PROBLEMS[code][0])
    return Problem(code, item, {key: _short(str(value)) for key, value in values.items()}, severity)


def message_of(problem: Problem, lang: str = "zh") -> tuple[str, dict[str, str]]:
    """(message id, values): translate the id, then fill it with `%`. Item names and code labels come in `lang`."""
    values = {key: _shown(key, value, lang) for key, value in problem.values.items()}
    if problem.item:
        values["item"] = ITEMS[problem.item].name(lang)
    return PROBLEMS[problem.code][1], values


def sentence(problem: Problem, translate: Callable[[str], str], lang: str = "zh") -> str:
    """The whole message; `translate` is the gettext function of the reader's language."""
    text, values = message_of(problem, lang)
    words = translate(text) % values
    return words[:1].upper() + words[1:]


def has_errors(problems: list[Problem]) -> bool:
    """True when at least one of them refuses the value; warnings never do."""
    return any(p.is_error for p in problems)


def _short(value: str) -> str:
    return value if len(value) <= _LONGEST_VALUE else value[:_LONGEST_VALUE] + "…"


def _shown(key: str, value: str, lang: str) -> str:
    item = _SHOWN_AS.get(key, key)
    return printed(item, value, lang) if item in ITEMS else value
