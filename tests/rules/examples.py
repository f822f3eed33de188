"""The examples of the domain's rules as data: a mark, what is checked, whether it must be refused.

The clock, divisions, schools and people are those of rules.md: 15 May 2025, made-up divisions 98 and 99.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from portal.rules.checks import Choices, Context, OnFile, check_all, check_item, read_row
from portal.rules.divisions import Divisions
from portal.rules.items import ITEMS, ROSTER_ITEMS
from portal.rules.normalise import normalise
from portal.rules.problems import Problem

P1 = "990101201403120157"
P2 = "990102201509060283"
FATHER = "990101198605210332"
MOTHER = "990102198807140463"
GRANDFATHER = "980101196001052117"

CONTEXT = Context(today=date(2025, 5, 15), school_year=2024, divisions=Divisions.standard(trial=True))
PUPIL = {item: ITEMS[item].example for item in ROSTER_ITEMS} | {"grade": "小学五年级"}
"""A primary pupil (P1) about whom nothing is wrong."""

# A pupil without any document, and one of another document, as changes of PUPIL.
NO_DOCUMENT = {"id_doc_type": "Z", "id_number": "", "student_number": "L990101201403124821"}
PASSPORT = {
    "id_doc_type": "A",
    "id_number": "E00000001",
    "hmt_overseas": "51",
    "nationality": "KOR",
    "student_number": "J990101201403120018",
}
NO_SECOND = {item: "" for item in ROSTER_ITEMS if item.startswith("guardian2_")}
SENIOR = {
    "school_code": "3499000004",
    "school_stage": "3",
    "class_no": "2024301",
    "entry_year_month": "202409",
    "grade": "高中一年级",
    "enrolment_way": "22",
}


@dataclass(frozen=True)
class Example:
    """One example: good when no problem of the mark may come, bad when one of `expected` must."""

    mark: str
    words: str
    check: Callable[[], list[Problem]]
    expected: tuple[str, ...] = ()
    warns: bool = False

    def __str__(self) -> str:
        return f"{self.mark}-{'bad' if self.expected else 'good'}-{self.words}".replace(" ", "_")

    def verify(self) -> None:
        found = self.check()
        if not self.expected:
            assert [p.code for p in found if p.mark == self.mark] == []
            return
        hits = [p for p in found if p.code in self.expected]
        assert hits, [p.code for p in found]
        assert {p.is_error for p in hits} == {not self.warns}


def context(on_file: OnFile | None = None, choices: Choices | None = None, **changes: object) -> Context:
    """The test context with changes."""
    return replace(CONTEXT, on_file=on_file or OnFile(), choices=choices or Choices(), **changes)  # type: ignore[arg-type]


def value(item: str, text: str, where: Context = CONTEXT) -> Callable[[], list[Problem]]:
    """One typed value: normalised, then checked by itself."""
    return lambda: check_item(item, normalise(item, text), where)


def record(where: Context = CONTEXT, /, **changes: str) -> Callable[[], list[Problem]]:
    """The pupil with these items changed, every rule asked."""
    return lambda: check_all(PUPIL | changes, where)


def row(where: Context = CONTEXT, /, **changes: str) -> Callable[[], list[Problem]]:
    """The pupil as a row of a roster file with these cells changed."""
    return lambda: read_row(PUPIL | changes, where)[1]


def good(mark: str, words: str, check: Callable[[], list[Problem]]) -> Example:
    return Example(mark, words, check)


def bad(mark: str, words: str, check: Callable[[], list[Problem]], *expected: str) -> Example:
    return Example(mark, words, check, expected or (mark,))


def warns(mark: str, words: str, check: Callable[[], list[Problem]], *expected: str) -> Example:
    return Example(mark, words, check, expected or (mark,), warns=True)
