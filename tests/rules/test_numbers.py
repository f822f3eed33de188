"""Codes that people copy by hand: the check symbol, the typed forms, leaf numbers, receipts (sec-C1..C6, C14)."""

from contextlib import suppress
from itertools import combinations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.rules.codes_printed import (
    new_download_code,
    new_registration_code,
    parse_download_code,
    parse_registration_code,
)
from portal.rules.numbers import (
    ALPHABET,
    LEAF_BITS,
    Mistyped,
    check_symbol,
    grouped,
    is_whole,
    leaf_of,
    leaf_text,
    normalise_code,
    number_of,
    receipt_of,
    receipt_text,
    receipt_word,
    symbols,
    with_check,
)

SOME = [new_registration_code(Random(seed)) for seed in range(4)] + [
    new_download_code(Random(seed)) for seed in range(4)
]
BODIES = st.text(ALPHABET, min_size=1, max_size=30)


def test_the_alphabet_has_no_letter_that_looks_like_another() -> None:
    assert len(set(ALPHABET)) == 32
    assert not set("ILOU") & set(ALPHABET)


@pytest.mark.parametrize("code", [*SOME, leaf_text(123_456_789), receipt_text("7ABC", b"a photo")])
def test_every_wrong_symbol_is_found(code: str) -> None:
    wrong = (code[:n] + s + code[n + 1 :] for n in range(len(code)) for s in ALPHABET if s != code[n])
    assert not any(is_whole(text) for text in wrong)


@pytest.mark.parametrize("code", [*SOME, leaf_text(123_456_789), receipt_text("7ABC", b"a photo")])
def test_every_swap_is_found(code: str) -> None:
    for a, b in combinations(range(len(code)), 2):
        signs = list(code)
        signs[a], signs[b] = signs[b], signs[a]
        assert is_whole("".join(signs)) == (code[a] == code[b])


def test_every_swap_and_every_wrong_symbol_is_found_in_the_arithmetic() -> None:
    """All weights differ and none is zero, which proves both for every code of up to 31 symbols."""
    weights = [number_of(check_symbol("0" * n + "1")) for n in range(30)]
    assert len({1, *weights}) == 31
    assert 0 not in weights


@given(BODIES, st.integers(0, 30), st.sampled_from(ALPHABET))
def test_a_substitution_never_passes(body: str, place: int, sign: str) -> None:
    code = with_check(body)
    place %= len(code)
    changed = code[:place] + sign + code[place + 1 :]
    assert is_whole(changed) == (changed == code)


@given(st.integers(0, 32**6 - 1))
def test_symbols_and_numbers_go_both_ways(number: int) -> None:
    assert number_of(symbols(number, 6)) == number


@pytest.mark.parametrize("number", [-1, 32**2])
def test_a_number_that_does_not_fit_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match="fit"):
        symbols(number, 2)


def test_a_check_symbol_covers_thirty_symbols_at_most() -> None:
    with pytest.raises(ValueError, match="too many"):
        check_symbol("0" * 31)


@pytest.mark.parametrize(
    "form",
    [
        str.lower,
        lambda code: " ".join(code),
        lambda code: "—".join(grouped(code).split("-")),
        lambda code: "\u200b".join(code),
        lambda code: "".join(chr(ord(sign) + 0xFEE0) for sign in code),
        lambda code: code.replace("0", "O").replace("1", "I"),
        lambda code: code.replace("0", "o").replace("1", "l"),
        lambda code: f"\t{grouped(code)}。\n",
    ],
)
def test_ways_of_typing_a_code_are_read(form) -> None:
    for code in SOME:
        assert normalise_code(form(code)) == code


def test_a_registration_code_has_its_form() -> None:
    code = new_registration_code(Random(5))
    parts = parse_registration_code(grouped(code).lower())
    assert (code[0], len(code), parts.text) == ("R", 16, code)
    assert code == "R" + parts.selector + parts.verifier + check_symbol(code[:-1])
    assert [len(group) for group in grouped(code).split("-")] == [4, 4, 4, 4]


def test_a_registration_code_keeps_its_secret_when_it_is_logged() -> None:
    parts = parse_registration_code(new_registration_code(Random(5)))
    assert parts.verifier not in repr(parts)
    assert parts.text not in repr(parts)


def test_a_download_code_has_its_form() -> None:
    code = new_download_code(Random(5))
    assert (code[0], len(code), parse_download_code(f" {grouped(code)} ")) == ("D", 9, code)
    assert [len(group) for group in grouped(code).split("-")] == [4, 4, 1]


def test_every_random_bit_is_used() -> None:
    codes = [new_registration_code(Random(seed)) for seed in range(400)]
    assert all({code[place] for code in codes} == set(ALPHABET) for place in range(1, 15))


@pytest.mark.parametrize("text", ["", "R", "   ", "R" + "0" * 500])
def test_texts_that_are_no_code_are_slips_not_wrong_tries(text: str) -> None:
    with pytest.raises(Mistyped):
        parse_registration_code(text)


@given(st.text())
def test_any_text_is_a_code_or_a_slip(text: str) -> None:
    for parse in (parse_registration_code, parse_download_code, leaf_of, receipt_of):
        with suppress(Mistyped):
            assert parse(text) is not None


@given(st.integers(0, 2**LEAF_BITS - 1))
def test_leaf_numbers_go_both_ways(leaf: int) -> None:
    assert len(leaf_text(leaf)) == 7
    assert leaf_of(leaf_text(leaf).lower()) == leaf


def test_a_leaf_number_beyond_its_bits_is_refused() -> None:
    with pytest.raises(ValueError, match="28"):
        leaf_text(2**28)
    with pytest.raises(Mistyped):
        leaf_of(with_check(symbols(2**28, 6)))


def test_printed_numbers_stay_readable_for_ever() -> None:
    """Sheets on paper carry them: the arithmetic may never change."""
    assert (leaf_text(12345), leaf_of("000C1ST")) == ("000C1ST", 12345)
    assert (receipt_word(b"abcdefgh"), receipt_text("C5H6", b"abcdefgh")) == ("C5H6", "C5H6C5HJ")
    assert is_whole("R84G7ZWYRD6Z1RVG")
    assert is_whole("D0WHE6M16")


def test_a_receipt_begins_with_the_word_of_its_sheet() -> None:
    assert receipt_text("7ABC", b"one digest") == receipt_text("7ABC", b"one digest")
    assert receipt_text("7ABC", b"one digest") != receipt_text("7ABC", b"two digest")
    assert receipt_text("7ABC", b"one digest").startswith("7ABC")
    assert receipt_of(grouped(receipt_text("7ABC", b"one digest")).lower()) == receipt_text("7ABC", b"one digest")
    assert len(receipt_word(b"a sheet")) == 4
    with pytest.raises(ValueError, match="2 bytes"):
        receipt_text("7ABC", b"1")
    with pytest.raises(ValueError, match="3 bytes"):
        receipt_word(b"12")
