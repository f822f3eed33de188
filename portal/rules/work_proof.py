"""Work that a browser does before its try is judged: cheap for one family, dear for who guesses all evening (sec 5.4).

The browser looks for a number so that SHA-256 of the ticket and the number begins with so many zero bits. The ticket
has 64 signs, one block of SHA-256, so that a browser computes that block once and only the next one per number.
"""

from __future__ import annotations

import hashlib
from itertools import count

#: signs of a ticket: one block of SHA-256
TICKET_SIGNS = 64
#: digits of an answer
MOST_DIGITS = 12
#: bits asked for first: 262,144 numbers on average, under a second on a phone
FIRST_BITS = 18
#: wrong tries at one address within ten minutes -> bits of an unknown browser's work; each bit is twice the work. One
#: computer that does nothing else stays under three tries a second, and against a common one the work of a telephone
#: is done before its owner has typed the code
_STEPS = ((1740, 24), (1680, 22), (1620, 21), (1500, 20), (300, 19), (60, FIRST_BITS))
#: the same for the last minute: three a second hold in each minute, too
_STEPS_OF_MINUTE = ((172, 24), (165, 22), (150, 20))
#: a ticket with so many bits less counts on for a while, for pages that were opened before
STEP = 2


def bits_for(wrong: int, lately: int = 0) -> int:
    """The bits to ask for after so many wrong tries at one address in ten minutes, and in the last one; 0: none."""
    steps = ((wrong, _STEPS), (lately, _STEPS_OF_MINUTE))
    return max(next((bits for tries, bits in each if seen >= tries), 0) for seen, each in steps)


def fits(ticket: str, answer: str, bits: int) -> bool:
    """True when `answer` (decimal digits) is a solution of this ticket."""
    if not 0 < len(answer) <= MOST_DIGITS or not (answer.isascii() and answer.isdigit()):
        return False
    digest = hashlib.sha256((ticket + answer).encode()).digest()
    return int.from_bytes(digest, "big") >> (256 - bits) == 0


def solve(ticket: str, bits: int) -> str:
    """The first solution, as a browser finds it: 2**bits hashes on average."""
    begun = hashlib.sha256(ticket.encode())
    limit = 1 << (256 - bits)
    for number in count():
        tried = begun.copy()
        tried.update(b"%d" % number)
        if int.from_bytes(tried.digest(), "big") < limit:
            return str(number)
    raise AssertionError("count ends never")
