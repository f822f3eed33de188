"""The two family members: who they are, that they can be reached, that they can be guardians (R65-R74)."""

from collections.abc import Mapping

from portal.rules.checks_identity import NO_DOCUMENT, RESIDENT_ID, check_document
from portal.rules.context import Context
from portal.rules.dates import age_on, real_date
from portal.rules.idnumber import birth_date_in, is_valid_id
from portal.rules.items import of_group
from portal.rules.problems import Problem, problem

PARENTS = frozenset({"51", "52", "57", "58", "59"})
OF_AGE = 18
LEAST_YEARS_OLDER = 14

_FIRST, _SECOND = "guardian1_", "guardian2_"
_NEEDS_NOTE = {"97", "99"}
_SECOND_ITEMS = tuple(item.code for item in of_group("guardian 2"))
_SECOND_NOTE = _SECOND + "relation_note"
_NEEDED_OF_SECOND = tuple(_SECOND + name for name in ("name", "relation", "is_guardian"))
_REACHED_BY = tuple(_SECOND + name for name in ("phone", "current_address"))

Values = Mapping[str, str]


def check_family(values: Values, context: Context) -> list[Problem]:
    """All rules about the family members of one pupil."""
    found = check_member(_FIRST, values, context)
    if not (values.get("guardian1_name") or values.get("guardian1_relation")):
        found.append(problem("R65", "guardian1_name"))
    if is_second_filled(values):
        found += check_member(_SECOND, values, context) + _second_complete(values)
    elif not (context.on_file.second_guardian_waived or values.get(_SECOND_NOTE, "").strip()):
        found.append(problem("R65.second", "guardian2_name"))
    if "1" not in (values.get("guardian1_is_guardian"), values.get("guardian2_is_guardian")):
        found.append(problem("R66", "guardian1_is_guardian"))
    return found + _same_person(values)


def is_second_filled(values: Values) -> bool:
    """True when anything of member 2 is filled beside the note, which alone gives the reason why there is none."""
    return any(values.get(item) for item in _SECOND_ITEMS if item != _SECOND_NOTE)


def check_member(prefix: str, values: Values, context: Context) -> list[Problem]:
    """The rules for one member; `prefix` is "guardian1_" or "guardian2_" (R68-R70, R72, R73)."""
    return (
        check_document(prefix, values, context)
        + _document(prefix, values)
        + _relation(prefix, values)
        + _ages(prefix, values, context)
    )


def _document(prefix: str, values: Values) -> list[Problem]:
    """R69, and the household division that holders of a resident ID have."""
    number, kind = values.get(prefix + "id_number", ""), values.get(prefix + "id_doc_type", "")
    found = []
    if number and not kind:
        found.append(problem("R76", prefix + "id_doc_type"))
    if not number and kind not in {"", NO_DOCUMENT}:
        found.append(problem("R69", prefix + "id_number"))
    if kind == RESIDENT_ID and number and not values.get(prefix + "household_place_code"):
        found.append(problem("R76", prefix + "household_place_code"))
    return found


def _relation(prefix: str, values: Values) -> list[Problem]:
    relation, note = values.get(prefix + "relation", ""), values.get(prefix + "relation_note", "")
    if not relation or relation in PARENTS or note.strip():
        return []
    item = prefix + "relation_note"
    return [problem("R68", item, relation=relation) if relation in _NEEDS_NOTE else problem("R72", item)]


def _ages(prefix: str, values: Values, context: Context) -> list[Problem]:
    number = values.get(prefix + "id_number", "")
    if values.get(prefix + "id_doc_type") != RESIDENT_ID or not is_valid_id(number):
        return []
    born = birth_date_in(number)
    assert born is not None
    found = []
    age = age_on(born, context.today)
    if values.get(prefix + "is_guardian") == "1" and age < OF_AGE:
        found.append(problem("R73", prefix + "id_number", age=age))
    child = real_date(values.get("birth_date", ""))
    if child and values.get(prefix + "relation") in PARENTS and (older := age_on(born, child)) < LEAST_YEARS_OLDER:
        found.append(problem("R73.parent", prefix + "id_number", age=older))
    return found


def _second_complete(values: Values) -> list[Problem]:
    """Member 2 is either left out with a reason or filled like member 1 (R65, R74, R76)."""
    missing = [problem("R76", item) for item in _NEEDED_OF_SECOND if not values.get(item)]
    return missing + [problem("R74", item) for item in _REACHED_BY if not values.get(item)]


def _same_person(values: Values) -> list[Problem]:
    first, second = values.get("guardian1_id_number", ""), values.get("guardian2_id_number", "")
    if first and second:
        return [problem("R71", "guardian2_id_number")] if first == second else []
    pairs = [(values.get(_FIRST + name, ""), values.get(_SECOND + name, "")) for name in ("name", "relation")]
    same = all(one and one == other for one, other in pairs)
    return [problem("R71.person", "guardian2_name")] if same else []
