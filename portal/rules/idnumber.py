"""Resident ID numbers (GB 11643): shape, birth date, division, check digit; what they say about their holder."""

import re
from datetime import date

from stdnum.iso7064 import mod_11_2

from portal.rules.context import Context
from portal.rules.dates import real_date
from portal.rules.problems import Problem, problem

LENGTH = 18
_OLD_LENGTH = 15
_SHAPE = re.compile(r"[0-9]{17}[0-9X]", re.ASCII)
_OLD_SHAPE = re.compile(r"[0-9]{15}", re.ASCII)
_STRANGE = re.compile(r"[^0-9](?!$)|[^0-9X]$")


def has_id_shape(number: str) -> bool:
    """17 ASCII digits and a digit or capital X (R1)."""
    return _SHAPE.fullmatch(number) is not None


def check_digit_fits(number: str) -> bool:
    """ISO 7064 MOD 11-2 over a number of digits with a last digit or X (R2)."""
    return mod_11_2.checksum(number) == 1


def check_digit(digits: str) -> str:
    """The check digit to append to these digits: 0 to 9 or X."""
    return mod_11_2.calc_check_digit(digits)


def birth_date_in(number: str) -> date | None:
    """The birth date in an 18-digit number, None when there is no such day."""
    return real_date(number[6:14])


def sex_in(number: str) -> str:
    """Code of sex that digit 17 says: odd 1, even 2 (R7)."""
    return "1" if int(number[16]) % 2 else "2"


def is_valid_id(number: str) -> bool:
    """Shape, real birth date and check digit; the division is not looked at."""
    return has_id_shape(number) and birth_date_in(number) is not None and check_digit_fits(number)


def check_resident_id(item: str, number: str, context: Context) -> list[Problem]:
    """The first thing wrong with a resident ID number: R8, R1, R5, R4, R2; nothing when it is sound."""
    if not has_id_shape(number):
        return [_shape_problem(item, number)]
    born = birth_date_in(number)
    if born is None:
        return [problem("R5", item, found=number[6:14])]
    if born > context.today:
        return [problem("R5.future", item, found=number[6:14])]
    if not context.divisions.exists(number[:6]):
        return [problem("R4", item, found=number[:6])]
    return [] if check_digit_fits(number) else [problem("R2", item)]


def _shape_problem(item: str, number: str) -> Problem:
    if _OLD_SHAPE.fullmatch(number):
        return problem("R8", item)
    if len(number) != LENGTH:
        return problem("R1", item, count=len(number))
    strange = _STRANGE.search(number)
    return problem("R1.sign", item, found=strange[0] if strange else number)
