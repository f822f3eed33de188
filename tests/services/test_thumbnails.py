"""Small copies carry pixels and nothing else."""

from __future__ import annotations

import io

from PIL import Image

from portal.services.thumbnails import small


def picture(size: tuple[int, int], **options: object) -> bytes:
    out = io.BytesIO()
    Image.effect_noise(size, 60).convert("RGB").save(out, "JPEG", quality=90, **options)
    return out.getvalue()


def test_a_page_becomes_small_and_keeps_its_shape() -> None:
    whole = picture((1190, 1684))
    copy = small(whole, 200)
    assert Image.open(io.BytesIO(copy)).size == (200, 283)
    assert len(copy) < len(whole) / 20


def test_what_is_small_already_is_not_blown_up() -> None:
    assert Image.open(io.BytesIO(small(picture((90, 24)), 260))).size == (90, 24)


def test_comments_and_places_do_not_come_along() -> None:
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    assert b"taken at home" not in small(picture((300, 300), exif=exif.tobytes(), comment=b"taken at home"), 200)
