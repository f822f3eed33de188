"""What goes on the sheets of one print run, and what came of printing them."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SheetData:
    """One pupil's leaf. `values` are the texts as printed, by item code; missing items print empty.

    `leaf` is the number of this printed copy (28 bits), `doubts` the items that get a "please check" mark.
    """

    leaf: int
    student_number: str = field(repr=False)
    values: Mapping[str, str] = field(repr=False)
    school_name: str
    school_code: str
    class_label: str
    seat: str
    registration_code: str = field(repr=False)
    doubts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Run:
    """One print run: what every page of it carries. All fields are texts as printed.

    `number` of the run, `printed_at` its time, `printed_by` the account, `round_title` such as "2027 年度学籍核查",
    `base_url` of the portal (https://host), `deadline` such as "6 月 5 日".
    """

    number: str
    printed_at: str
    printed_by: str
    round_title: str
    base_url: str
    school_phone: str
    deadline: str
    watermark: str

    @property
    def scheme(self) -> str:
        """https, or http where a demo runs without a certificate."""
        return "http" if self.base_url.lower().startswith("http://") else "https"

    @property
    def host(self) -> str:
        """The address as parents compare it: without scheme and path."""
        return self.base_url.partition("://")[2].partition("/")[0] or self.base_url


@dataclass(slots=True)
class Findings:
    """What cannot be printed as it is: (student number, item) that had to be cut, and characters that no font has."""

    cut: list[tuple[str, str]] = field(default_factory=list)
    missing_glyphs: list[tuple[str, str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class PrintReport:
    """What was printed: `first_pages` has the number (from 1) of page 1 of each leaf in the file, in their order.

    `stopped` is true when `should_stop` ended the run early: the file then holds the leaves of `first_pages`, whole.
    """

    pages_per_sheet: int
    first_pages: list[int]
    seconds: float
    cut: list[tuple[str, str]]
    missing_glyphs: list[tuple[str, str, str]]
    stopped: bool = False
