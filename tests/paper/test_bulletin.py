"""The bulletin is one page, however many places and however long their names are."""

from __future__ import annotations

import io

import pypdfium2
import pytest

from portal.paper.bulletin import MOST_ROWS, Bulletin, Cause, Line, print_bulletin

HEADS = ["应核", "已发", "纸已交", "已收到", "看得清", "有签名", "已录入", "已核实"]


def bulletin(lines: int, name: str = "试验小学", lead: str = "收到了 906 个孩子的表，还差 723。") -> Bulletin:
    return Bulletin(
        lang="zh-Hans",
        title="2026 年春季核查 全省到今天",
        place="试验省教育厅",
        at="数到 5 月 22 日 14:05",
        lead=lead,
        table_title="各地到今天",
        name_head="地区和学校",
        heads=HEADS,
        lines=[Line(f"{name}{n}", [1629, 1592, 0, 1700, 884, 879, 342, 311], not n) for n in range(lines)],
        causes_title="还没收到的 723，为什么",
        causes=[Cause(f"原因{n}", 900 - 80 * n) for n in range(11)],
        foot="不排名次。",
    )


def printed(page: Bulletin) -> pypdfium2.PdfDocument:
    out = io.BytesIO()
    print_bulletin(page, out)
    return pypdfium2.PdfDocument(out.getvalue())


def text_of(document: pypdfium2.PdfDocument) -> str:
    words = document[0].get_textpage()
    text = words.get_text_range()
    words.close()
    return str(text)


def test_a_page_says_everything() -> None:
    document = printed(bulletin(5))
    text = text_of(document)
    assert len(document) == 1
    for said in ("试验省教育厅", "全省到今天", "还差 723", "试验小学4", "1,629", "1,700", "原因10", "不排名次"):
        assert said in text
    document.close()


def test_as_many_places_as_there_may_be_with_long_names_still_make_one_page() -> None:
    document = printed(bulletin(MOST_ROWS, "试验市试验一区和平街道实验小学青山校区", "一句话。" * 40))
    assert len(document) == 1
    assert f"校区{MOST_ROWS - 1}" in text_of(document).replace("\r\n", "")
    document.close()


def test_more_are_refused() -> None:
    with pytest.raises(ValueError, match=str(MOST_ROWS + 1)):
        printed(bulletin(MOST_ROWS + 1))
