"""Every kind of photo a phone makes comes out upright, in colour and of bounded size, without its metadata."""

import struct
import zlib

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from portal.paper import photo
from portal.paper.photo import PhotoRefused
from tests.paper import pictures

RED, BLUE = (30, 30, 200), (200, 30, 30)
JUNK_EXIF = b"Exif\0\0" + b"II*\0\x08\0\0\0" + b"\xff" * 3000
BOMB = pictures.chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"\0" * 3_000_000))


def _16_bit() -> bytes:
    wide = np.asarray(pictures.two_halves())[:, :, ::-1].astype(np.uint16) * 257
    return cv2.imencode(".png", wide)[1].tobytes()


TAKEN = {
    "jpeg": pictures.jpeg(),
    "progressive": pictures.jpeg(progressive=True),
    "cmyk": pictures.coded(pictures.two_halves(mode="CMYK"), "JPEG", quality=95),
    "png": pictures.png(),
    "16 bits": _16_bit(),
    "palette": pictures.png(mode="P"),
    "alpha": pictures.png(mode="RGBA"),
    "webp": pictures.webp(),
    "lossless webp": pictures.webp(lossless=True),
    "heic": pictures.HEIC,
    "jpeg with a zip behind": pictures.jpeg() + b"PK\x03\x04<script>alert(1)</script>",
    "junk exif": pictures.jpeg(exif=JUNK_EXIF),
    "text bomb in png": pictures.png_with(BOMB),
}


def _near(pixel: np.ndarray, colour: tuple[int, int, int]) -> bool:
    return bool(np.abs(pixel.astype(int) - colour).max() < 45)


@pytest.mark.parametrize("name", TAKEN)
def test_is_taken_in_colour(name: str) -> None:
    taken = photo.decode(TAKEN[name])
    assert (taken.width, taken.height) == (320, 240)
    assert taken.pixels.shape == (240, 320, 3)
    assert taken.pixels.dtype == np.uint8
    assert _near(taken.pixels[20, 160], RED)
    assert _near(taken.pixels[220, 160], BLUE)


def test_grey_is_taken() -> None:
    assert photo.decode(pictures.coded(pictures.two_halves(mode="L"), "JPEG")).pixels.shape == (240, 320, 3)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_is_turned_upright(orientation: int) -> None:
    taken = photo.decode(pictures.turned(orientation))
    assert (taken.width, taken.height) == (320, 240)
    assert _near(taken.pixels[20, 160], RED)


@pytest.mark.parametrize("orientation", [0, 9, 65_535])
def test_a_wrong_orientation_counts_as_upright(orientation: int) -> None:
    exif = b"Exif\0\0MM\0*" + struct.pack(">IHHHIHHI", 8, 1, 0x0112, 3, 1, orientation, 0, 0)
    assert photo.decode(pictures.jpeg(exif=exif)).pixels.shape == (240, 320, 3)


def test_a_large_jpeg_is_decoded_at_the_size_needed() -> None:
    taken = photo.decode(pictures.jpeg((8000, 6000), quality=40))
    assert (taken.width, taken.height) == (8000, 6000)
    assert taken.pixels.shape == (1500, 2000, 3)
    assert taken.scale == 0.25


def test_other_formats_are_shrunk_to_the_same_bounds() -> None:
    taken = photo.decode(pictures.png((4000, 3000)))
    assert max(taken.pixels.shape) == photo.WORK_SIZE
    assert taken.scale == pytest.approx(photo.WORK_SIZE / 4000)


def test_two_hundred_megapixels_are_taken() -> None:
    large = pictures.coded(Image.new("L", (16_300, 12_200), 128), "JPEG", quality=30)
    assert max(photo.decode(large).pixels.shape) <= photo.WORK_MOST


POSSIBLE = {"taken", "not_a_photo", "truncated", "broken", "too_big_pixels", "too_small", "animated", "other_format"}
GOOD = {"jpeg": pictures.jpeg(), "png": pictures.png(), "webp": pictures.webp(), "heic": pictures.HEIC}


@pytest.mark.parametrize("name", GOOD)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_no_damage_raises_anything_but_a_refusal(name: str, data: st.DataObject) -> None:
    broken = bytearray(GOOD[name])
    for _ in range(data.draw(st.integers(1, 6))):
        broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(broken)))
    assert _outcome(bytes(broken[:cut] if cut > 200 else broken)) in POSSIBLE


def _outcome(data: bytes) -> str:
    try:
        taken = photo.decode(data)
    except PhotoRefused as refused:
        return refused.reason
    return "taken" if max(taken.pixels.shape[:2]) <= photo.WORK_MOST else "too large"


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_raise_anything_but_a_refusal(data: bytes) -> None:
    with pytest.raises(PhotoRefused):
        photo.decode(data)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from([b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBP", b"\0\0\0\x18ftypheic"]),
    st.binary(max_size=200),
)
def test_no_bytes_behind_a_good_start_raise_anything_but_a_refusal(start: bytes, rest: bytes) -> None:
    with pytest.raises(PhotoRefused):
        photo.decode(start + rest)
