"""Files that are no photo we take: each is refused with its own reason, before pixels are decoded (sec-U1 ... U27)."""

import pytest

from portal.paper import photo, reading
from portal.paper.identity import PaperKey
from portal.paper.photo import PhotoRefused
from portal.paper.reasons import WORDS
from tests.paper import pictures

SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
JPEG = pictures.jpeg((1200, 900), quality=90)
PROGRESSIVE = pictures.jpeg((1200, 900), quality=90, progressive=True)
MORE_SCANS = b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" * 200 + b"\xff\xd9"
MANY_SCANS = PROGRESSIVE[: PROGRESSIVE.index(b"\xff\xda") + 14] + MORE_SCANS

REFUSED = {
    "nothing": (b"", "empty"),
    "over 20 MB": (b"\xff\xd8\xff" + b"\0" * 20_000_000, "too_big_file"),
    "text": ("不是照片".encode() * 50, "not_a_photo"),
    "zip": (b"PK\x03\x04" + b"\0" * 400, "not_a_photo"),
    "html": (b"<html><body onload=x></body></html>", "not_a_photo"),
    "svg": (SVG, "svg"),
    "pdf": (b"%PDF-1.7\n1 0 obj", "pdf"),
    "eps": (b"%!PS-Adobe-3.0 EPSF-3.0", "other_format"),
    "gif": (pictures.moving("GIF"), "animated"),
    "apng": (pictures.moving("PNG"), "animated"),
    "moving webp": (pictures.moving("WEBP"), "animated"),
    "tiff": (pictures.coded(pictures.two_halves(), "TIFF"), "other_format"),
    "bmp": (pictures.coded(pictures.two_halves(), "BMP"), "other_format"),
    "ico": (pictures.coded(pictures.two_halves(), "ICO"), "other_format"),
    "jpeg 2000": (pictures.coded(pictures.two_halves(), "JPEG2000"), "other_format"),
    "avif": (pictures.coded(pictures.two_halves(), "AVIF"), "other_format"),
    "png 50000 x 50000": (pictures.png_of_size(50_000, 50_000, 1, 0), "too_big_pixels"),
    "png 13000 x 13000": (pictures.png_of_size(13_000, 13_000), "too_big_pixels"),
    "heic 12000 x 9000": (pictures.heic_of_size(12_000, 9_000), "too_big_pixels"),
    "baseline jpeg of 225 MP": (pictures.jpeg_of_size(15_000, 15_000), "too_big_pixels"),
    "progressive jpeg of 200 MP": (pictures.jpeg_of_size(16_000, 12_500, 0xC2), "too_big_pixels"),
    "1 x 1": (pictures.png((1, 1)), "too_small"),
    "8 x 8": (pictures.jpeg((8, 8)), "too_small"),
    "1 x 30000": (pictures.png((1, 30_000)), "too_small"),
    "a ribbon": (pictures.png((250, 2_500)), "too_small"),
    "jpeg cut at 10 %": (JPEG[: len(JPEG) // 10], "truncated"),
    "jpeg cut in the middle": (JPEG[: len(JPEG) // 2], "truncated"),
    "jpeg cut at 99 %": (JPEG[: len(JPEG) * 99 // 100], "truncated"),
    "png cut": (pictures.png()[:-30], "truncated"),
    "webp cut": (pictures.webp()[:-30], "truncated"),
    "heic cut": (pictures.HEIC[:-30], "truncated"),
    "two bytes of jpeg": (b"\xff\xd8\xff\xe0", "truncated"),
    "jpeg of hundreds of scans": (MANY_SCANS, "broken"),
    "jpeg without a frame": (b"\xff\xd8\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\xff\xd9", "broken"),
    "png without pixels": (pictures.png_of_size(400, 300), "broken"),
    "heic without a size": (pictures.HEIC.replace(b"ispe", b"free"), "broken"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_is_refused_with_its_reason(name: str) -> None:
    data, reason = REFUSED[name]
    with pytest.raises(PhotoRefused) as refused:
        photo.decode(data)
    assert refused.value.reason == reason


@pytest.mark.parametrize("name", REFUSED)
def test_reading_it_says_the_reason_and_never_raises(name: str) -> None:
    data, reason = REFUSED[name]
    seen = reading.read(data, PaperKey(b"a key of sixteen bytes"))
    assert (seen.verdict, seen.reasons, seen.leaf) == ("unknown", (reason,), None)


def test_every_reason_of_a_refusal_has_words() -> None:
    assert {reason for _, reason in REFUSED.values()} <= set(WORDS)


def test_a_size_beyond_the_ceiling_is_refused_before_decoding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photo.cv2, "imdecode", lambda *_: pytest.fail("decoded"))
    with pytest.raises(PhotoRefused):
        photo.decode(REFUSED["png 13000 x 13000"][0])


def test_a_plain_jpeg_is_read_to_the_end_of_its_own_scan() -> None:
    """Only decoders of progressive pictures go through every scan there is (sec-U19)."""
    assert (photo.decode(JPEG[:-2] + MORE_SCANS).pixels == photo.decode(JPEG).pixels).all()
