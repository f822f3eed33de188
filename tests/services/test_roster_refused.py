"""Files that are not taken, each with its own sentence that says what to do (sec-X13 to X20, X22, X23)."""

from __future__ import annotations

import contextlib
import struct
import zlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.services.roster_files import header, reading, refused, zipped
from portal.services.roster_files.reading import read
from portal.services.roster_files.refused import FileRefused
from tests import roster_files as files

ROWS = files.table(files.records(2))
XLSX, XLS, CSV = files.xlsx(ROWS), files.xls(ROWS), files.text(ROWS)
SHEET = "xl/worksheets/sheet1.xml"


def refusal(name: str, data: bytes) -> FileRefused:
    with pytest.raises(FileRefused) as caught:
        read(name, data)
    return caught.value


def renamed_stream(data: bytes, name: str) -> bytes:
    """An .xls whose stream has another name, as encrypted and Word files have it."""
    old = "Workbook".encode("utf-16-le")
    at = data.index(old + b"\0" * (64 - len(old)))
    new = name.encode("utf-16-le")
    entry = new + b"\0" * (64 - len(new)) + struct.pack("<H", len(new) + 2)
    return data[:at] + entry + data[at + len(entry) :]


def with_part(name: str) -> bytes:
    return files.repacked(XLSX, lambda _name, part: part, {name: b"x"})


@pytest.mark.parametrize(
    ("name", "data", "text", "values"),
    [
        ("a.xlsx", b"", refused.EMPTY, {}),
        ("a.csv", b"x" * (20 * 2**20 + 1), refused.BIG, {}),
        ("a.xlsm", XLSX, refused.MACROS, {}),
        ("a.xlsx", with_part("xl/vbaProject.bin"), refused.MACROS, {}),
        ("a.xlsx", renamed_stream(XLS, "EncryptedPackage"), refused.LOCKED, {}),
        ("a.et", XLS, refused.OTHER_KIND, {"kind": "WPS (.et)"}),
        ("a.xlsx", XLS, refused.RENAMED, {"said": ".xlsx", "kind": ".xls"}),
        ("a.xls", XLSX, refused.RENAMED, {"said": ".xls", "kind": ".xlsx"}),
        ("a.csv", XLSX, refused.RENAMED, {"said": ".csv", "kind": ".xlsx"}),
        ("a.xlsx", CSV, refused.RENAMED, {"said": ".xlsx", "kind": ".csv"}),
        ("a.txt", CSV, refused.UNKNOWN, {}),
        ("a", XLSX, refused.UNKNOWN, {}),
        ("a.xls", renamed_stream(XLS, "WordDocument"), refused.OTHER_KIND, {"kind": "Word (.doc)"}),
        ("a.xls", b"<html><table></table>", refused.OTHER_KIND, {"kind": "HTML/XML"}),
        ("a.xls", b"\xef\xbb\xbf<?xml version='1.0'?><Workbook/>", refused.OTHER_KIND, {"kind": "HTML/XML"}),
        ("a.xlsx", b"%PDF-1.7", refused.OTHER_KIND, {"kind": "PDF"}),
        ("a.xlsx", XLSX[: len(XLSX) // 2], refused.BROKEN, {}),
        ("a.xls", XLS[: len(XLS) // 2], refused.BROKEN, {}),
        ("a.csv", files.text(ROWS, "utf-16") + b"\0", refused.UNDECODED, {"line": "4"}),
        ("a.csv", files.text(ROWS) + b"\xff\xff\n", refused.UNDECODED, {"line": "4"}),
        ("a.csv", files.text(ROWS, "gb18030") + b"\xff\xff\n", refused.UNDECODED, {"line": "4"}),
        ("a.csv", files.text(ROWS, "utf-8").replace(b"CHN", b"C\0N", 1), refused.UNDECODED, {"line": "2"}),
        ("a.csv", files.text(ROWS) + b'"abc', refused.QUOTES, {"line": "4"}),
        ("a.xlsx", files.xlsx([["名单"], ["张", "王"]]), refused.NO_HEADER, {}),
        ("a.csv", b"a,b\n1,2\n", refused.NO_HEADER, {}),
        ("a.xlsx", files.xlsx(ROWS[:1]), refused.NO_PUPILS, {}),
        ("a.xls", files.xls([*ROWS[:1], ["  "]]), refused.NO_PUPILS, {}),
    ],
)
def test_each_wrong_file_has_its_own_answer(name: str, data: bytes, text: str, values: dict[str, str]) -> None:
    found = refusal(name, data)
    assert (found.text, found.values) == (text, values)
    assert found.status == 400


def test_missing_columns_are_named() -> None:
    rows = [
        [cell for n, cell in enumerate(row) if n not in (files.column("name"), files.column("phone"))] for row in ROWS
    ]
    found = refusal("a.xlsx", files.xlsx(rows))
    assert (found.text, found.names) == (refused.MISSING, ["姓名", "联系电话"])
    assert found.values == {"count": "2"}
    assert "姓名、联系电话" in str(found)


def test_optional_columns_may_be_missing() -> None:
    rows = [[cell for n, cell in enumerate(row) if n != files.column("talent")] for row in ROWS]
    assert "talent" not in read("a.xlsx", files.xlsx(rows))[0]["items"]


def test_one_item_in_two_columns_is_refused_with_both_letters() -> None:
    found = refusal("a.xlsx", files.xlsx([[*row, row[5]] for row in ROWS]))
    assert (found.text, found.names) == (refused.TWICE, ["F, BZ 姓名"])


def test_a_formula_in_the_head_is_refused_with_its_address() -> None:
    def spoil(_book: Any, page: Any) -> None:
        page.write_formula(0, files.column("talent"), '="特长"', None, "特长")

    found = refusal("a.xlsx", files.xlsx(ROWS, spoil))
    assert (found.text, found.values) == (refused.HEAD_FORMULA, {"cell": "W1"})


def test_the_limit_of_rows_is_exact() -> None:
    head, line = files.text([[*header.REQUIRED], ["1" for _ in header.REQUIRED]], "utf-8").splitlines(keepends=True)
    assert len(read("a.csv", head + line * 20_000)[1]) == 20_000
    assert refusal("a.csv", head + line * 20_001).text == refused.ROWS


def test_three_million_rows_in_a_small_file_are_refused_early() -> None:
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(1, 30_000))
    data = files.repacked(XLSX, files.in_sheet(r"<sheetData>.*</sheetData>", f"<sheetData>{rows}</sheetData>"))
    assert refusal("a.xlsx", data).text == refused.ROWS
    data = files.repacked(XLSX, files.in_sheet(r"</sheetData>", "<row/>" * 3_000_000 + "</sheetData>"))
    assert refusal("a.xlsx", data).text == refused.FAR


@pytest.mark.parametrize("cell", ["XFD1048576", "A1048576", "XFD4"])
def test_a_cell_far_away_is_refused_with_its_address(cell: str) -> None:
    row = cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    far = f'<row r="{row}"><c r="{cell}"><v>1</v></c></row></sheetData>'
    found = refusal("a.xlsx", files.repacked(XLSX, files.in_sheet("</sheetData>", far)))
    assert (found.text, found.values) == (refused.FAR, {"cell": cell})


def test_a_file_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = files.repacked(XLSX, lambda _name, part: part, {"xl/media/a.bin": bytes(3 * 2**20)})
    assert read("a.xlsx", data)
    monkeypatch.setattr(zipped, "MOST_BYTES", 3 * 2**20)
    assert refusal("a.xlsx", data).text == refused.UNPACKED


def test_a_directory_that_lies_about_sizes_is_refused() -> None:
    data = bytearray(XLSX)
    size = len(data)
    at = data.index(b"PK\x01\x02")
    while data[at : at + 4] == b"PK\x01\x02":
        name_length, extra, comment = struct.unpack_from("<HHH", data, at + 28)
        if data[at + 46 : at + 46 + name_length] == SHEET.encode():
            struct.pack_into("<I", data, at + 24, 100)
            struct.pack_into("<I", data, at + 16, zlib.crc32(b""))
        at += 46 + name_length + extra + comment
    assert len(data) == size
    assert refusal("a.xlsx", bytes(data)).text == refused.UNPACKED


def test_too_many_parts_and_parts_twice_are_refused() -> None:
    many = files.repacked(XLSX, lambda _n, p: p, {f"a{n}": b"" for n in range(2_001)})
    assert refusal("a.xlsx", many).text == refused.UNPACKED
    twice = files.repacked(XLSX, lambda _n, p: p, {"xl/worksheets/sheet2.xml": b"<x/>"})
    assert refusal("a.xlsx", twice.replace(b"xl/worksheets/sheet2.xml", SHEET.encode())).text == refused.BROKEN


@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml", "xl/sharedStrings.xml"])
def test_entities_and_document_types_are_refused(part: str) -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b SYSTEM "file:///etc/passwd">]>'

    def change(name: str, content: bytes) -> bytes:
        return content.replace(b"?>", b"?>" + bomb, 1) if name == part else content

    assert refusal("a.xlsx", files.repacked(XLSX, change)).text == refused.BROKEN


def test_a_locked_old_workbook_is_refused() -> None:
    at = XLS.index(struct.pack("<HHH", 0x0042, 2, 0x04B0))
    assert refusal("a.xls", XLS[:at] + struct.pack("<H", 0x002F) + XLS[at + 2 :]).text == refused.LOCKED


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([XLSX, XLS, CSV]), st.data())
def test_damaged_files_are_read_or_refused_and_nothing_else(good: bytes, data: st.DataObject) -> None:
    name = {XLSX: "a.xlsx", XLS: "a.xls", CSV: "a.csv"}[good]
    damaged = bytearray(good)
    for _ in range(data.draw(st.integers(1, 8))):
        damaged[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(FileRefused):
        read(name, bytes(damaged[: data.draw(st.integers(1, len(good)))]))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=600), st.sampled_from(["a.xlsx", "a.xls", "a.csv"]))
def test_any_bytes_are_read_or_refused_and_nothing_else(data: bytes, name: str) -> None:
    with contextlib.suppress(FileRefused):
        read(name, data)


def test_panic_of_the_reader_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A panic of the workbook reader is no `Exception`; it must end in words, not in a dead child."""

    class PanicException(BaseException):
        pass

    class Panicking:
        @staticmethod
        def from_filelike(_file: object) -> None:
            raise PanicException("range start index 116 out of range")

    monkeypatch.setattr(reading, "CalamineWorkbook", Panicking)
    with pytest.raises(FileRefused):
        read("roster.xls", files.xls(files.table(files.records(1))))
