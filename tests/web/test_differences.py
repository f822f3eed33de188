"""Which characters differ."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from portal.web.differences import differing


def test_one_character_of_a_name() -> None:
    assert differing("林小试", "林小拭") == ([("林小", False), ("试", True)], [("林小", False), ("拭", True)])


def test_nothing_before_is_all_new() -> None:
    assert differing("", "林") == ([], [("林", True)])


@given(st.text("01234567林小试拭X", max_size=20), st.text("01234567林小试拭X", max_size=20))
def test_the_pieces_give_both_values_back(old: str, new: str) -> None:
    left, right = differing(old, new)
    assert ("".join(text for text, _ in left), "".join(text for text, _ in right)) == (old, new)
    assert [t for t, differs in left if not differs] == [t for t, differs in right if not differs]
