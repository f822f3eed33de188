"""What people do in a browser, in the words of the screens."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pypdfium2
import zxingcpp
from playwright.sync_api import Page, expect

from tests.make import PASSWORD
from tests.paper.workshop import photograph

DPI = 200


def sign_in(page: Page, login: str, password: str = PASSWORD) -> None:
    page.goto("/sign-in")
    page.get_by_label("账号").fill(login)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()


def choose_password(page: Page, old: str, new: str) -> None:
    page.get_by_label("现在的密码").fill(old)
    page.get_by_label("新密码").fill(new)
    page.get_by_role("button", name="换好").click()


def rasters(pdf: bytes) -> list[np.ndarray]:
    """The pages of a printed file as a scanner sees them (BGR)."""
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    return [np.asarray(page.render(scale=DPI / 72).to_pil().convert("RGB"))[:, :, ::-1].copy() for page in document]


def qr_of(raster: np.ndarray) -> str:
    """What a phone's own camera reads on a page."""
    texts = [found.text for found in zxingcpp.read_barcodes(raster) if found.text.upper().startswith("HTTP")]
    assert texts, "no QR on the page"
    return texts[0]


def photo_of(raster: np.ndarray, folder: Path, writing: dict[str, str], seed: int = 7) -> Path:
    """The page written on, signed and photographed with a phone."""
    data, _truth = photograph(raster, seed, writing=writing, signed=True, condition="typical")
    path = folder / f"photo{seed}.jpg"
    path.write_bytes(data)
    return path


def send_photo(page: Page, photo: Path) -> None:
    """Choose a photo and send it; without scripts the form is sent by hand."""
    page.locator("input[type=file]").first.set_input_files(photo)
    button = page.get_by_role("button", name="送出")
    if button.is_visible():
        button.click()
    expect(page.get_by_text("回执号")).to_be_visible(timeout=20_000)
