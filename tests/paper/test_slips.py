"""Slips carry what one person needs and nothing of anybody else."""

from __future__ import annotations

from io import BytesIO

import pypdfium2
import pytest
import zxingcpp

from portal.paper.slips import CodeSlip, LoginSlip, print_code_slips, print_login_slips
from tests.paper.printed import CODE, picture, text

URL = "https://xj.example.cn"


def logins(count: int) -> list[LoginSlip]:
    return [
        LoginSlip("试验市第一小学", f"小学六年级 {n} 班", f"王试{n}", f"t-{n:02}", f"KX7M{n:02}PQ4R", URL)
        for n in range(count)
    ]


def test_each_teacher_gets_a_slip_with_login_password_and_address() -> None:
    out = BytesIO()
    print_login_slips(logins(7), out)
    pdf = out.getvalue()
    with pypdfium2.PdfDocument(pdf) as document:
        assert len(document) == 2
    first, second = text(pdf, 0), text(pdf, 1)
    for slip in logins(6):
        for words in (slip.name, slip.login, slip.password, slip.class_label.replace(" ", "")):
            assert words in first
    assert "王试6" in second
    assert "王试5" not in second
    assert "xj.example.cn/sign-in" in first


def test_the_login_picture_leads_to_the_sign_in_page() -> None:
    out = BytesIO()
    print_login_slips(logins(2), out)
    codes = zxingcpp.read_barcodes(picture(out.getvalue(), 0), zxingcpp.BarcodeFormat.QRCode)
    assert [code.text for code in codes] == [f"{URL}/sign-in"] * 2


def test_a_code_slip_shows_the_new_code_and_links_to_it() -> None:
    out = BytesIO()
    print_code_slips([CodeSlip("试验市第一小学", "小学六年级 1 班", "07", "林小试", CODE, URL, "010-00000000")], out)
    pdf = out.getvalue()
    words = text(pdf, 0)
    for expected in ("林小试", "07号", "R7K3-M9QX-D2FW-A5TC", "010-00000000"):
        assert expected in words
    [code] = zxingcpp.read_barcodes(picture(pdf, 0), zxingcpp.BarcodeFormat.QRCode)
    assert code.text == f"{URL}/r#{CODE}"


def test_no_slips_are_no_file() -> None:
    with pytest.raises(ValueError):
        print_login_slips([], BytesIO())


def test_a_password_never_shows_in_a_repr() -> None:
    assert "KX7M" not in repr(logins(1))
