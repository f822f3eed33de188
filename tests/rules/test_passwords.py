"""New passwords: long enough, not guessed first, without the owner's own words (R98)."""

import pytest

from portal.rules.passwords import LONGEST, check_new_password, is_common

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
