"""Two first uses of one data key at the same moment end with one key."""

from __future__ import annotations

import threading

from flask import Flask
from sqlalchemy import select

from portal.models import DataKey, db, key_for
from portal.models.data_keys import forget_keys
from tests.make import Make


def test_two_first_uses_at_once_share_one_key(app: Flask, make: Make) -> None:
    place_id = make.school().id
    db.session.commit()
    begin, found = threading.Barrier(2, timeout=20), []

    def use() -> None:
        with app.app_context():
            begin.wait()
            found.append(key_for(place_id))
            db.session.commit()

    users = [threading.Thread(target=use) for _ in range(2)]
    for user in users:
        user.start()
    for user in users:
        user.join(20)
    assert len(found) == 2
    assert found[0] == found[1]
    forget_keys()
    assert key_for(place_id) == found[0]
    assert len(list(db.session.scalars(select(DataKey).where(DataKey.scope.startswith(place_id.hex))))) == 1
