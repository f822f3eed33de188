"""The groups in which a family checks the record on the screen: the sections of page 1, in the order of its boxes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from portal.rules.items import ITEMS
from portal.rules.words import N_


@dataclass(frozen=True, slots=True)
class CheckGroup:
    """One screen of the check. `name` is a message id, `items` are codes as they stand on the paper."""

    code: str
    name: str
    items: tuple[str, ...]


def _member(which: int) -> tuple[str, ...]:
    return tuple(f"guardian{which}_{bare}" for bare in _MEMBER.split())


_MEMBER = (
    "name relation is_guardian id_doc_type id_number phone household_place_code current_address ethnic_group"
    " relation_note workplace job_title"
)
_BASIC = (
    "name sex birth_date id_doc_type id_number ethnic_group nationality hmt_overseas political_status health_status"
    " birthplace_code native_place"
)
_AUXILIARY = "household_type blood_type former_name household_place_code id_valid_period name_pinyin talent"
_CONTACT = (
    "enrolment_way attendance_way student_source phone postcode email homepage current_address mailing_address"
    " home_address"
)
_EXTENDED = (
    "only_child preschool_attended left_behind migrant_worker_child orphan martyr_child inclusive_education"
    " disability_type government_bought_place needs_aid boarding_subsidy needs_school_bus commuting_mode"
    " commute_distance_km"
)

GROUPS: tuple[CheckGroup, ...] = (
    CheckGroup("basic", N_("基本信息"), tuple(_BASIC.split())),
    CheckGroup("auxiliary", N_("辅助信息"), tuple(_AUXILIARY.split())),
    CheckGroup("contact", N_("就学与联系"), tuple(_CONTACT.split())),
    CheckGroup("extended", N_("扩展信息"), tuple(_EXTENDED.split())),
    CheckGroup("guardian-1", N_("家庭成员一"), _member(1)),
    CheckGroup("guardian-2", N_("家庭成员二"), _member(2)),
)
"""Every item that a family may correct stands in exactly one of them."""

_BY_CODE = {group.code: group for group in GROUPS}
_OF_ITEM = {item: group for group in GROUPS for item in group.items}
# Names that are shorter on the paper, too: nobody at home asks for a division code.
_SHORT = {
    "birthplace_code": ("出生地", "Birthplace"),
    "household_place_code": ("户口所在地", "Place of household registration"),
    "id_doc_type": ("证件类型", "ID document type"),
    "id_valid_period": ("证件有效期", "Validity of the ID document"),
}
_MEMBERS = ("成员1", "成员2", "guardian 1 ", "guardian 2 ")


def group(code: str) -> CheckGroup | None:
    """The group of this code, or None."""
    return _BY_CODE.get(code)


def group_of(item: str) -> CheckGroup | None:
    """The group in which an item is checked; None for an item that no family corrects."""
    return _OF_ITEM.get(item)


def position(code: str) -> int:
    """The number of a group, from 1. KeyError for an unknown code."""
    return GROUPS.index(_BY_CODE[code]) + 1


def following(code: str) -> CheckGroup | None:
    """The group after this one, or None after the last."""
    return next(iter(GROUPS[position(code) :]), None)


def first_open(confirmed: Iterable[str]) -> CheckGroup | None:
    """The first group that nobody has confirmed yet, or None."""
    done = set(confirmed)
    return next((one for one in GROUPS if one.code not in done), None)


def in_order(one: CheckGroup, doubtful: Iterable[str]) -> tuple[str, ...]:
    """The items of a group, doubtful ones first, each part in the order of the paper."""
    wanted = set(doubtful)
    return tuple(sorted(one.items, key=lambda item: item not in wanted))


def label(item: str, lang: str = "zh") -> str:
    """The name of an item as it stands inside its group: without saying which family member again."""
    bare = item.removeprefix("guardian1_").removeprefix("guardian2_")
    if bare in _SHORT:
        return _SHORT[bare][0 if lang.startswith("zh") else 1]
    words = ITEMS[item].name(lang)
    for prefix in _MEMBERS:
        words = words.removeprefix(prefix)
    return words[:1].upper() + words[1:]
