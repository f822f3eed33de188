"""Cuts a face down to the glyphs that a print run used, with HarfBuzz's subset library."""

import ctypes
import struct
from collections.abc import Iterable
from ctypes import CDLL, POINTER, byref, c_char_p, c_uint, c_void_p
from functools import cache

from portal.paper.fontfile import Face, FontError

_NO_HINTING = 1
_RETAIN_GLYPH_NUMBERS = 2
_DROP_TABLE_TAGS = 3
_LAYOUT_TABLES = (b"GSUB", b"GPOS", b"GDEF", b"BASE", b"VORG", b"DSIG", b"vhea", b"vmtx")

_SIGNATURES: dict[str, tuple[object, tuple[object, ...]]] = {
    "hb_blob_create_from_file": (c_void_p, (c_char_p,)),
    "hb_blob_destroy": (None, (c_void_p,)),
    "hb_blob_get_data": (c_void_p, (c_void_p, POINTER(c_uint))),
    "hb_face_create": (c_void_p, (c_void_p, c_uint)),
    "hb_face_destroy": (None, (c_void_p,)),
    "hb_face_reference_blob": (c_void_p, (c_void_p,)),
    "hb_set_add": (None, (c_void_p, c_uint)),
    "hb_subset_input_create_or_fail": (c_void_p, ()),
    "hb_subset_input_destroy": (None, (c_void_p,)),
    "hb_subset_input_glyph_set": (c_void_p, (c_void_p,)),
    "hb_subset_input_set": (c_void_p, (c_void_p, c_uint)),
    "hb_subset_input_set_flags": (None, (c_void_p, c_uint)),
    "hb_subset_or_fail": (c_void_p, (c_void_p, c_void_p)),
}


@cache
def library() -> ctypes.CDLL:
    """HarfBuzz with its subset part; FontError with the package to install when it is missing."""
    for name in ("libharfbuzz-subset.so.0", "libharfbuzz-subset.0.dylib", "libharfbuzz-subset-0.dll"):
        try:
            subset = CDLL(name)
            whole = CDLL(name.replace("-subset", "", 1))
        except OSError:
            continue
        for function, (result, arguments) in _SIGNATURES.items():
            pointer = getattr(subset if function.startswith("hb_subset") else whole, function)
            pointer.restype, pointer.argtypes = result, arguments
            setattr(subset, function, pointer)
        return subset
    raise FontError("libharfbuzz-subset is missing: apt-get install libharfbuzz-subset0")


def subset(face: Face, glyphs: Iterable[int]) -> bytes:
    """The font program for the PDF with only these glyphs: a bare CFF table, or a TrueType font with its numbers."""
    hb = library()
    blob = hb.hb_blob_create_from_file(str(face.path).encode())
    whole = hb.hb_face_create(blob, face.index)
    plan = hb.hb_subset_input_create_or_fail()
    try:
        wanted = hb.hb_subset_input_glyph_set(plan)
        for glyph in glyphs:
            hb.hb_set_add(wanted, glyph)
        dropped = hb.hb_subset_input_set(plan, _DROP_TABLE_TAGS)
        for tag in _LAYOUT_TABLES:
            hb.hb_set_add(dropped, struct.unpack(">I", tag)[0])
        # A character-keyed CFF keeps its own numbers in the charset; TrueType has nothing but the glyph number.
        hb.hb_subset_input_set_flags(plan, _NO_HINTING | (0 if face.is_compact else _RETAIN_GLYPH_NUMBERS))
        part = hb.hb_subset_or_fail(whole, plan)
        if not part:
            raise FontError(f"{face.path} cannot be cut down for the PDF")
        font = _bytes(hb, part)
        hb.hb_face_destroy(part)
    finally:
        hb.hb_subset_input_destroy(plan)
        hb.hb_face_destroy(whole)
        hb.hb_blob_destroy(blob)
    return _table(font, b"CFF ") if face.is_compact else font


def _bytes(hb: ctypes.CDLL, face: int) -> bytes:
    blob = hb.hb_face_reference_blob(face)
    length = c_uint()
    start = hb.hb_blob_get_data(blob, byref(length))
    data = ctypes.string_at(start, length.value)
    hb.hb_blob_destroy(blob)
    return data


def _table(font: bytes, wanted: bytes) -> bytes:
    for at in range(struct.unpack_from(">H", font, 4)[0]):
        tag, _, offset, length = struct.unpack_from(">4sIII", font, 12 + 16 * at)
        if tag == wanted:
            return font[offset : offset + length]
    raise FontError("the cut font has no outlines")
