"""A change file is found by its number in the school that made it (12, R129, R130)."""

from __future__ import annotations

import pytest

from portal.models import ChangeFile, Place, db
from portal.rules.roles import Role
from portal.services import change_files
from portal.services.refusals import NotFound
from tests.make import Make


def kept(school: Place, number: int) -> ChangeFile:
    file = ChangeFile(school_id=school.id, path=school.path, number=number, address="-")
    db.session.add(file)
    db.session.commit()
    return file


def test_numbers_are_counted_in_each_school_for_itself(make: Make) -> None:
    """R130: the second file of a neighbour is not there for a school that has made one."""
    own, neighbour = make.school(), make.school("2199000002", "试验市第二小学")
    kept(neighbour, 1), kept(neighbour, 2)
    file = kept(own, 1)
    registrar = make.actor(Role.REGISTRAR, own)
    assert change_files.numbered(registrar, 1) is file
    with pytest.raises(NotFound):
        change_files.numbered(registrar, 2)
