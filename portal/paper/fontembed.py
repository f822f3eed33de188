"""Writes the used part of each face into the PDF, with widths and the way back to text for searching and copying."""

from portal.paper.fontfile import Face
from portal.paper.fonts import Fonts
from portal.paper.pdffile import PdfFile

_SYMBOLIC = 4
_PER_BLOCK = 100


def embed(file: PdfFile, fonts: Fonts) -> list[int]:
    """The object numbers of the fonts /F0, /F1 ... of `fonts`, as composite fonts with Identity-H."""
    numbers = []
    for place, face in enumerate(fonts.faces):
        used = dict(sorted(fonts.used[place].items())) or {face.glyph(" "): " "}
        fonts.used[place] = used
        numbers.append(_font(file, face, used, fonts.program(place), f"SHEET{chr(65 + place)}+{_name(face)}"))
    return numbers


def _font(file: PdfFile, face: Face, used: dict[int, str], program: bytes, name: str) -> int:
    font, descendant, descriptor, data, unicode_map = (file.reserve() for _ in range(5))
    left, bottom, right, top = face.bounds
    key, entries, kind = (
        ("FontFile3", b"/Subtype/CIDFontType0C", "CIDFontType0")
        if face.is_compact
        else ("FontFile2", b"/Length1 %d" % len(program), "CIDFontType2")
    )
    file.stream(data, program, entries)
    file.write(
        descriptor,
        f"<</Type/FontDescriptor/FontName/{name}/Flags {_SYMBOLIC}/FontBBox[{left} {bottom} {right} {top}]"
        f"/ItalicAngle 0/Ascent 880/Descent -120/CapHeight 733/StemV 80/{key} {data} 0 R>>".encode(),
    )
    widths = "".join(f"{glyph}[{face.width(glyph)}]" for glyph in used if face.width(glyph) != 1000)
    same = "/CIDToGIDMap/Identity" if kind == "CIDFontType2" else ""
    file.write(
        descendant,
        f"<</Type/Font/Subtype/{kind}/BaseFont/{name}/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>"
        f"/FontDescriptor {descriptor} 0 R/DW 1000/W[{widths}]{same}>>".encode(),
    )
    file.stream(unicode_map, _unicode_map(used))
    file.write(
        font,
        f"<</Type/Font/Subtype/Type0/BaseFont/{name}/Encoding/Identity-H/DescendantFonts[{descendant} 0 R]"
        f"/ToUnicode {unicode_map} 0 R>>".encode(),
    )
    return font


def _unicode_map(used: dict[int, str]) -> bytes:
    pairs = [f"<{glyph:04X}><{text.encode('utf-16-be').hex()}>" for glyph, text in used.items()]
    blocks = [
        f"{len(block)} beginbfchar\n{chr(10).join(block)}\nendbfchar"
        for block in (pairs[start : start + _PER_BLOCK] for start in range(0, len(pairs), _PER_BLOCK))
    ]
    return "\n".join(
        [
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
            "/CIDSystemInfo<</Registry(Adobe)/Ordering(UCS)/Supplement 0>>def",
            "/CMapName/Adobe-Identity-UCS def/CMapType 2 def",
            "1 begincodespacerange<0000><FFFF>endcodespacerange",
            *blocks,
            "endcmap CMapName currentdict/CMap defineresource pop end end",
        ]
    ).encode()


def _name(face: Face) -> str:
    return "".join(sign for sign in face.family if sign.isascii() and sign.isalnum()) or "Font"
