"""Who is verified in a round: on roll, with no business in progress on the cut-off day (R106, R107, F1-F5)."""

from datetime import date

from portal.rules.problems import Problem, problem

ON_ROLL = "01"
#: archived, shown as cancelled: the record was taken out for good
CLOSED = "ARC"


def cutoff_of(school_year: int) -> date:
    """The usual cut-off of a round: 31 March of the second half of the school year (F2)."""
    return date(school_year + 1, 3, 31)


def why_excluded(
    status: str, business_in_progress: bool, cutoff: date, business_finished: date | None = None
) -> list[Problem]:
    """Every reason that keeps a pupil out of the round; nothing when the pupil is in scope.

    `status` is a code of student_status, `business_finished` the day on which the last status change was finished.
    Open problem records keep nobody out (F1).
    """
    found = [] if status == ON_ROLL else [problem("R106.status", student_status=status)]
    if business_in_progress:
        found.append(problem("R106.business"))
    if business_finished and business_finished > cutoff:
        found.append(problem("R107", cutoff=cutoff.isoformat()))
    return found
