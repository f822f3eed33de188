"""Work of unknown browsers, and what counts as one address."""

from __future__ import annotations

import hashlib

import pytest

from portal.rules import work_proof
from portal.rules.networks import household

TICKET = "t" * work_proof.TICKET_SIGNS


@pytest.mark.parametrize("bits", [1, 8, 12])
def test_what_is_solved_fits_and_its_neighbour_does_not(bits: int) -> None:
    answer = work_proof.solve(TICKET, bits)
    assert work_proof.fits(TICKET, answer, bits)
    digest = hashlib.sha256((TICKET + answer).encode()).digest()
    assert f"{int.from_bytes(digest, 'big'):0256b}".startswith("0" * bits)
    missed = [n for n in range(int(answer)) if work_proof.fits(TICKET, str(n), bits)]
    assert missed == []
    assert not work_proof.fits("u" * 64, answer, 200)


@pytest.mark.parametrize("answer", ["", " 1", "-1", "1_0", "１", "a", "9" * 13, "1\n", "0x1"])
def test_only_plain_digits_are_an_answer(answer: str) -> None:
    assert not work_proof.fits(TICKET, answer, 0)


def test_more_wrong_tries_never_mean_less_work() -> None:
    bits = [work_proof.bits_for(wrong) for wrong in range(2500)]
    assert bits == sorted(bits)
    assert (bits[59], bits[60]) == (0, work_proof.FIRST_BITS)
    assert max(bits) <= 24


def test_a_minute_is_no_loophole() -> None:
    """Three tries a second are the most of ten minutes and of each of them; a school's own errors are far below."""
    lately = [work_proof.bits_for(1000, wrong) for wrong in range(300)]
    assert lately == sorted(lately)
    assert lately[100] == work_proof.bits_for(1000)
    assert lately[3 * 60] == 24
    assert work_proof.bits_for(0, 100) == 0


@pytest.mark.parametrize(
    ("address", "line"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        (None, ""),
        ("unknown", ""),
    ],
)
def test_one_line_to_the_network_is_one_address(address: str | None, line: str) -> None:
    assert household(address) == line
