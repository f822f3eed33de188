"""The one door to the checks: one value, one record, one row of a roster file."""

from collections.abc import Callable, Mapping

from portal.rules import checks_contact, checks_identity, checks_personal, checks_study
from portal.rules.checks_family import check_family
from portal.rules.codes import table
from portal.rules.context import Choices, Context, OnFile
from portal.rules.items import ITEMS, ROSTER_ITEMS, Item
from portal.rules.normalise import normalise_row
from portal.rules.problems import Problem, problem

__all__ = ["Choices", "Context", "OnFile", "check_all", "check_item", "check_record", "read_row"]

ItemCheck = Callable[[str, str, Context], list[Problem]]

_BY_CODE: dict[str, ItemCheck] = {
    "name": checks_identity.check_name,
    "former_name": checks_identity.check_name,
    "guardian1_name": checks_identity.check_member_name,
    "guardian2_name": checks_identity.check_member_name,
    "name_pinyin": checks_contact.check_pinyin,
    "local_student_number": checks_study.check_provincial_number,
    "class_seat_number": checks_study.check_seat,
    "grade": checks_study.check_grade,
}
_BY_TYPE: dict[str, ItemCheck] = {
    "school_code10": checks_study.check_school_code,
    "student_number19": checks_identity.check_student_number,
    "id_number": checks_identity.check_number_signs,
    "date8": checks_personal.check_date,
    "period17": checks_personal.check_period,
    "division12": checks_personal.check_division,
    "class_no7": checks_study.check_class_no,
    "yearmonth6": checks_study.check_entry_month,
    "phone": checks_contact.check_phone,
    "postcode": checks_contact.check_postcode,
    "email": checks_contact.check_email,
    "url": checks_contact.check_homepage,
    "decimal": checks_contact.check_distance,
}
_MARK_OF_TABLE = {
    "sex": "R17",
    "ethnic_group": "R18",
    "id_document_type": "R9",
    "country": "R15",
    "attendance_way": "R43",
    "political_status": "R47",
    "household_type": "R50",
    "yes_no": "R52",
    "left_behind": "R54",
    "commuting_mode": "R64",
    "family_relation": "R67",
}
_MARK_OF_EMPTY = {
    "household_type": "R51.type",
    "household_place_code": "R51.place",
    "current_address": "R58",
    "mailing_address": "R58",
    "home_address": "R58",
    "guardian1_phone": "R74",
    "guardian1_current_address": "R74",
}


def check_item(item: str, value: str, context: Context) -> list[Problem]:
    """What is wrong with one stored value by itself; an empty optional value is fine. KeyError for an unknown item."""
    return _CHECKS[item](item, value, context) if value else list(_IF_EMPTY[item])


def check_record(values: Mapping[str, str], context: Context) -> list[Problem]:
    """What is wrong between the items of one pupil; missing items count as empty."""
    return (
        checks_identity.check_identity(values, context)
        + checks_study.check_study(values, context)
        + checks_personal.check_personal(values, context)
        + checks_contact.check_contact(values, context)
        + check_family(values, context)
    )


def check_all(values: Mapping[str, str], context: Context) -> list[Problem]:
    """Every roster item by itself, then all of them together, in the order of the items."""
    found = [p for item in ROSTER_ITEMS for p in check_item(item, values.get(item, ""), context)]
    found += check_record(values, context)
    found.sort(key=_place)
    return found


def read_row(raw: dict[str, str], context: Context) -> tuple[dict[str, str], list[Problem]]:
    """A row of a roster file: its values in stored form and everything to say about them.

    Where bringing a value into form already failed, the checks of that value add nothing.
    """
    values, found = normalise_row(raw, context.school_year)
    failed = {p.item for p in found if p.is_error}
    found += [p for p in check_all(values, context) if p.item not in failed]
    found.sort(key=_place)
    return values, found


def _check_code(table_name: str) -> ItemCheck:
    mark = _MARK_OF_TABLE.get(table_name, "R77")

    def check(item: str, value: str, context: Context) -> list[Problem]:
        choices = table(table_name, context.choices.enabled)
        return [] if value in choices.offered else [problem(mark, item, found=choices.label(value))]

    return check


def _check_of(item: Item) -> ItemCheck:
    if item.code_table:
        return _check_code(item.code_table)
    if item.code.endswith("address"):
        return checks_contact.check_address
    return _BY_CODE.get(item.code) or _BY_TYPE.get(item.type, checks_contact.check_text)


def _empty(item: Item) -> list[Problem]:
    return [problem(_MARK_OF_EMPTY.get(item.code, "R76"), item.code)] if item.required == "always" else []


def _place(found: Problem) -> int:
    return _ORDER.get(found.item or "", len(_ORDER))


_ORDER = {code: place for place, code in enumerate(ITEMS)}
_CHECKS: dict[str, ItemCheck] = {code: _check_of(item) for code, item in ITEMS.items()}
_IF_EMPTY = {code: _empty(item) for code, item in ITEMS.items()}
