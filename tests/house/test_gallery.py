"""Every screen is in the gallery, for every role that may open it."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Flask

from portal.rules.access import PUBLIC, may
from portal.rules.roles import Actor, Level, Role
from portal.web.guard import action_of
from tests.house.gallery_screens import SCREENS

#: endpoint -> why it is no screen
NO_SCREEN = {
    "web.health": "one word for the load balancer",
    "staff.roster_template": "an xlsx file",
    "parents.check": "leads on to the first group",
    "staff.entry_next": "leads on to a sheet",
    "staff.maintenance_pupil": "leads on to the first group",
}
#: of roles that are not at a school
LEVEL_OF = {Role.TEACHER: Level.CLASS, Role.SECURITY: Level.COUNTY, Role.AUDITOR: Level.COUNTY}
LEVELS = {"province": Level.PROVINCE, "prefecture": Level.PREFECTURE, "county": Level.COUNTY}


def screens_of(app: Flask) -> Iterator[str]:
    """Endpoints that answer a page."""
    for rule in app.url_map.iter_rules():
        picture = rule.rule.endswith((".jpg", ".svg"))
        if "GET" in (rule.methods or ()) and not picture and rule.endpoint not in NO_SCREEN:
            yield rule.endpoint


def role_of(login: str) -> tuple[Role, Level] | None:
    """What a login of the gallery is; None for a family without an account."""
    kind = login.split("-")[0]
    if not kind:
        return None
    if kind in LEVELS:
        return Role.REGISTRAR, LEVELS[kind]
    role = Role(kind.upper())
    return role, LEVEL_OF.get(role, Level.SCHOOL)


ROLES = {found for found in (role_of(row.who) for row in SCREENS) if found}


def actor(role: Role, level: Level) -> Actor:
    fields = dict.fromkeys(Actor.__dataclass_fields__)
    return Actor(**(fields | {"role": role, "level": level}))  # type: ignore[arg-type]


def test_every_screen_is_in_the_gallery(app: Flask) -> None:
    shown = {row.endpoint for row in SCREENS}
    assert sorted(set(screens_of(app)) - shown) == [], "add a line to tests/house/gallery_screens.py"


def test_every_role_that_may_open_a_screen_is_shown_it(app: Flask) -> None:
    shown = {(row.endpoint, role_of(row.who)) for row in SCREENS}
    missing = []
    for endpoint in sorted(set(screens_of(app))):
        action = action_of(app, endpoint)
        assert action is not None
        if action in PUBLIC:
            continue
        missing += [
            f"{endpoint} for {role.value} at {level.value}"
            for role, level in sorted(ROLES)
            if may(actor(role, level), action) and (endpoint, (role, level)) not in shown
        ]
    assert missing == [], "add a line to tests/house/gallery_screens.py"


def test_no_screen_is_excused_that_does_not_exist(app: Flask) -> None:
    assert set(NO_SCREEN) - set(app.view_functions) == set()


def test_pictures_have_names_of_their_own() -> None:
    names = [row.name for row in SCREENS]
    assert sorted(name for name in names if names.count(name) > 1) == []
