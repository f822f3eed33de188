"""A .csv as rows of texts: its encoding and its separator are found out, never asked."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator

from portal.services.roster_files.refused import QUOTES, UNDECODED, FileRefused

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_SEPARATORS = ",\t;|"
_SAMPLE = 4096
#: the longest text of a cell, as spreadsheets have it
_LONGEST_CELL = 32_767


def rows_of(data: bytes) -> Iterator[tuple[int, list[str]]]:
    """(row from 1, cells) of every row, blank ones too. FileRefused with the line that cannot be read."""
    text, _encoding = decoded(data)
    line = text.count("\n", 0, text.index("\0")) + 1 if "\0" in text else 0
    if line:
        raise FileRefused(UNDECODED, line=str(line))
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator_of(text), strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            yield number, cells
    except csv.Error:
        raise FileRefused(QUOTES, line=str(number + 1)) from None


def decoded(data: bytes) -> tuple[str, str]:
    """(text, encoding): UTF-8 or UTF-16 by their marks or their look, else GB18030. FileRefused with the line."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _strictly(data[len(mark) :], encoding), encoding
    encoding = _without_mark(data)
    return _strictly(data, encoding), encoding


def _without_mark(data: bytes) -> str:
    sample = data[:_SAMPLE]
    if sample.count(0) > len(sample) // 8:
        return "utf-16-le" if sample[1::2].count(0) >= sample[::2].count(0) else "utf-16-be"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        # GB18030 read as UTF-8 breaks off soon, with no Chinese on the way; where Chinese came first, a line is spoiled
        signs = [sign for sign in data[: error.start].decode("utf-8") if sign > "\x7f"]
        chinese = sum("\u4e00" <= sign <= "\u9fff" for sign in signs)
        return "utf-8" if chinese >= 4 and chinese > len(signs) / 2 else "gb18030"
    return "utf-8"


def _strictly(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].decode(encoding, "ignore").count("\n") + 1
        raise FileRefused(UNDECODED, line=str(line)) from None


def separator_of(text: str) -> str:
    """The separator that the first lines use most; a comma when they use none."""
    head = text[:_SAMPLE].splitlines()[:3]
    return max(_SEPARATORS, key=lambda sign: sum(line.count(sign) for line in head))
