"""After a round was shredded every screen still answers, in words: what is left of it, or that it is gone."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from uuid import UUID

from flask import Flask
from sqlalchemy import select, update
from werkzeug.routing import BuildError

from portal.models import Change, DataKey, Photo, Reading, Round, db
from portal.rules.clock import today
from portal.services import figures, photos, receipt_days, shredding, verifying
from tests.house import gallery_columns, gallery_more, gallery_security, gallery_world
from tests.house.gallery_eye import Eye
from tests.house.gallery_screens import SCREENS, Screen
from tests.make import Make
from tests.pages import Page

GONE = "已经销毁"


class Reader(Eye):
    """The same people and addresses, without a browser."""

    def __init__(self, app: Flask, world: gallery_world.World) -> None:
        self.app, self.world, self.address, self.tokens = app, world, "", {}

    def open(self, screen: Screen) -> Page:
        client = self.client(screen.who)
        page = Page(client.get(self.address_of(screen), follow_redirects=True))
        self.statuses = []
        for src in {str(img["src"]) for img in page.all("img[src]") if "/guide" not in str(img["src"])}:
            with client.get(src) as answer:
                self.statuses.append(answer.status_code)
        return page


def rows_shown() -> list[Screen]:
    return [row for row in SCREENS if not row.is_filled and not row.is_long and "-no-round" not in row.who]


def test_no_screen_fails_over_what_was_shredded(app: Flask, make: Make) -> None:
    world = gallery_world.build(make)
    gallery_more.add(world)
    gallery_security.add(world)
    gallery_columns.add(world)
    app.testing = False  # a failure is answered as in earnest
    reader = Reader(app, world)
    screens = [row for row in rows_shown() if can_open(reader, row)]
    round_id = over()
    done = shredding.shred(db.session.get_one(Round, round_id), unfinished=True)
    assert min(done.keys, done.values, done.files) > 0
    statuses, wrong, pictures = Counter[int](), [], Counter[int]()
    for screen in screens:
        page = reader.open(screen)
        statuses[page.status] += 1
        pictures.update(reader.statuses)
        if page.status >= 500 or (page.status == 410 and GONE not in page.text):
            wrong.append((screen.name, page.status))
    assert wrong == []
    assert statuses[200] > 60
    assert statuses[410] > 3
    assert {status for status in pictures if status >= 500} == set()
    what_is_left(round_id)


def can_open(reader: Reader, screen: Screen) -> bool:
    """Is everything in the world that this screen is of? It is smaller than that of the gallery."""
    try:
        reader.address_of(screen)
    except (KeyError, BuildError):
        return False
    return screen.who in reader.world.people or not screen.who


def over() -> UUID:
    """The round ended yesterday."""
    found = db.session.scalars(select(Round)).first()
    assert found is not None
    db.session.execute(update(Round).where(Round.id == found.id).values(ends=today() - timedelta(days=1)))
    db.session.commit()
    return found.id


def what_is_left(round_id: UUID) -> None:
    """Counts and receipts; no key, no file, no sealed byte."""
    assert figures.recount(round_id) == []
    assert db.session.scalars(select(DataKey).where(DataKey.scope.endswith(f":{round_id.hex}"))).all() == []
    for model, column in ((Reading, Reading.seen_sealed), (Change, Change.values_sealed)):
        left = [value for value in db.session.scalars(select(column).where(model.round_id == round_id)) if value]
        assert left
        assert all(not any(value[6:]) for value in left)
    kept = db.session.scalars(select(Photo).where(Photo.round_id == round_id)).all()
    assert kept
    assert not any(photos.store().exists(photo.address) for photo in kept)
    assert receipt_days.verify(kept[0].school_id, kept[0].round_id)[1] == []
    found = verifying.verify()
    assert (found.faults, found.values, found.closed) == (0, [], [])
    assert found.shredded > 0
