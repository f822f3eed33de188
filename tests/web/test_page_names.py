"""The words for pages lead to pages that exist, and every room has at least words of its own."""

from __future__ import annotations

from flask import Flask

from portal.web.page_names import NAMES, words_of


def test_every_name_is_of_a_page(app: Flask) -> None:
    pages = set(app.view_functions)
    gone = [
        name for name in NAMES if not any(page == name or page.startswith((f"{name}.", f"{name}_")) for page in pages)
    ]
    assert gone == []


def test_the_longest_name_that_fits_is_taken(app: Flask) -> None:
    with app.test_request_context():
        assert words_of("parents.landing") == "扫码以后的页面"
        assert words_of("staff.queue_sheet") == "审批"
        assert words_of("staff.quest") == "学校和教育局的页面"
        assert words_of("") == "没有说是哪一页"
        assert words_of("static") == "没有说是哪一页"
