"""The two codes that open something: the registration code on page 2 of the sheet (R99), the download code (R97)."""

from dataclasses import dataclass, field

from portal.rules.numbers import Choosing, Mistyped, random_symbols, readable, require, with_check
from portal.rules.problems import problem

REGISTRATION_LENGTH = 16
DOWNLOAD_LENGTH = 9
_SELECTOR = slice(1, 7)
_VERIFIER = slice(7, 15)
# First letter, length, mark of the rule.
_REGISTRATION = ("R", REGISTRATION_LENGTH, "R99")
_DOWNLOAD = ("D", DOWNLOAD_LENGTH, "R97")


@dataclass(frozen=True, slots=True)
class RegistrationCode:
    """A well-formed registration code: the selector finds its row, the verifier is the secret (never in a repr)."""

    selector: str
    verifier: str = field(repr=False)
    text: str = field(repr=False)


def new_registration_code(random: Choosing) -> str:
    """R + 6 selector + 8 verifier symbols + 1 check symbol: 70 random bits (research sec 5.2)."""
    return with_check("R" + random_symbols(random, REGISTRATION_LENGTH - 2))


def new_download_code(random: Choosing) -> str:
    """D + 7 random symbols + 1 check symbol: 35 random bits."""
    return with_check("D" + random_symbols(random, DOWNLOAD_LENGTH - 2))


def parse_registration_code(text: str) -> RegistrationCode:
    """The parts of a typed registration code.

    Raises Mistyped (R99.sign, .kind, .other, .count, .check) for slips; whether such a code exists only the
    database knows, and that answer alone counts as a wrong try.
    """
    code = _parse(text, _REGISTRATION, other=_DOWNLOAD)
    return RegistrationCode(code[_SELECTOR], code[_VERIFIER], code)


def parse_download_code(text: str) -> str:
    """A typed download code in its stored form. Raises Mistyped (R97.sign, .kind, .other, .count, .check)."""
    return _parse(text, _DOWNLOAD, other=_REGISTRATION)


def _parse(text: str, kind: tuple[str, int, str], other: tuple[str, int, str]) -> str:
    letter, length, mark = kind
    code = readable(text, mark)
    if code.startswith(other[0]) and len(code) == other[1]:
        raise Mistyped(problem(f"{mark}.other"))
    if code and code[0] != letter:
        raise Mistyped(problem(f"{mark}.kind"))
    return require(code, length, mark)
