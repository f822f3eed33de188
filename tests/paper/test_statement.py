"""The completion statement is one page with everything on it, however many days there were; the list of a day too."""

from __future__ import annotations

import io

import pypdfium2
import pytest

from portal.paper.receipt_list import Line, ReceiptList, Received, print_receipt_list
from portal.paper.statement import MOST_DAYS, Day, Figure, Statement, print_statement

DIGEST = "7K3M-9QX2-WD2F-A5TC"


def statement(days: int, text: str = "本校这一轮核查完成。", title: str = "2026 年春季核查完成说明") -> Statement:
    return Statement(
        lang="zh-Hans",
        title=title,
        school="试验市第一小学 2199000001",
        at="打印于 6 月 12 日 16:20",
        lead=text,
        open="还没有完成：还有 3 张表没有归档。",
        figures=[Figure(name, 1629) for name in ("应核", "已发", "纸已交", "已收到", "已录入", "已核实", "已归档")],
        days_title="每天收到的照片",
        heads=("日期", "照片", "汇总码"),
        days=[Day(f"05-{n:02}", 1000 + n, DIGEST) for n in range(days)],
        left_out="更早的 4 天排不下。" if days else "",
        whole_label="最后一天的汇总码",
        whole="-".join([DIGEST] * 3 + ["7K3M"]) if days else "",
        how="汇总码由当天全部照片的回执号和前一天的汇总码算出。",
        signatures=["学籍管理员签名", "学校分管负责人签名", "日期"],
        stamp="学校盖章",
    )


def text_of(document: pypdfium2.PdfDocument) -> str:
    words = [page.get_textpage().get_text_range() for page in document]
    return " ".join(words)


def printed(page: Statement) -> tuple[int, str]:
    out = io.BytesIO()
    print_statement(page, out)
    document = pypdfium2.PdfDocument(out.getvalue())
    found = len(document), text_of(document)
    document.close()
    return found


@pytest.mark.parametrize("days", [0, 2, MOST_DAYS])
def test_every_day_has_its_place_on_one_page(days: int) -> None:
    pages, text = printed(statement(days))
    assert pages == 1
    for said in ("试验市第一小学", "完成说明", "1,629", "学校分管负责人签名", "学校盖章"):
        assert said in text
    assert text.count(DIGEST) >= days
    assert (f"1,{days - 1:03}" in text) is (days > 0)


def test_long_names_and_all_days_still_make_one_page() -> None:
    pages, _ = printed(statement(MOST_DAYS, "一句很长的话。" * 40, "试验市试验一区和平街道 2026 年春季核查完成说明"))
    assert pages == 1
    with pytest.raises(ValueError, match="days"):
        printed(statement(MOST_DAYS + 1))


def test_a_large_class_on_a_busy_day_fits_on_two_pages() -> None:
    received = [Received("7K3M 9QX2", "18:32", "看得清")] * 4
    lines = [Line(f"{n:02}", "欧阳＊＊", "7K3M", received if n % 9 == 0 else received[:1]) for n in range(60)]
    heads = ("座号", "姓名", "前四位", "这一天收到的回执")
    page = ReceiptList("zh-Hans", "回执对照单", "试验市第一小学", "打印于", "同一张表。", heads, lines, "用完撕掉。")
    out = io.BytesIO()
    print_receipt_list(page, out)
    document = pypdfium2.PdfDocument(out.getvalue())
    assert len(document) <= 2
    assert text_of(document).count("7K3M 9QX2") == 60 + 3 * 7
    document.close()
