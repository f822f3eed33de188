"""Each thing that may be in a photo has its own answer, and no photo ever names a wrong pupil or raises."""

from io import BytesIO

import cv2
import numpy as np
import pikepdf
import pytest
import zxingcpp
from PIL import Image

from portal.paper import layout, reading
from portal.paper.layout import Layout
from portal.paper.reading import Reading
from portal.paper.reasons import WORDS
from tests.paper import photographed as photos
from tests.paper import workshop
from tests.paper.workshop import press


def _read(data: bytes, expect: frozenset[int] = frozenset()) -> Reading:
    seen = reading.read(data, press.KEY, expect=expect)
    assert set(seen.reasons) <= set(WORDS)
    return seen


def _without(page: np.ndarray, *places: int) -> np.ndarray:
    """The page with some of its six marks whitened."""
    page = page.copy()
    dots = page.shape[1] / 210
    for at in places:
        mark = layout.current().page(1).marks[at]
        rows = slice(int((mark.y_mm - 1) * dots), int((mark.y_mm + 11) * dots))
        page[rows, int((mark.x_mm - 1) * dots) : int((mark.x_mm + 11) * dots)] = 255
    return page


def _without_qr(page: np.ndarray) -> np.ndarray:
    page, dots, qr = page.copy(), page.shape[1] / 210, layout.current().page(1).qr
    page[
        int((qr.y_mm - 1) * dots) : int((qr.y_mm + 29) * dots), int((qr.x_mm - 1) * dots) : int((qr.x_mm + 29) * dots)
    ] = 255
    return page


def test_the_back_is_named_but_asked_to_be_turned_over() -> None:
    seen = _read(photos.scan(photos.back(0)))
    assert (seen.verdict, seen.reasons, seen.leaf, seen.page) == ("retake", ("back_page",), photos.LEAVES[0], 2)
    assert seen.ink == {}


def test_two_sheets_in_one_photo_name_nobody() -> None:
    seen = _read(workshop.two_sheets(photos.front(0), photos.front(1), 3))
    assert (seen.verdict, seen.reasons, seen.leaf) == ("retake", ("two_sheets",), None)


def test_another_deployments_sheet_names_nobody() -> None:
    seen = _read(photos.scan(photos.foreign_front()), photos.CLASS)
    assert (seen.verdict, seen.reasons[0]) == ("unknown", "other_deployment")
    assert not seen.certain


@pytest.mark.parametrize("seed", [1, 2])
def test_a_photo_of_another_deployments_sheet_names_nobody(seed: int) -> None:
    data, _ = workshop.photograph(photos.foreign_front(), seed, condition="lost_corner")
    assert not _read(data, photos.CLASS).certain


@pytest.mark.parametrize("colour", [0, 128, 255])
def test_a_plain_picture_is_no_sheet(colour: int) -> None:
    seen = _read(photos.jpeg(np.full((1500, 1100, 3), colour, np.uint8)))
    assert (seen.verdict, seen.reasons, seen.leaf) == ("unknown", ("not_a_sheet",), None)
    assert seen.flat_jpeg is not None
    assert not seen.flattened


def test_a_picture_of_noise_is_no_sheet() -> None:
    noise = np.random.default_rng(1).integers(0, 255, (1600, 1200, 3), dtype=np.uint8)
    assert _read(photos.jpeg(noise)).reasons == ("not_a_sheet",)


@pytest.mark.parametrize("corner", [0, 2, 3, 5])
def test_a_hidden_corner_mark_is_no_loss(corner: int) -> None:
    seen = _read(photos.scan(_without_qr(_without(photos.front(2), corner))))
    assert (seen.verdict, seen.leaf, seen.corners) == ("readable", photos.LEAVES[2], 3)


def test_three_marks_are_enough_with_the_qr() -> None:
    seen = _read(photos.scan(_without(photos.front(2), 0, 4, 5)))
    assert (seen.verdict, seen.leaf, seen.marks_found, seen.qr) == ("readable", photos.LEAVES[2], 3, True)


def test_three_marks_alone_are_enough_only_for_the_uploaders_own_class() -> None:
    data = photos.scan(_without_qr(_without(photos.front(2), 0, 4, 5)))
    alone = _read(data)
    assert (alone.verdict, alone.certain, alone.leaf, alone.reasons[0]) == (
        "unknown",
        False,
        photos.LEAVES[2],
        "few_marks",
    )
    own = _read(data, photos.CLASS)
    assert (own.verdict, own.certain, own.leaf) == ("readable", True, photos.LEAVES[2])
    assert not _read(data, frozenset([photos.LEAVES[1]])).certain


def test_a_page_of_two_sheets_marks_names_nobody() -> None:
    """Half of one sheet laid over another: marks of both, in the right places."""
    mixed = photos.front(0).copy()
    mixed[mixed.shape[0] // 2 :] = photos.front(1)[mixed.shape[0] // 2 :]
    assert not _read(photos.scan(_without_qr(mixed)), photos.CLASS).certain


def test_a_strange_qr_on_the_page_is_ignored() -> None:
    page = photos.front(1).copy()
    code = np.asarray(
        zxingcpp.create_barcode("https://evil.example/S/x", zxingcpp.BarcodeFormat.QRCode).to_image(scale=8)
    )
    page[1500 : 1500 + code.shape[0], 900 : 900 + code.shape[1]] = code[..., None]
    assert _read(photos.scan(page)).leaf == photos.LEAVES[1]


@pytest.mark.parametrize(
    ("condition", "seed", "kind"),
    [
        ("small", 1, {"resolution"}),
        ("blurred", 4, {"blur"}),
        ("glare", 1, {"glare", "glare.signature"}),
        ("covered", 4, {"covered", "covered.signature"}),
        ("dark", 1, {"dark", "dark.signature"}),
    ],
)
def test_a_photo_too_poor_to_read_is_asked_for_again_with_its_reason(condition: str, seed: int, kind: set[str]) -> None:
    data, truth = workshop.photograph(photos.front(0), seed, condition=condition, leaf=photos.LEAVES[0])
    assert truth.retake
    seen = _read(data, photos.CLASS)
    assert seen.verdict == "retake"
    assert kind & set(seen.reasons)


@pytest.mark.parametrize(
    ("cut", "reason"),
    [
        ((0, 0, 0, 250), "edge.right"),
        ((0, 0, 420, 0), "edge.left"),
        ((0, 500, 0, 0), "edge.bottom"),
        ((600, 0, 0, 0), "edge.top"),
    ],
)
def test_a_cut_edge_is_named(cut: tuple[int, int, int, int], reason: str) -> None:
    page = photos.front(0)
    top, bottom, left, right = cut
    seen = _read(photos.jpeg(page[top : page.shape[0] - bottom, left : page.shape[1] - right]), photos.CLASS)
    assert seen.verdict == "retake"
    assert seen.reasons[0] == reason


def test_an_unknown_leaf_is_not_certain() -> None:
    def layouts(leaf: int) -> Layout:
        raise LookupError(leaf)

    seen = reading.read(photos.scan(photos.front(0)), press.KEY, layouts)
    assert (seen.verdict, seen.reasons, seen.certain) == ("unknown", ("unknown_leaf",), False)


def test_the_pages_of_a_pdf_of_scans_are_read_one_by_one() -> None:
    first, second = (Image.fromarray(page[:, :, ::-1]) for page in (photos.front(0), photos.back(1)))
    file = BytesIO()
    first.save(file, "PDF", save_all=True, append_images=[second], resolution=250)
    seen = list(reading.read_pages(file.getvalue(), press.KEY))
    assert [(page.leaf, page.page) for page in seen] == [(photos.LEAVES[0], 1), (photos.LEAVES[1], 2)]
    assert seen[0].verdict == "readable"


@pytest.mark.parametrize("data", [b"%PDF-1.7 rubbish", b"%PDF-1.4\n%%EOF"])
def test_a_broken_pdf_is_one_broken_page(data: bytes) -> None:
    assert [page.reasons for page in reading.read_pages(data, press.KEY)] == [("broken",)]


def test_an_empty_or_huge_pdf_page_does_no_harm() -> None:
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(14_400, 14_400))
    file = BytesIO()
    pdf.save(file)
    assert [page.reasons for page in reading.read_pages(file.getvalue(), press.KEY)] == [("not_a_sheet",)]


def test_no_damaged_photo_raises() -> None:
    good, rng = bytearray(photos.scan(cv2.resize(photos.front(0), None, fx=0.5, fy=0.5))), np.random.default_rng(4)
    for _ in range(5):
        broken = good.copy()
        for at in rng.integers(600, len(good), 25):
            broken[int(at)] = int(rng.integers(256))
        seen = reading.read(bytes(broken), press.KEY)
        assert not seen.certain or seen.leaf == photos.LEAVES[0]
