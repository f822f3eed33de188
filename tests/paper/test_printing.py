"""A printed sheet read back: marks, QR and every text are on the paper, page by page, as the layout says."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import cv2
import numpy
import pikepdf
import pypdfium2
import pytest
import zxingcpp

from portal.paper import layout, printing
from portal.paper.content import PrintReport, SheetData
from portal.paper.identity import Identity, identify, parse_front, qr_text_back
from portal.paper.layout import Box
from portal.rules.numbers import leaf_text
from tests.paper.printed import CODE, DOTS, KEY, RUN, part, picture, print_to_bytes, sheet, text, values

LEAVES = (123, 0xFFFFFFF)


@pytest.fixture(scope="module")
def printed() -> tuple[bytes, PrintReport]:
    """Two leaves; the second has doubtful items."""
    return print_to_bytes(sheet(LEAVES[0]), sheet(LEAVES[1], doubts=frozenset({"phone", "id_number"})))


def marks_on(page: numpy.ndarray) -> dict[int, int]:
    """Position -> id of the marks found at the places of the layout."""
    detector = cv2.aruco.ArucoDetector(cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_5X5_1000))
    corners, ids, _ = detector.detectMarkers(page)
    centres = {
        int(mark): corner.reshape(4, 2).mean(axis=0) / DOTS for mark, corner in zip(ids.ravel(), corners, strict=True)
    }
    found = {}
    for position, place in enumerate(layout.current().page(1).marks):
        for mark, (x, y) in centres.items():
            if abs(x - place.x_mm - 5) < 0.3 and abs(y - place.y_mm - 5) < 0.3:
                found[position] = mark
    return found


def test_the_report_tells_where_each_leaf_begins(printed: tuple[bytes, PrintReport]) -> None:
    pdf, report = printed
    assert (report.pages_per_sheet, report.first_pages, report.stopped) == (2, [1, 3], False)
    assert report.cut == []
    assert report.missing_glyphs == []
    with pypdfium2.PdfDocument(pdf) as document:
        assert len(document) == 4
        assert [round(side) for side in document[3].get_size()] == [595, 842]


@pytest.mark.parametrize("page", [1, 2, 3, 4])
def test_six_marks_of_each_page_tell_leaf_and_side(printed: tuple[bytes, PrintReport], page: int) -> None:
    marks = marks_on(picture(printed[0], page - 1))
    assert identify(marks, KEY) == Identity(LEAVES[(page - 1) // 2], 2 - page % 2, 6, certain=True)


def test_the_front_qr_leads_to_this_leaf(printed: tuple[bytes, PrintReport]) -> None:
    [code] = zxingcpp.read_barcodes(picture(printed[0], 2), zxingcpp.BarcodeFormat.QRCode)
    assert code.text.startswith("HTTPS://XJ.EXAMPLE.CN/S/")
    assert parse_front(code.text, KEY) == LEAVES[1]
    place = layout.current().page(1).qr
    assert code.position.top_left.x / DOTS == pytest.approx(place.x_mm, abs=0.5)
    assert code.position.bottom_right.y / DOTS == pytest.approx(place.y_mm + place.size_mm, abs=0.5)


def test_the_back_qr_carries_the_registration_code_and_the_front_does_not(printed: tuple[bytes, PrintReport]) -> None:
    [code] = zxingcpp.read_barcodes(picture(printed[0], 1), zxingcpp.BarcodeFormat.QRCode)
    assert code.text == qr_text_back(RUN.base_url, CODE)
    assert "R7K3-M9QX-D2FW-A5TC" in text(printed[0], 1)
    assert "R7K3" not in text(printed[0], 0)


def test_every_value_is_found_as_text(printed: tuple[bytes, PrintReport]) -> None:
    words = text(printed[0], 0)
    assert [item for item, value in values().items() if value not in words] == []


def test_both_pages_carry_the_leaf_number_and_the_run(printed: tuple[bytes, PrintReport]) -> None:
    for page in range(4):
        words = text(printed[0], page)
        for expected in (leaf_text(LEAVES[page // 2]), "000123", "2027-04-12", "09:30", "王试", "2027年度学籍核查"):
            assert expected in words
    assert "试验市第一小学（2199000001）" in text(printed[0], 0)
    assert "小学六年级2020106班07号" in text(printed[0], 0)


def test_values_stay_inside_their_boxes_and_change_boxes_are_blank(printed: tuple[bytes, PrintReport]) -> None:
    page = picture(printed[0], 0)
    front = layout.current().page(1)
    ticked = {box.item for box in front.boxes if box.kind == "tick"}
    for box in front.boxes:
        if box.kind == "value":
            assert part(page, box).min() < 90, box.item
        elif box.kind == "change" and box.item not in ticked:
            assert part(page, box).min() == 255, box.item
    assert part(page, front.box("parent_signature", "signature")).min() == 255


def test_doubtful_items_carry_a_mark_beside_the_change_box(printed: tuple[bytes, PrintReport]) -> None:
    plain, doubtful = picture(printed[0], 0), picture(printed[0], 2)
    front = layout.current().page(1)
    for item in ("phone", "id_number", "postcode"):
        value = front.box(item, "value")
        end = Box(item, "value", value.right_mm - 3.2, value.y_mm, 3.2, value.h_mm)
        black = (part(doubtful, end) < 60).mean() - (part(plain, end) < 60).mean()
        assert (black > 0.15) == (item != "postcode")


def test_the_printed_file_is_sound_and_asks_for_true_size_and_both_sides(printed: tuple[bytes, PrintReport]) -> None:
    with pikepdf.open(BytesIO(printed[0])) as pdf:
        assert pdf.check_pdf_syntax() == []
        wishes = pdf.Root.ViewerPreferences
        assert (wishes.PrintScaling, wishes.Duplex) == ("/None", "/DuplexFlipLongEdge")


def test_the_same_leaves_print_the_same_bytes(printed: tuple[bytes, PrintReport]) -> None:
    again, _ = print_to_bytes(sheet(LEAVES[0]), sheet(LEAVES[1], doubts=frozenset({"phone", "id_number"})))
    assert again == printed[0]


def test_a_run_that_is_stopped_leaves_whole_leaves_and_says_so() -> None:
    progress: list[int] = []
    pdf, report = print_to_bytes(
        *(sheet(leaf) for leaf in range(8)), on_progress=progress.append, should_stop=lambda: len(progress) == 3
    )
    assert progress == [1, 2, 3]
    assert report.stopped
    assert report.first_pages == [1, 3, 5]
    with pypdfium2.PdfDocument(pdf) as document:
        assert len(document) == 6
    assert identify(marks_on(picture(pdf, 4)), KEY) == Identity(2, 1, 6, certain=True)


def test_leaves_are_taken_one_by_one_and_written_at_once() -> None:
    out = BytesIO()
    seen: list[int] = []

    def coming() -> Iterator[SheetData]:
        for leaf in range(250):
            seen.append(out.tell())
            yield sheet(leaf)

    report = printing.print_sheets(coming(), RUN, out, KEY)
    assert len(report.first_pages) == 250
    assert all(later - earlier > 1000 for earlier, later in zip(seen, seen[1:], strict=False))
    with pypdfium2.PdfDocument(out.getvalue()) as document:
        assert len(document) == 500
        assert leaf_text(249) in document[499].get_textpage().get_text_range()


def test_a_run_without_leaves_is_an_empty_report() -> None:
    _, report = print_to_bytes()
    assert report.first_pages == []


def test_a_form_that_readers_do_not_know_is_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    known = layout.current()
    moved = layout.Layout(known.version, (known.pages[0], layout.by_version(1).pages[0]))
    monkeypatch.setattr(printing.layouts, "current", lambda: moved)
    out = BytesIO()
    with pytest.raises(printing.LayoutDiffers):
        printing.print_sheets([sheet()], RUN, out, KEY)
    assert out.getvalue() == b""
