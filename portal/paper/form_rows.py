"""What stands on page 1: sections, rows and cells in print order, with the short labels parents read."""

from dataclasses import dataclass
from typing import Literal

from portal.rules.items import ITEMS, KEY_DATA

RowKind = Literal["three", "two", "document", "address"]

SAME_AS_PRESENT = {"mailing_address", "home_address", "guardian1_current_address", "guardian2_current_address"}
"""Addresses that offer the box "same as the present address"."""

# Labels that differ from the item's name; a line break where two lines are set.
_SHORT = {
    "hmt_overseas": "港澳台侨外",
    "nationality": "国籍/地区",
    "birthplace_code": "出生地",
    "household_place_code": "户口所在地",
    "id_valid_period": "证件有效期",
    "id_doc_type": "证件类型",
    "id_number": "身份证件号",
    "preschool_attended": "是否受过\n学前教育",
    "migrant_worker_child": "是否进城务工\n人员随迁子女",
    "martyr_child": "是否烈士或\n优抚子女",
    "government_bought_place": "是否由政府\n购买学位",
    "needs_aid": "是否需要\n申请资助",
    "needs_school_bus": "是否需要\n乘坐校车",
    "commuting_mode": "上下学\n交通方式",
    "commute_distance_km": "上下学距离\n（公里）",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One item on the form: its running number, label and whether it is answered by ticking yes or no."""

    item: str
    number: int
    label: str
    is_key_data: bool
    is_yes_no: bool
    same_as_present: bool

    @property
    def same_words(self) -> str:
        """The words beside the tick of an address."""
        return "同孩子现住址" if self.item.startswith("guardian") else "同现住址"


@dataclass(frozen=True, slots=True)
class Row:
    kind: RowKind
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A group of rows with its name, which is set upright at the left."""

    name: str
    rows: tuple[Row, ...]


_GUARDIAN: tuple[tuple[RowKind, str], ...] = (
    ("three", "name relation is_guardian"),
    ("document", "id_doc_type id_number"),
    ("two", "phone household_place_code"),
    ("address", "current_address"),
    ("two", "ethnic_group relation_note"),
    ("two", "workplace job_title"),
)

_PLAN: tuple[tuple[str, str, tuple[tuple[RowKind, str], ...]], ...] = (
    (
        "基本信息",
        "",
        (
            ("three", "name sex birth_date"),
            ("document", "id_doc_type id_number"),
            ("three", "ethnic_group nationality hmt_overseas"),
            ("two", "political_status health_status"),
            ("two", "birthplace_code native_place"),
        ),
    ),
    (
        "辅助信息",
        "",
        (
            ("three", "household_type blood_type former_name"),
            ("two", "household_place_code id_valid_period"),
            ("two", "name_pinyin talent"),
        ),
    ),
    (
        "就学与联系",
        "",
        (
            ("three", "enrolment_way attendance_way student_source"),
            ("two", "phone postcode"),
            ("two", "email homepage"),
            ("address", "current_address"),
            ("address", "mailing_address"),
            ("address", "home_address"),
        ),
    ),
    (
        "扩展信息",
        "",
        (
            ("three", "only_child preschool_attended left_behind"),
            ("three", "migrant_worker_child orphan martyr_child"),
            ("three", "inclusive_education disability_type government_bought_place"),
            ("three", "needs_aid boarding_subsidy needs_school_bus"),
            ("two", "commuting_mode commute_distance_km"),
        ),
    ),
    ("家庭成员一", "guardian1_", _GUARDIAN),
    ("家庭成员二", "guardian2_", _GUARDIAN),
)


def _label(code: str) -> str:
    bare = code.removeprefix("guardian1_").removeprefix("guardian2_")
    name = ITEMS[code].name_zh.removeprefix("成员1").removeprefix("成员2")
    return _SHORT.get(bare, name)


def _sections() -> tuple[Section, ...]:
    number = 0
    sections = []
    for name, prefix, plan in _PLAN:
        rows = []
        for kind, codes in plan:
            cells = []
            for code in (prefix + bare for bare in codes.split()):
                number += 1
                item = ITEMS[code]
                cells.append(
                    Cell(
                        item=code,
                        number=number,
                        label=_label(code),
                        is_key_data=code in KEY_DATA,
                        is_yes_no=item.type == "yes_no",
                        same_as_present=code in SAME_AS_PRESENT,
                    )
                )
            rows.append(Row(kind, tuple(cells)))
        sections.append(Section(name, tuple(rows)))
    return tuple(sections)


def numbers() -> dict[str, int]:
    """The running number of every item on the form."""
    return {cell.item: cell.number for section in SECTIONS for row in section.rows for cell in row.cells}


SECTIONS: tuple[Section, ...] = _sections()
"""The form from top to bottom."""
