"""Pairs of names and numbers: only what differs is shown beside the mask."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.rules.masks import is_veiled, mask_pair
from tests.rules.examples import P1, P2


@pytest.mark.parametrize(
    ("old", "new", "is_name", "shown"),
    [
        ("林小试", "林小拭", True, ("林＊试", "林＊拭")),
        ("林试", "林拭", True, ("＊试", "＊拭")),
        ("林小试", "王小试", True, ("林＊试", "王＊试")),
        ("欧阳小试", "欧阳大试", True, ("欧＊小试", "欧＊大试")),
        (P1, P1[:9] + "7" + P1[10:], False, ("990101***4*******7", "990101***7*******7")),
        (P1, P2, False, None),
        ("", P1, False, ("", "990101***********7")),
    ],
)
def test_what_differs_is_shown(old: str, new: str, is_name: bool, shown: tuple[str, str] | None) -> None:
    found = mask_pair(old, new, is_name)
    if shown is not None:
        assert found == shown
    assert [len(one) for one in found] == [len(old), len(new)]


def test_what_differs_in_nearly_everything_is_veiled() -> None:
    assert is_veiled("", P1)
    assert not is_veiled("林小试", "王大拭")


@given(st.text("林王李小大试拭测", min_size=2, max_size=5), st.text("林王李小大试拭测", min_size=2, max_size=5))
def test_a_whole_name_is_never_shown(old: str, new: str) -> None:
    assert all("＊" in one for one in mask_pair(old, new, is_name=True))
