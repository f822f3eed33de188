"""The school of `benchmarks.upload`: printed by the product, its sheets photographed by the workshop of the tests."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import pypdfium2
from flask import Flask
from sqlalchemy import func, select

from tests.paper import workshop
from tests.paper.workshop import Told

#: the long side of what `photo.js` and chat programs send
SIZE = (2000, 1500)
DPI = 220
FIRST_SEED = 2_000_000


@dataclass(frozen=True)
class Sheet:
    """A paper at home: the symbols behind its QR, and a photo of it."""

    link: str
    photo: bytes

    def picture(self, nth: int) -> bytes:
        """The photo as another file each time: a JPEG with a comment of its own."""
        words = f"photo {nth}".encode()
        return self.photo[:2] + b"\xff\xfe" + (len(words) + 2).to_bytes(2, "big") + words + self.photo[2:]


@dataclass(frozen=True)
class Kept:
    """What has become of the photos that were acknowledged."""

    lost: int
    outcomes: dict[str, int]


def build(app: Flask, count: int, folder: Path) -> list[Sheet]:
    """A school of so many pupils whose sheets are printed, handed out and photographed."""
    from portal.commands import demo_life, demo_province
    from portal.models import Place, db
    from portal.models.schema import migrating, upgrade
    from portal.services.lists import classes_of
    from portal.services.print_content import Selection
    from portal.services.print_runs import hand_out_classes
    from portal.services.printing import print_now

    pdf = BytesIO()
    with app.app_context():
        with migrating(db.engine) as connection:
            upgrade(connection)
        school = db.session.get_one(Place, demo_province.build(1, count).schools[0].id)
        registrar = demo_life.unlock()
        done = print_now(registrar, Selection(), pdf)
        hand_out_classes(registrar, [place.id for place in classes_of(school.id)])
        links = [_link(text) for _number, text, _page in done.sheets]
        for engine in db.engines.values():
            engine.dispose()
    jobs = [(str(folder), nth) for nth, _page in enumerate(_fronts(pdf, folder))]
    with multiprocessing.get_context("spawn").Pool(os.cpu_count()) as pool:
        photos = pool.starmap(photographed, jobs)
    return [Sheet(link, photo) for link, photo in zip(links, photos, strict=True)]


def _link(text: str) -> str:
    """The symbols behind the QR of page 1."""
    from portal.paper.identity import leaf_symbols, leaf_token
    from portal.rules.numbers import leaf_of
    from portal.services.photos import paper_key

    leaf = leaf_of(text)
    return leaf_symbols(leaf) + leaf_token(leaf, paper_key())


def _fronts(pdf: BytesIO, folder: Path) -> Iterator[Path]:
    document = pypdfium2.PdfDocument(pdf.getvalue())
    for number in range(0, len(document), 2):
        path = folder / f"{number // 2}.png"
        pixels = document[number].render(scale=DPI / 72).to_numpy()[:, :, :3]
        cv2.imwrite(str(path), pixels, [cv2.IMWRITE_PNG_COMPRESSION, 1])
        yield path
    document.close()


def photographed(folder: str, nth: int) -> bytes:
    """A signed sheet with the writing of some family, on a table, from a phone."""
    cv2.setNumThreads(1)
    page = cv2.imread(str(Path(folder) / f"{nth}.png"))
    assert page is not None
    seed = FIRST_SEED + nth
    rng = np.random.default_rng([seed, 1])
    writing = workshop.plan_writing(workshop.form(), rng)
    written = workshop.write_on(page, seed, writing, signed=True)
    data, _truth = workshop.take(
        written, workshop.draw("typical", rng, SIZE), seed, Told(None, 1, writing, True, "typical")
    )
    return data


def counts(app: Flask) -> tuple[int, int]:
    """Photos that are stored, and those of them that are still to be read."""
    from portal.models import Photo, db, set_writing

    with app.app_context():
        set_writing(False)
        waiting = func.count().filter(Photo.outcome == "waiting")
        stored, left = db.session.execute(select(func.count(), waiting).select_from(Photo)).one()
        return stored, left


def check(app: Flask, acknowledged: dict[str, str]) -> Kept:
    """Look every receipt up: its row, its file, the SHA-256 of what was sent, its reading."""
    from portal.models import Photo, db, set_writing
    from portal.services.photos import content_of

    lost, outcomes = 0, Counter[str]()
    with app.app_context():
        set_writing(False)
        for receipt, digest in acknowledged.items():
            photo = db.session.scalar(select(Photo).where(Photo.receipt == receipt))
            if photo is None or photo.reading is None:
                lost += 1
                continue
            data = content_of(photo.address, photo.school_id, photo.round_id)
            lost += hashlib.sha256(data).hexdigest() != digest
            outcomes[photo.outcome] += 1
    return Kept(lost, dict(outcomes))
