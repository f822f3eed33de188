"""Masks show what they promise and nothing else (architecture section 3)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.rules.masks import mask_id, mask_name, mask_phone
from tests.rules.examples import P1


@pytest.mark.parametrize(
    ("mask", "text", "shown"),
    [
        (mask_id, P1, "990101***********7"),
        (mask_id, "G" + P1, "G99010************7"),
        (mask_id, "E00000001", "E0******1"),
        (mask_id, "K0001", "*****"),
        (mask_id, "", ""),
        (mask_phone, "15400000001", "154****0001"),
        (mask_phone, "010-00001234", "010-****1234"),
        (mask_phone, "0999-0001234", "0999-***1234"),
        (mask_phone, "1234567", "*******"),
        (mask_phone, "010-1234", "********"),
        (mask_phone, "", ""),
        (mask_name, "张小三", "张＊三"),
        (mask_name, "张三", "张＊"),
        (mask_name, "张", "＊"),
        (mask_name, "欧阳小三", "欧＊＊三"),
        (mask_name, "阿依试·买试提", "阿＊＊＊提"),
        (mask_name, "𠮷小三", "𠮷＊三"),
        (mask_name, "", ""),
    ],
)
def test_masks(mask, text: str, shown: str) -> None:
    assert mask(text) == shown


@given(st.text(alphabet="0123456789X", max_size=25))
def test_an_id_shows_seven_signs_at_most(number: str) -> None:
    shown = mask_id(number)
    assert len(shown) == len(number)
    assert len(shown.replace("*", "")) <= 7
    assert number == "" or "*" in shown


@given(st.text(alphabet="0123456789-", max_size=20))
def test_a_phone_hides_three_signs_at_least(phone: str) -> None:
    shown = mask_phone(phone)
    assert len(shown) == len(phone)
    assert shown.count("*") >= min(3, len(phone))


@given(st.text(alphabet="林小试买提·", min_size=1, max_size=36))
def test_a_name_shows_two_characters_at_most(name: str) -> None:
    assert len(mask_name(name).replace("＊", "")) <= 2
    assert "＊" in mask_name(name)
