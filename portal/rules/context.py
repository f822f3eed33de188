"""What a check must know besides the values: the day, the school, what the province chose, what is on file."""

from dataclasses import dataclass, field
from datetime import date

from portal.rules.dates import school_year_of
from portal.rules.divisions import Divisions, current


@dataclass(frozen=True, slots=True)
class Choices:
    """What a province settles for its schools.

    `enabled` names code extensions (ethnic_group_ext, attendance_way_ext, household_type_undivided);
    `provincial_number` demands the provincial number in the senior stage (R45); `only_child_certificate` demands the
    certificate for a declared only child (R57).
    """

    enabled: frozenset[str] = frozenset()
    provincial_number: bool = False
    only_child_certificate: bool = False


@dataclass(frozen=True, slots=True)
class OnFile:
    """What is on file about one pupil beside the items.

    `certificates` holds codes of evidence_type; None means that nobody has asked yet (a first roster import), then
    rules that demand a certificate stay silent (R11, R48, R53, R57).
    """

    certificates: frozenset[str] | None = None
    id_number_changed: bool = False
    repeated_or_skipped: bool = False
    transferred_in: bool = False
    first_collection: bool = False
    second_guardian_waived: bool = False

    def lacks(self, certificate: str) -> bool:
        """True when it is known that the certificate is not there."""
        return self.certificates is not None and certificate not in self.certificates


@dataclass(frozen=True, slots=True)
class Context:
    """Everything a check needs besides the values.

    `school_year` is the year in which the school year began; `school_stages` and `own_school_code` are empty when
    unknown, then R39 and R35 stay silent; `school_division` is the six-digit code of the school's county.
    """

    today: date
    school_year: int
    divisions: Divisions = field(default_factory=current)
    own_school_code: str = ""
    school_division: str = ""
    school_stages: frozenset[str] = frozenset()
    choices: Choices = Choices()
    on_file: OnFile = OnFile()

    @classmethod
    def on(cls, today: date) -> "Context":
        """A context of that day without a school, with the divisions in use."""
        return cls(today=today, school_year=school_year_of(today))
