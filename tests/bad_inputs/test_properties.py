"""What holds for any text at all: codes, forms, dates, masks, addresses to go on to, sealed fields, rows."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from portal.keys.sealing import Tampered, open_sealed, seal
from portal.rules.checks import check_all, read_row
from portal.rules.codes_printed import parse_download_code, parse_registration_code
from portal.rules.dates import date8_of_writing, month6_of_writing, real_date
from portal.rules.items import ITEMS, ROSTER_ITEMS
from portal.rules.masks import mask_id, mask_name, mask_phone
from portal.rules.networks import BadNetwork, is_normal, parse
from portal.rules.normalise import normalise
from portal.rules.numbers import Mistyped, leaf_of, receipt_of
from portal.rules.roles import Role
from portal.services import rosters
from portal.services.roster_files.refused import FileRefused
from portal.services.roster_plan import Fate
from portal.web.guard import safe_next
from tests import roster_files as files
from tests.make import Make
from tests.rules.examples import CONTEXT

ANY = st.text(max_size=60) | st.text("0123456789XRD-—　 OoIlLU\u200b\uff10", max_size=40)
QUICK = settings(max_examples=100, deadline=None)
#: each row of a roster costs a database; a case that fails is told as it is
WITHOUT_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)
#: items whose value a person writes in words
FREE = [code for code in ROSTER_ITEMS if ITEMS[code].type in ("text", "name", "address")]


@QUICK
@given(ANY)
def test_any_text_is_a_code_or_told_to_be_none(text: str) -> None:
    for read in (parse_registration_code, parse_download_code, leaf_of, receipt_of):
        try:
            assert read(text) is not None
        except Mistyped:
            continue


@QUICK
@given(ANY | st.sampled_from(["//e", "/\\e", "///e", "/a\tb", "/%0d", "http:e", "/a?b=//c"]))
@example("/\t/evil.example")
@example("/\u2028/evil.example")
def test_an_address_to_go_on_to_never_leaves_the_site(text: str) -> None:
    """sec-A20"""
    target = safe_next(text)
    if target is not None:
        there = urlsplit(urljoin("https://xueji.example/here", target))
        assert (there.scheme, there.netloc) == ("https", "xueji.example")
        assert not re.match(r"/[/\\]", target)
        assert "\r" not in target
        assert "\n" not in target


@QUICK
@given(st.binary(max_size=300), st.integers(0, 2**32 - 1), st.text(min_size=1, max_size=30), st.data())
def test_a_sealed_field_opens_in_its_place_only(plain: bytes, number: int, context: str, data: st.DataObject) -> None:
    key = bytes(range(32))
    sealed = seal(key, number, plain, context)
    assert open_sealed(key, sealed, context) == plain
    with pytest.raises(Tampered):
        open_sealed(key, sealed, context + "|")
    # bytes 2 to 5 are the number of the key: another number is another key
    at, bit = data.draw(st.sampled_from([0, 1, *range(6, len(sealed))])), data.draw(st.integers(0, 7))
    spoilt = bytearray(sealed)
    spoilt[at] ^= 1 << bit
    with pytest.raises(Tampered):
        open_sealed(key, bytes(spoilt), context)
    with pytest.raises(Tampered):
        open_sealed(key, sealed[: data.draw(st.integers(0, len(sealed) - 1))], context)


@QUICK
@given(ANY)
def test_masks_hide_something_of_any_text(text: str) -> None:
    for mask in (mask_id, mask_phone, mask_name):
        shown = mask(text)
        assert not text or shown != text or set(text) <= {"*", "＊"}


@QUICK
@given(ANY, st.sampled_from(sorted(ITEMS)), st.booleans())
def test_a_value_brought_into_its_form_stays_in_it(text: str, item: str, from_file: bool) -> None:
    once = normalise(item, text, from_file)
    assert normalise(item, once) == once


@QUICK
@given(ANY)
def test_days_are_real_or_come_back_to_be_refused(text: str) -> None:
    for told in (date8_of_writing(text), month6_of_writing(text)):
        assert isinstance(told, str)
    found = real_date(text)
    assert found is None or f"{found:%Y%m%d}" == text


@QUICK
@given(ANY | st.sampled_from(["10.0.0.0/8", "::/0", "10.1.2.3/99", "fe80::1%eth0/64"]))
def test_networks_are_in_their_form_or_refused(text: str) -> None:
    try:
        assert is_normal(parse(text))
    except BadNetwork:
        return


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(ITEMS)), ANY, max_size=len(ITEMS)))
def test_no_record_breaks_the_checks(values: dict[str, str]) -> None:
    for found in (check_all(values, CONTEXT), read_row(values, CONTEXT)[1]):
        assert all(problem.code for problem in found)


@pytest.mark.parametrize("item", FREE)
def test_no_control_character_enters_a_record(item: str) -> None:
    """sec-X24: signs that are seen nowhere are refused where they are typed or imported."""
    hidden = [chr(n) for n in range(0x2100) if unicodedata.category(chr(n)) in ("Cc", "Cf")]
    taken = [f"{ord(sign):04x}" for sign in hidden if _is_taken(item, f"试{sign}验")]
    assert taken == []


def _is_taken(item: str, written: str) -> bool:
    values, found = read_row({item: written}, CONTEXT)
    return values.get(item, "") == written and not [problem for problem in found if problem.item == item]


CELLS = ANY | st.none() | st.integers(-(10**18), 10**18) | st.floats(allow_nan=False, allow_infinity=False)


@settings(
    max_examples=4, phases=WITHOUT_SHRINKING, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.lists(CELLS, max_size=30), max_size=8))
def test_every_row_of_a_roster_is_taken_or_told(make: Make, rows: list[list[object]]) -> None:
    """sec-R16: rows in the file = rows taken + rows with a fault, whatever stands in them."""
    registrar = make.actor(Role.REGISTRAR, make.school())
    good = files.table(files.records(2))
    signs = [[_writable(cell) for cell in row] for row in rows]
    try:
        report = rosters.preview(registrar, "a.xlsx", files.xlsx([*good, *signs])).report
    except FileRefused:
        return
    filled = sum(any(str("" if cell is None else cell).strip() for cell in row) for row in signs)
    assert sum(report["counts"][fate] for fate in Fate) == filled + 2


def _writable(cell: object) -> object:
    return cell.encode("utf-8", "ignore").decode() if isinstance(cell, str) else cell
