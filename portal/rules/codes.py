"""Code tables: which codes an item offers, their labels in both languages, and the code that a written text means."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pycountry
from babel import Locale

from portal.rules import divisions
from portal.rules.grades import printed_grade
from portal.rules.items import ITEMS

_FOLDER = Path(__file__).parent / "codes"

# Codes that stay readable but are offered only where the province enables them (codes/README of the domain).
_OPTIONAL_CODES = {"household_type": {"household_type_undivided": ("3",)}}
# Codes of foreign data that no form offers (R17).
_NEVER_OFFERED = {"sex": frozenset("09")}
# The registry says it this way on Chinese forms; babel and pycountry each differ for one of them.
_COUNTRY_OVERRIDES = {"HKG": "中国香港", "MAC": "中国澳门", "TWN": "中国台湾"}
_ENGLISH_OVERRIDES = {"HKG": "Hong Kong, China", "MAC": "Macao, China", "TWN": "Taiwan, China"}
# Spellings of older files besides the labels: the seeds ask this item as yes or no.
_ALSO_MEANS = {"left_behind": {"否": "0"}}
_BRACKETS = str.maketrans("（）", "()")


@dataclass(frozen=True, slots=True)
class CodeTable:
    """`codes`: what is offered, in file order. Labels exist for every known code, offered or not."""

    name: str
    codes: tuple[str, ...]
    labels_zh: dict[str, str]
    labels_en: dict[str, str]
    meanings: dict[str, str]
    offered: frozenset[str]

    def label(self, code: str, lang: str = "zh") -> str:
        """The label of a code in Chinese ("zh...") or English; an unknown code is its own label."""
        return (self.labels_zh if lang.startswith("zh") else self.labels_en).get(code, code)

    def code_of(self, text: str) -> str | None:
        """The offered code that `text` is or names: a code, a Chinese label, a label without its bracket (R77)."""
        return self.meanings.get(text.strip().translate(_BRACKETS))


def table(name: str, enabled: frozenset[str] = frozenset()) -> CodeTable:
    """The code table `name`; KeyError when there is none.

    `enabled` names the extensions that the province offers: files `*_ext` and household_type_undivided.
    """
    return _table(name, enabled)


def every_extension() -> frozenset[str]:
    """The names of all extensions that `table` knows; for reading files, where a later check refuses what is off."""
    files = {path.stem for path in _FOLDER.glob("*_ext.csv")}
    return frozenset(files.union(*_OPTIONAL_CODES.values()))


def printed(item: str, value: str, lang: str = "zh") -> str:
    """The words that paper and screen show for a stored value: label, name of the place, or the text itself."""
    table_name = _table_of(item)
    if table_name:
        return table(table_name).label(value, lang)
    if ITEMS[item].type == "division12" and value:
        return divisions.current().name(value[:6]) or value
    return printed_grade(value, lang) if item == "grade" else value


@cache
def _table_of(item: str) -> str:
    return ITEMS[item].code_table


@cache
def _table(name: str, enabled: frozenset[str]) -> CodeTable:
    zh, en = _countries() if name == "country" else _rows(name)
    offered = [code for code in zh if code not in _NEVER_OFFERED.get(name, ())]
    for key, codes in _OPTIONAL_CODES.get(name, {}).items():
        offered = [code for code in offered if key in enabled or code not in codes]
    if (_FOLDER / f"{name}_ext.csv").exists():
        more_zh, more_en = _rows(f"{name}_ext")
        zh, en = zh | more_zh, en | more_en
        offered += more_zh if f"{name}_ext" in enabled else []
    return CodeTable(name, tuple(offered), zh, en, _meanings(name, offered, zh), frozenset(offered))


def _meanings(name: str, offered: list[str], labels: dict[str, str]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for code in offered:
        label = labels[code].translate(_BRACKETS)
        texts.setdefault(label.partition("(")[0], code)
        texts[label] = code
    return texts | _ALSO_MEANS.get(name, {}) | {code: code for code in offered}


def _rows(name: str) -> tuple[dict[str, str], dict[str, str]]:
    path = _FOLDER / f"{name}.csv"
    if not path.exists():
        raise KeyError(name)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {row["code"]: row["name_zh"] for row in rows}, {row["code"]: row["name_en"] for row in rows}


def _countries() -> tuple[dict[str, str], dict[str, str]]:
    """Alpha-3 codes (GB/T 2659 = ISO 3166-1) with China first, then in order of the code."""
    chinese = Locale("zh", "Hans").territories
    found = sorted(pycountry.countries, key=lambda c: (c.alpha_3 != "CHN", c.alpha_3))
    zh = {c.alpha_3: str(chinese.get(c.alpha_2, c.name)) for c in found}
    en = {c.alpha_3: getattr(c, "common_name", c.name) for c in found}
    return zh | _COUNTRY_OVERRIDES, en | _ENGLISH_OVERRIDES
