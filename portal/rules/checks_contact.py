"""How to reach the pupil and how the pupil comes to school (R58-R64), and what holds for every text."""

import re
from collections.abc import Mapping

from portal.rules.context import Context
from portal.rules.items import ITEMS
from portal.rules.problems import Problem, problem

PRINTED_ADDRESS = 26
LONGEST_ADDRESS = 180
FARTHEST_KM = 200
SCHOOL_BUS = "5"

_MOBILE = re.compile(r"1[3-9][0-9]{9}", re.ASCII)
_LANDLINE = re.compile(r"0[0-9]{2,3}-[0-9]{7,8}", re.ASCII)
_DIGITS = re.compile(r"[0-9]+", re.ASCII)
_LOCAL = re.compile(r"[2-9][0-9]{6,7}|0{7,8}", re.ASCII)
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}", re.ASCII)
_URL = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:[/?#]\S*)?", re.ASCII)
_DISTANCE = re.compile(r"-?[0-9]{1,6}(?:\.[0-9])?", re.ASCII)
_PINYIN = re.compile(r"[A-Za-z\u00c0-\u024f\u0300-\u036f'’ -]+")
_NOT_PINYIN = re.compile(r"[^A-Za-z\u00c0-\u024f\u0300-\u036f'’ -]+")
# Control and format characters: they cannot be seen, break exports and hide text (sec-X21, X24).
_INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e007f]"
)
_LINE_BREAK = re.compile("[\r\n\v\f\x85\u2028\u2029]")


def check_text(item: str, value: str, context: Context) -> list[Problem]:
    """Own rules for every text: no invisible characters (T2), not longer than the registry keeps (T1)."""
    if _INVISIBLE.search(value):
        return [problem("T2", item)]
    limit = ITEMS[item].max_len
    return [problem("T1", item, limit=limit, count=len(value))] if 0 < limit < len(value) else []


def check_address(item: str, value: str, context: Context) -> list[Problem]:
    """R59: one line, at most 180 characters, above 26 a warning."""
    if _LINE_BREAK.search(value):
        return [problem("R59.line", item)]
    if len(value) > LONGEST_ADDRESS:
        return [problem("R59.long", item, count=len(value))]
    if _INVISIBLE.search(value):
        return [problem("T2", item)]
    return [problem("R59", item, count=len(value))] if len(value) > PRINTED_ADDRESS else []


def is_mobile(value: str) -> bool:
    """True for a mainland mobile number in its normal form."""
    return _MOBILE.fullmatch(value) is not None


def check_phone(item: str, value: str, context: Context) -> list[Problem]:
    """R60: a mobile number or a landline with its area code."""
    if _MOBILE.fullmatch(value) or _LANDLINE.fullmatch(value):
        return []
    if _LOCAL.fullmatch(value):
        return [problem("R60.area", item, found=value)]
    if value.startswith("1") and len(value) != 11 and len(value) > 5 and _DIGITS.fullmatch(value):
        return [problem("R60.mobile", item, count=len(value))]
    return [problem("R60", item, found=value)]


def check_postcode(item: str, value: str, context: Context) -> list[Problem]:
    """R61: six digits."""
    if not _DIGITS.fullmatch(value):
        return [problem("R61.sign", item, found=value)]
    if len(value) == 6:
        return []
    return [problem("R61" if len(value) < 6 else "R61.long", item, count=len(value))]


def check_email(item: str, value: str, context: Context) -> list[Problem]:
    """R62: address syntax."""
    if not _EMAIL.fullmatch(value):
        return [problem("R62", item, found=value)]
    return check_text(item, value, context)


def check_homepage(item: str, value: str, context: Context) -> list[Problem]:
    """R62: http or https."""
    if not _URL.fullmatch(value):
        return [problem("R62.web", item, found=value)]
    return check_text(item, value, context)


def check_distance(item: str, value: str, context: Context) -> list[Problem]:
    """R63: 0 to 200 km, at most one decimal."""
    if not _DISTANCE.fullmatch(value):
        return [problem("R63", item, found=value)]
    return [] if 0 <= float(value) <= FARTHEST_KM else [problem("R63.range", item, found=value)]


def check_pinyin(item: str, value: str, context: Context) -> list[Problem]:
    """Letters, tone marks and blanks (T5, own)."""
    strange = _NOT_PINYIN.search(value)
    return [problem("T5", item, found=strange[0])] if strange else check_text(item, value, context)


def check_contact(values: Mapping[str, str], context: Context) -> list[Problem]:
    """R64: who takes the school bus needs it."""
    if values.get("commuting_mode") == SCHOOL_BUS and values.get("needs_school_bus") == "0":
        return [problem("R64.bus", "needs_school_bus")]
    return []
