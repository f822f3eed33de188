"""The data items of the registry in the order of items.csv, and the lists of items that other rooms work with."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Need = Literal["always", "conditional", "no"]


@dataclass(frozen=True, slots=True)
class Item:
    """One data item (domain.md section 5).

    `code_table` is the name of a table of `codes.table` or empty; `max_len` counts characters, 0 means not text;
    `required_when` says when a conditional item must be filled; `who_may_change` is one of key_change, maintenance,
    registrar, status_business, system, authority, parent.
    """

    code: str
    name_zh: str
    name_en: str
    group: str
    type: str
    code_table: str
    required: Need
    required_when: str
    is_key_data: bool
    who_may_change: str
    max_len: int
    validation: str
    example: str

    def name(self, lang: str = "zh") -> str:
        """The item's name in Chinese ("zh...") or English (anything else)."""
        return self.name_zh if lang.startswith("zh") else self.name_en


@dataclass(frozen=True, slots=True)
class Group:
    """A group of items as the sheet and the screens show it."""

    code: str
    name_zh: str
    name_en: str

    def name(self, lang: str = "zh") -> str:
        return self.name_zh if lang.startswith("zh") else self.name_en


# Tables that are not files: places and countries come from packages (codes/README of the domain).
_PACKAGE_TABLES = {"pycountry alpha_3": "country", "number_prefix": ""}


def _item(row: dict[str, str]) -> Item:
    need, _, when = row["required"].partition(":")
    table = row["code_table"]
    return Item(
        code=row["code"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        group=row["group"],
        type=row["type"],
        code_table="" if table.startswith("package") else _PACKAGE_TABLES.get(table, table),
        required=need,  # type: ignore[arg-type]
        required_when=when.strip(),
        is_key_data=row["key_data"] == "yes",
        who_may_change=row["who_may_change"],
        max_len=int(row["max_len"]),
        validation=row["validation"],
        example=row["example"],
    )


def _read() -> dict[str, Item]:
    with (Path(__file__).parent / "items.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: _item(row) for row in csv.DictReader(file)}


ITEMS: dict[str, Item] = _read()
"""Every item by its code, in file order."""

ROSTER_ITEMS: tuple[str, ...] = tuple(c for c, i in ITEMS.items() if i.group != "sheet" and i.type != "image")
"""Codes of the 77 columns of the registry's template."""

KEY_DATA: tuple[str, ...] = tuple(c for c, i in ITEMS.items() if i.is_key_data)
"""Codes of the five items that change only by a key-data change (R103)."""

PARENT_ITEMS: tuple[str, ...] = tuple(c for c, i in ITEMS.items() if i.who_may_change in {"key_change", "maintenance"})
"""Codes of the 67 items with a change box on page 1: the key data and what maintenance may change."""

GROUPS: dict[str, Group] = {
    group.code: group
    for group in (
        Group("school", "学校", "School"),
        Group("registry", "学籍登记", "Registry"),
        Group("basic identity", "个人基本信息", "Basic identity"),
        Group("auxiliary", "个人辅助信息", "Auxiliary"),
        Group("study", "就学信息", "Study"),
        Group("contact", "联系方式", "Contact"),
        Group("extended", "个人扩展信息", "Extended"),
        Group("commuting", "上下学交通", "Commuting"),
        Group("guardian 1", "家庭成员一", "Guardian 1"),
        Group("guardian 2", "家庭成员二", "Guardian 2"),
        Group("sheet", "确认表", "Sheet"),
    )
}
"""Groups in the order in which items.csv has them."""


def of_group(group: str) -> tuple[Item, ...]:
    """The items of one group in file order."""
    return tuple(item for item in ITEMS.values() if item.group == group)
