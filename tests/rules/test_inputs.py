"""What the inputs of items offer."""

from __future__ import annotations

from portal.rules.inputs import options_of
from portal.rules.items import ITEMS


def test_countries_stand_in_the_order_of_their_names() -> None:
    """R15: China first; the others by pinyin in Chinese and by letters in English."""
    chinese = [words for _code, words in options_of(ITEMS["nationality"])]
    english = [words for _code, words in options_of(ITEMS["nationality"], "en")]
    assert chinese[0] == "中国"
    assert chinese.index("阿富汗") < chinese.index("德国") < chinese.index("法国") < chinese.index("英国")
    assert english[:3] == ["China", "Afghanistan", "Albania"]
    assert len(set(chinese)) == len(chinese)


def test_other_tables_keep_the_order_of_their_codes() -> None:
    codes = [code for code, _words in options_of(ITEMS["ethnic_group"])]
    assert codes == sorted(codes)
