"""The way of a family through its screens, for `benchmarks.weight`: one line per screen, checked against the map."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask

from benchmarks import weight_account

PUPILS = 6


@dataclass(frozen=True)
class Family:
    """A family with its printed sheet: the address in the QR of page 1, the code of page 2, the answer to the question
    of a claim, a photo of page 1."""

    link: str
    code: str
    answer: str
    photo: bytes

    def at(self, screen: str) -> str:
        """The address of a screen behind the paper."""
        return f"{self.link}/{screen}"


def prepare(app: Flask) -> Family:
    """A demo of one school with one class printed and handed out."""
    from portal.commands import demo_life, demo_province
    from portal.models import Leaf, Place, db
    from portal.models.schema import upgrade
    from portal.paper.identity import qr_text_front
    from portal.rules.numbers import leaf_of
    from portal.services.lists import classes_of
    from portal.services.photos import paper_key
    from portal.services.print_content import Selection
    from portal.services.print_runs import hand_out_classes
    from portal.services.printed_codes import codes_for
    from portal.services.printing import print_now

    with app.app_context():
        with db.engine.begin() as connection:
            upgrade(connection)
        made = demo_province.build(1, PUPILS)
        registrar, pdf = demo_life.unlock(), io.BytesIO()
        class_ = classes_of(db.session.get_one(Place, made.schools[0].id).id)[-1]
        done = print_now(registrar, Selection(class_ids=(class_.id,)), pdf)
        hand_out_classes(registrar, [class_.id])
        leaf = leaf_of(done.sheets[0][1])
        sheet = db.session.get_one(Leaf, leaf).sheet
        key = qr_text_front("X", leaf, paper_key()).rsplit("/", 1)[1]
        return Family(
            link=f"/s/{key}",
            code=codes_for([sheet])[sheet.id],
            answer=sheet.pupil.record["id_number"][-4:],
            photo=demo_life._written_on(next(demo_life._fronts(pdf)), 0),
        )


def _answer(page: Any, family: Family) -> str:
    """Send the photo; the page asks by itself until it has been read."""
    page.goto(family.at("photo"))
    sent = {"name": "sheet.jpg", "mimeType": "image/jpeg", "buffer": family.photo}
    page.locator("input[type=file]").first.set_input_files(sent)
    page.wait_for_url(re.compile(r"/photo/\w{8}$"))
    page.wait_for_selector("#answer:not([data-ask-again])")
    return str(page.url)


#: endpoint -> how its address is found; in the order of a family, later ones stand on earlier ones
WAYS: dict[str, Callable[[Any, Family], str]] = {
    "parents.genuine": lambda page, family: family.at("genuine"),
    "parents.photo": lambda page, family: family.at("photo"),
    "parents.answer": _answer,
    "parents.code": lambda page, family: "/r",
    "parents.consent_text": lambda page, family: "/consent",
    "parents.forgot": lambda page, family: "/forgot",
    "web.guide": lambda page, family: "/guide/parents",
    "parents.claim": lambda page, family: weight_account.claim(page, family.code),
}

WAYS |= {name: lambda page, family, way=way: way(page, family.answer) for name, way in weight_account.WAYS.items()}


def missing(app: Flask) -> list[str]:
    """Parent screens of `url_map` that the walk does not open; pictures and files are no screens."""
    screens = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("parents.") and "GET" in (rule.methods or ()) and not rule.rule.endswith(".jpg")
    }
    return sorted(screens - set(WAYS) - {"parents.landing"})
