"""A leaf is recognised from its marks or its QR: never another pupil's, whatever one mark says."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.paper.identity import (
    SMALL_QR_TEXT,
    Identity,
    PaperKey,
    identify,
    leaf_token,
    marks_of,
    parse_front,
    qr_text_back,
    qr_text_front,
)

KEY = PaperKey(b"0123456789abcdef")
OTHER = PaperKey(b"fedcba9876543210")
LEAVES = st.integers(0, (1 << 28) - 1)
PAGES = st.sampled_from((1, 2))


@given(LEAVES, PAGES)
def test_six_marks_give_back_the_leaf_and_its_page(leaf: int, page: int) -> None:
    assert identify(dict(enumerate(marks_of(leaf, page, KEY))), KEY) == Identity(leaf, page, 6, certain=True)


def test_every_single_wrong_mark_of_six_is_corrected() -> None:
    leaf = 0x7654321
    word = marks_of(leaf, 1, KEY)
    for position, wrong in itertools.product(range(6), range(1000)):
        if wrong != word[position]:
            seen = dict(enumerate(word)) | {position: wrong}
            assert identify(seen, KEY) == Identity(leaf, 1, 5, certain=True)


@given(LEAVES, PAGES, st.sets(st.integers(0, 5), max_size=2), st.integers(0, 5), st.integers(0, 999))
def test_one_misread_never_names_another_leaf(leaf: int, page: int, lost: set[int], position: int, wrong: int) -> None:
    word = marks_of(leaf, page, KEY)
    seen = {at: mark for at, mark in enumerate(word) if at not in lost}
    if position in seen:
        seen[position] = wrong
    found = identify(seen, KEY)
    if found is not None and found.certain:
        assert (found.leaf, found.page) == (leaf, page)
    if seen.get(position, word[position]) == word[position] or len(seen) >= 5:
        assert found is not None
        assert found.certain


@given(LEAVES, PAGES, st.sets(st.integers(0, 5), min_size=3, max_size=3))
def test_three_marks_are_a_hint_only(leaf: int, page: int, lost: set[int]) -> None:
    seen = {at: mark for at, mark in enumerate(marks_of(leaf, page, KEY)) if at not in lost}
    assert identify(seen, KEY) == Identity(leaf, page, 3, certain=False)


@given(LEAVES, st.lists(st.integers(0, 999), min_size=2, max_size=2))
def test_two_misreads_of_six_are_never_certain(leaf: int, wrong: list[int]) -> None:
    word = marks_of(leaf, 1, KEY)
    if wrong[0] == word[0] or wrong[1] == word[4]:
        return
    found = identify(dict(enumerate(word)) | {0: wrong[0], 4: wrong[1]}, KEY)
    assert found is None or not found.certain


def test_fewer_than_three_marks_say_nothing() -> None:
    word = marks_of(5, 1, KEY)
    assert identify({}, KEY) is None
    assert identify({0: word[0], 1: word[1]}, KEY) is None


def test_six_marks_of_another_deployment_are_not_taken() -> None:
    chance = random.Random(7)
    for _ in range(300):
        leaf = chance.getrandbits(28)
        found = identify(dict(enumerate(marks_of(leaf, 1, OTHER))), KEY)
        assert found is None or not found.certain


def test_mark_ids_stay_in_the_dictionary() -> None:
    assert all(
        0 <= mark < 997 for leaf in (0, 1, (1 << 28) - 1) for page in (1, 2) for mark in marks_of(leaf, page, KEY)
    )


@pytest.mark.parametrize(("leaf", "page"), [(-1, 1), (1 << 28, 1), (5, 0), (5, 3)])
def test_what_is_no_leaf_or_page_is_refused(leaf: int, page: int) -> None:
    with pytest.raises(ValueError):
        marks_of(leaf, page, KEY)


@given(LEAVES)
def test_the_front_text_comes_back_and_stays_small(leaf: int) -> None:
    text = qr_text_front("xueji.example.cn", leaf, KEY)
    assert text == text.upper()
    assert len(text) <= SMALL_QR_TEXT
    assert parse_front(text, KEY) == leaf
    assert parse_front(f" {text.lower()}/ ", KEY) == leaf


@given(LEAVES, st.integers(0, 10), st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZ"))
def test_a_changed_symbol_of_the_front_text_is_refused(leaf: int, place: int, symbol: str) -> None:
    text = qr_text_front("xj.example.cn", leaf, KEY)
    at = len(text) - 11 + place
    changed = text[:at] + symbol + text[at + 1 :]
    # A changed leaf fits its token once in 2 ** 25 guesses; a changed token never fits.
    assert parse_front(changed, KEY) == (leaf if changed == text else None)


@pytest.mark.parametrize(
    "text",
    ["", "https://x.cn/r#R7K3", "HTTPS://X/S/000", "HTTPS://X/S/UUUUUUUUUUU", "hello", "HTTPS://X/S/" + "Z" * 11],
)
def test_other_texts_are_no_leaf(text: str) -> None:
    assert parse_front(text, KEY) is None


def test_the_token_belongs_to_the_deployment() -> None:
    assert leaf_token(5, KEY) != leaf_token(5, OTHER)
    assert parse_front(qr_text_front("xj.example.cn", 5, OTHER), KEY) is None


def test_a_demo_without_certificate_prints_an_address_that_opens() -> None:
    text = qr_text_front("192.168.1.5:8000", 5, KEY, scheme="http")
    assert text.startswith("HTTP://192.168.1.5:8000/S/")
    assert parse_front(text, KEY) == 5


def test_the_back_text_keeps_the_code_out_of_the_request() -> None:
    assert qr_text_back("https://xj.example.cn/", "R7K3M9QXD2FWA5TC") == "https://xj.example.cn/r#R7K3M9QXD2FWA5TC"


def test_the_key_is_long_enough_and_never_shown() -> None:
    with pytest.raises(ValueError):
        PaperKey(b"short")
    assert "0123456789" not in repr(KEY)
