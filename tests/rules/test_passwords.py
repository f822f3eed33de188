"""New passwords: long enough, not guessed first, without the owner's own words (R98)."""

from pathlib import Path

import pytest

from portal.rules import passwords
from portal.rules.passwords import LONGEST, check_new_password, is_common
from portal.rules.pinyin import syllables

OWN = ("林老师", "lin.teacher", "15400000001", "试验市第一小学", "")


@pytest.mark.parametrize(
    "password",
    [
        "12345678",
        "87654321",
        "password123",
        "Password!!!",
        "qwertyuiop",
        "1qaz2wsx",
        "aaaaaaaaaaaa",
        "abababababab",
        "20140312",
        "woaini1314",
        "xmxmkkwwxmxm",
        "abcd12345678",
        "trustno1",
        "wodemima2026!",
        "iloveyou2026",
    ],
)
def test_what_is_tried_first_is_refused(password: str) -> None:
    assert is_common(password)


@pytest.mark.parametrize(
    "password", ["柳树发芽小河唱歌", "x7k-Paris-Tee", "correct horse battery", "829471635027", "xmkwvxmk"]
)
def test_what_nobody_guesses_is_taken(password: str) -> None:
    assert check_new_password(password, is_staff=False, own_words=OWN) == []


@pytest.mark.parametrize(
    ("password", "is_staff", "code"),
    [
        ("k7-Xw9p", False, "R98.short"),
        ("k7-Xw9p-Tee", True, "R98.short"),
        ("密" * 129, False, "R98.long"),
        ("password2025", True, "R98.common"),
        ("我是林老师呀你好啊", False, "R98.own"),
        ("x-LIN.Teacher-x", True, "R98.own"),
        ("tel15400000001x", True, "R98.own"),
        ("2026-LinLaoshi!", True, "R98.own"),
        ("shi-yan-shi.99xx", True, "R98.own"),
    ],
)
def test_the_reason_is_said(password: str, is_staff: bool, code: str) -> None:
    assert [p.code for p in check_new_password(password, is_staff, OWN)] == [code]


def test_the_longest_password_is_taken_and_no_sign_is_cut() -> None:
    words = "柳树发芽小河唱歌" * (LONGEST // 8)
    assert check_new_password(words, is_staff=True) == []
    assert [p.code for p in check_new_password(words + "x", is_staff=True)] == ["R98.long"]


def test_the_old_password_is_refused() -> None:
    assert [p.code for p in check_new_password("x7k-Paris-Tee", True, same_as_old=True)] == ["R98.same"]


def test_our_own_list_holds_only_what_the_package_does_not() -> None:
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    own = (Path(passwords.__file__).parent / "common_passwords.txt").read_text().split()
    assert set(own) & set(FREQUENCY_LISTS["passwords"]) == set()
    assert all(is_common(word + "2026") for word in own)


@pytest.mark.parametrize(
    ("text", "spelled"),
    [("王小明", "wang xiao ming"), ("张伟", "zhang wei"), ("实验学校", "shi yan xue xiao"), ("a啊座", " a zuo")],
)
def test_pinyin_of_common_characters(text: str, spelled: str) -> None:
    assert [part or "" for part in syllables(text)] == spelled.split(" ")


def test_every_character_of_level_one_has_a_syllable_in_the_order_of_the_alphabet() -> None:
    """3,755 characters; the order of the standard is that of pinyin, which shows that no row of the table is wrong."""
    signs = [bytes((high, low)) for high in range(0xB0, 0xD8) for low in range(0xA1, 0xFF)]
    level = [sign.decode("gb2312") for sign in signs if sign <= b"\xd7\xf9"]
    found = [part.replace("v", "u!") for part in syllables("".join(level)) if part]
    assert len(found) == len(level) == 3755
    assert found == sorted(found)
