"""Numbers that people copy by hand: Crockford base32 with one check symbol of the same alphabet (research sec 5.1).

The check symbol is the sum of a^i * d_i over GF(32) (x^5 + x^2 + 1, i from 1): it finds every single wrong symbol and
every swap of two symbols in texts of up to 31 symbols.
"""

import unicodedata
from typing import Protocol

from portal.rules.problems import Problem, problem

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LEAF_BITS = 28
LEAF_SYMBOLS = 7
RECEIPT_SYMBOLS = 8
WORD_SYMBOLS = 4

_VALUES = {symbol: value for value, symbol in enumerate(ALPHABET)}
_LONGEST_BODY = 30
_LONGEST_INPUT = 200
_POLYNOMIAL = 0b100101
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})
# Letters that one reads as separators: dots of all kinds and the minus sign (dashes go by their category).
_SEPARATORS = frozenset(".·•・。−_")


class Choosing(Protocol):
    """What is needed of `random.Random`; production gives `random.SystemRandom()`."""

    def randrange(self, stop: int, /) -> int: ...


class Mistyped(ValueError):
    """A text that cannot be a code of this kind: a slip of the hand, never counted as a wrong try (sec-C1..C6)."""

    def __init__(self, found: Problem) -> None:
        super().__init__(found.code)
        self.problem = found


def _powers() -> tuple[int, ...]:
    values, value = [], 1
    for _ in range(_LONGEST_BODY + 1):
        values.append(value)
        value <<= 1
        value ^= _POLYNOMIAL if value & 0b100000 else 0
    return tuple(values)


_POWERS = _powers()


def _product(a: int, b: int) -> int:
    result = 0
    while b:
        result ^= a if b & 1 else 0
        a <<= 1
        a ^= _POLYNOMIAL if a & 0b100000 else 0
        b >>= 1
    return result


_PRODUCTS = tuple(tuple(_product(power, digit) for digit in range(32)) for power in _POWERS)


def check_symbol(body: str) -> str:
    """The check symbol of up to 30 symbols. ValueError for more, KeyError for a symbol outside the alphabet."""
    if len(body) > _LONGEST_BODY:
        raise ValueError("too many symbols for one check symbol")
    total = 0
    for place, symbol in enumerate(body, start=1):
        total ^= _PRODUCTS[place][_VALUES[symbol]]
    return ALPHABET[total]


def with_check(body: str) -> str:
    """The body and its check symbol."""
    return body + check_symbol(body)


def is_whole(text: str) -> bool:
    """True when the last symbol is the check symbol of the others."""
    return len(text) > 1 and check_symbol(text[:-1]) == text[-1]


def symbols(number: int, count: int) -> str:
    """A number as `count` symbols, most significant first. ValueError when it needs more."""
    if not 0 <= number < 32**count:
        raise ValueError("number does not fit")
    return "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(count)))


def number_of(text: str) -> int:
    """The number that symbols stand for. KeyError for a symbol outside the alphabet."""
    number = 0
    for symbol in text:
        number = number << 5 | _VALUES[symbol]
    return number


def random_symbols(random: Choosing, count: int) -> str:
    """So many symbols drawn from `random`, five bits each."""
    return "".join(ALPHABET[random.randrange(32)] for _ in range(count))


def normalise_code(text: str) -> str:
    """A code as typed or pasted, in the one form that is compared (sec-C1).

    Full width, lower case, blanks, dashes, dots and invisible characters go; O is 0, I and L are 1. Signs that no code
    has stay, so that `readable` can name them.
    """
    wide = unicodedata.normalize("NFKC", text[:_LONGEST_INPUT]).upper()
    return "".join(sign for sign in wide if not _is_filling(sign)).translate(_MISREAD)


def _is_filling(sign: str) -> bool:
    return sign.isspace() or sign in _SEPARATORS or unicodedata.category(sign) in {"Cf", "Pd"}


def readable(text: str, mark: str) -> str:
    """`text` normalised; raises Mistyped with the problem `mark`.sign for a sign that no code has."""
    code = normalise_code(text)
    strange = next((sign for sign in code if sign not in _VALUES), None)
    if strange:
        raise Mistyped(problem(f"{mark}.sign", found=strange))
    return code


def require(text: str, length: int, mark: str) -> str:
    """`text` normalised when it is a whole code of that length.

    Raises Mistyped with the problem `mark`.sign, .count or .check.
    """
    code = readable(text, mark)
    if len(code) != length:
        raise Mistyped(problem(f"{mark}.count", count=len(code)))
    if not is_whole(code):
        raise Mistyped(problem(f"{mark}.check"))
    return code


def leaf_text(leaf: int) -> str:
    """The printed leaf number: 28 bits as 6 symbols and a check symbol. ValueError outside 28 bits."""
    if not 0 <= leaf < 1 << LEAF_BITS:
        raise ValueError("a leaf number has 28 bits")
    return with_check(symbols(leaf, LEAF_SYMBOLS - 1))


def leaf_of(text: str) -> int:
    """The leaf number behind a typed text. Raises Mistyped (T3)."""
    leaf = number_of(require(text, LEAF_SYMBOLS, "T3")[:-1])
    if leaf >> LEAF_BITS:
        raise Mistyped(problem("T3.check"))
    return leaf


def receipt_word(digest: bytes) -> str:
    """The first four symbols of every receipt of one sheet: 20 bits of a keyed digest of the sheet, which the class
    teacher has on paper. ValueError for fewer than 3 bytes."""
    if len(digest) < 3:
        raise ValueError("the word of a sheet needs 3 bytes")
    return symbols(int.from_bytes(digest[:3], "big") >> 4, WORD_SYMBOLS)


def receipt_text(word: str, digest: bytes) -> str:
    """The receipt for a photo: the word of its sheet, 15 bits of a keyed digest of the photo as 3 symbols, and a check
    symbol. The same word and digest give the same text. ValueError for fewer than 2 bytes."""
    if len(digest) < 2:
        raise ValueError("a receipt needs 2 bytes")
    own = symbols(int.from_bytes(digest[:2], "big") >> 1, RECEIPT_SYMBOLS - WORD_SYMBOLS - 1)
    return with_check(word + own)


def receipt_of(text: str) -> str:
    """A typed receipt in its stored form. Raises Mistyped (T4)."""
    return require(text, RECEIPT_SYMBOLS, "T4")


def grouped(code: str, size: int = 4) -> str:
    """The form for reading and copying: groups of four with dashes (R7K3-M9QX-D2FW-A5TC)."""
    return "-".join(code[start : start + size] for start in range(0, len(code), size))
