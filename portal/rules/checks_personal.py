"""What the pupil is and needs: dates, places, attributes, health, support (R26, R29-R33, R47-R57)."""

from collections.abc import Callable, Mapping
from datetime import date

from portal.rules.context import Context
from portal.rules.dates import age_on, is_date_shape, period, real_date
from portal.rules.problems import Problem, problem

ORDINARY_CITIZEN = "13"
YOUTH_LEAGUE = "03"
DISABLED = "50"
NO_DISABILITY = "0"
YES = "1"

_PARTY_FROM = {YOUTH_LEAGUE: 14, "01": 18, "02": 18}
# Way of inclusive education -> kinds of disability it is for; "0" goes with all (special schools).
_INCLUSION = {"1": {"1"}, "2": {"2"}, "3": {"5"}, "9": {"3", "4", "6", "7", "9"}}
_CERTIFIED = ("orphan", "martyr_child")
_AID = ("needs_aid", "boarding_subsidy")


def check_date(item: str, value: str, context: Context) -> list[Problem]:
    """R26: YYYYMMDD, a real day, not after today."""
    day = real_date(value)
    if day is None:
        return [problem("R26.real" if is_date_shape(value) else "R26", item, found=value)]
    return [problem("R26.future", item, found=value)] if day > context.today else []


def check_period(item: str, value: str, context: Context) -> list[Problem]:
    """R29: two real days, the first before the last."""
    days = period(value)
    if days is None:
        return [problem("R29", item, found=value)]
    return [] if days[0] < days[1] else [problem("R29.order", item, found=value)]


def check_division(item: str, value: str, context: Context) -> list[Problem]:
    """R30-R33: 12 digits, zeros at the end, a known county; an abolished one warns for a household."""
    if len(value) != 12 or not (value.isascii() and value.isdigit()):
        return [problem("R30", item, found=value)]
    code = value[:6]
    if not value.endswith("000000"):
        return [problem("R31", item, found=value)]
    if not context.divisions.exists(code):
        return [problem("R32", item, found=code)]
    if not context.divisions.is_precise(code):
        return [problem(f"R33.{context.divisions.level(code)}", item, place=value)]
    if item != "birthplace_code" and not context.divisions.is_current(code):
        return [problem("R32.old", item, place=value)]
    return []


def check_personal(values: Mapping[str, str], context: Context) -> list[Problem]:
    """The rules that tie the attributes together (R47-R49, R53-R57)."""
    return [found for check in _CHECKS for found in check(values, context)]


def _political(values: Mapping[str, str], context: Context) -> list[Problem]:
    status = values.get("political_status", "")
    if status in {"", ORDINARY_CITIZEN}:
        return []
    if values.get("school_stage") == "1":
        return [problem("R47.primary", "political_status", political_status=status)]
    age = _age(values.get("birth_date", ""), context.today)
    if age is None or age >= _PARTY_FROM.get(status, 0):
        return []
    return [problem("R47.age", "political_status", political_status=status, age=age)]


def _age(birth_date: str, today: date) -> int | None:
    born = real_date(birth_date)
    return age_on(born, today) if born else None


def _health(values: Mapping[str, str], context: Context) -> list[Problem]:
    if values.get("health_status") != DISABLED:
        return []
    found = []
    if values.get("disability_type", "") in {"", NO_DISABILITY}:
        found.append(problem("R48.type", "disability_type"))
    if context.on_file.lacks("DISABILITY_CERT"):
        found.append(problem("R48.certificate", "health_status"))
    return found


def _inclusion(values: Mapping[str, str], context: Context) -> list[Problem]:
    way, kind = values.get("inclusive_education", ""), values.get("disability_type", "") or NO_DISABILITY
    if kind in _INCLUSION.get(way, {kind}):
        return []
    return [problem("R49", "inclusive_education", disability_type=kind, inclusive_education=way)]


def _certified(values: Mapping[str, str], context: Context) -> list[Problem]:
    if not context.on_file.lacks("AUTHORITY_CERT"):
        return []
    return [problem("R53", item) for item in _CERTIFIED if values.get(item) == YES]


def _migration(values: Mapping[str, str], context: Context) -> list[Problem]:
    if values.get("migrant_worker_child") != YES:
        return []
    found = []
    if values.get("left_behind", "") in {"1", "2"}:
        found.append(problem("R54.both", "left_behind"))
    household = values.get("household_place_code", "")
    if not household:
        found.append(problem("R55.place", "migrant_worker_child"))
    elif context.school_division and household[:6] == context.school_division:
        found.append(problem("R55", "migrant_worker_child"))
    return found


def _aid(values: Mapping[str, str], context: Context) -> list[Problem]:
    if not context.on_file.first_collection:
        return []
    return [problem("R56", item) for item in _AID if values.get(item) == YES]


def _only_child(values: Mapping[str, str], context: Context) -> list[Problem]:
    demanded = context.choices.only_child_certificate and context.on_file.lacks("ONLY_CHILD_CERT")
    return [problem("R57", "only_child")] if demanded and values.get("only_child") == YES else []


_CHECKS: tuple[Callable[[Mapping[str, str], Context], list[Problem]], ...] = (
    _political,
    _health,
    _inclusion,
    _certified,
    _migration,
    _aid,
    _only_child,
)
