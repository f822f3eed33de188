"""Nearest correct numbers: whatever the slip, the true number is among them, and what is offered is correct."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.rules.idnumber import check_digit, is_valid_id, sex_in
from portal.rules.nearest import MOST, all_near, fails, nearest
from tests.rules.examples import CONTEXT, P1

KNOWN = CONTEXT.divisions
SIGNS = st.sampled_from("0123456789")


@st.composite
def true_numbers(draw: st.DrawFn) -> str:
    """Sound numbers of made-up divisions."""
    day = draw(st.dates(date(1930, 1, 1), CONTEXT.today))
    body = draw(st.sampled_from(["990101", "990102", "990201", "980101"])) + f"{day:%Y%m%d}"
    body += f"{draw(st.integers(0, 999)):03}"
    return body + check_digit(body)


@st.composite
def slips(draw: st.DrawFn) -> tuple[str, str]:
    """(true number, what one slip made of it)."""
    true = draw(true_numbers())
    kind, at, sign = draw(st.sampled_from("wsme")), draw(st.integers(0, 17)), draw(SIGNS)
    swap = min(at, 15)
    typed = {
        "w": true[:at] + sign + true[at + 1 :],
        "s": true[:swap] + true[swap + 1] + true[swap] + true[swap + 2 :],
        "m": true[:at] + true[at + 1 :],
        "e": true[:at] + sign + true[at:],
    }[kind]
    return true, typed


@given(slips())
def test_the_true_number_is_always_among_the_candidates(slip: tuple[str, str]) -> None:
    true, typed = slip
    if typed == true:
        return
    assert true in all_near(typed, KNOWN)
    offered = nearest(typed, true[6:14], sex_in(true), KNOWN)
    assert true in [one.number for one in offered]
    assert next(one for one in offered if one.number == true).fits


@given(slips())
def test_what_is_offered_is_correct_few_and_sorted(slip: tuple[str, str]) -> None:
    true, typed = slip
    offered = nearest(typed, true[6:14], sex_in(true), KNOWN)
    assert len(offered) <= MOST
    assert all(is_valid_id(one.number) and KNOWN.exists(one.number[:6]) for one in offered)
    assert [one.fits for one in offered] == sorted((one.fits for one in offered), reverse=True)
    assert all("".join(text for text, _ in one.pieces) == one.number for one in offered)
    assert all(any(differs for _, differs in one.pieces) or len(typed) > 18 for one in offered)


@given(true_numbers())
def test_a_sound_number_has_none(number: str) -> None:
    assert not fails(number, KNOWN)
    assert nearest(number, "20140312", "1", KNOWN) == []


@pytest.mark.parametrize("text", ["", "1", "E00000001", "990101201403", "测试", "9901012014031201577777"])
def test_what_is_no_such_number_has_none(text: str) -> None:
    assert nearest(text, "", "", KNOWN) == []


def test_two_neighbours_swapped() -> None:
    typed = P1[:14] + P1[15] + P1[14] + P1[16:]
    first = nearest(typed, "20140312", "1", KNOWN)[0]
    assert first.fits
    assert P1 in [one.number for one in nearest(typed, "20140312", "1", KNOWN)]
