"""Who watches a place reads of its people what they are and do there, not elsewhere (sec-A18, R129, R130)."""

from __future__ import annotations

from portal.models import Place, User, db
from portal.rules.roles import Actor, Role
from portal.services import security_watch
from portal.services.history import record
from tests.make import Make


def guessed_at(user: User, at: Place) -> None:
    """Codes of the second step are guessed at; it is written down at the place where the account is at home."""
    record(None, user, "SECOND_WRONG", at.id, path=at.path, n=3)
    db.session.commit()


def row_of(actor: Actor, user: User) -> security_watch.Watched:
    (row,) = (row for row in security_watch.watch(actor, "all")[1] if row.facts.user_id == user.id)
    return row


def test_posts_and_guesses_of_another_school_are_not_shown(make: Make) -> None:
    """A registrar of two schools: the other's post and what was told to the other are that school's matter."""
    school, neighbour = make.school(), make.school("2199000002", "试验市第二小学")
    officer, user = make.actor(Role.SECURITY, school), make.user(Role.REGISTRAR, school)
    make.post(user, Role.LEADER, neighbour)
    guessed_at(user, neighbour)
    row = row_of(officer, user)
    assert row.posts == ((Role.REGISTRAR, school.name),)
    assert not row.facts.guessed
    guessed_at(user, school)
    assert row_of(officer, user).facts.guessed
