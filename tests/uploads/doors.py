"""The doors that take pictures from people, each opened by one who may use it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

from flask import Flask
from flask_babel import force_locale, gettext
from sqlalchemy import func, select

from portal.models import Evidence, Photo, Sheet, db
from portal.paper.reasons import sentence
from portal.rules.applications import ApplicationKind
from portal.rules.evidence_formats import content_of
from portal.rules.problem_words import PROBLEMS
from portal.rules.roles import Role
from portal.rules.workflow import SheetState
from portal.services import applications, evidence
from tests.make import PASSWORD, Make
from tests.pages import Browser, Page
from tests.parents.test_check import Family
from tests.photographs import leaf_of, link_of

_BOUNDARY = "----a-boundary"


def body_of(data: bytes, name: bytes = b"photo.jpg", mime: bytes = b"image/jpeg", **fields: str) -> bytes:
    """A form as a browser sends it, with any file name."""
    head = b"".join(
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'.encode()
        for field, value in fields.items()
    )
    head += f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="photo"; filename="'.encode() + name
    return head + b'"\r\nContent-Type: ' + mime + b"\r\n\r\n" + data + f"\r\n--{_BOUNDARY}--\r\n".encode()


class Door(ABC):
    """A browser in front of a form that sends a picture."""

    language = "zh_CN"
    fields: dict[str, str] = {}

    def __init__(self, app: Flask, make: Make) -> None:
        self.app = app
        self.browser = Browser(app)
        self.address = self._open(make)

    @abstractmethod
    def _open(self, make: Make) -> str:
        """Make what the form needs, sign in, and give the address that takes the picture."""

    def send(self, data: bytes, status: int = 303, **options: Any) -> Page:
        """Send one file; `name` and `mime` as in `body_of`."""
        return self.send_body(body_of(data, **self.fields, **options), status)

    def send_body(self, body: bytes, status: int, **options: Any) -> Page:
        kind = f"multipart/form-data; boundary={_BOUNDARY}"
        return self.browser.post(self.address, body, status, content_type=kind, **options)  # type: ignore[arg-type]

    def refusal(self, reason: str, _data: bytes) -> str:
        """What is said (message id) of a file that is refused for a reason."""
        return sentence(reason)

    def words(self, text: str) -> str:
        """A message in this browser's language."""
        with self.app.test_request_context(), force_locale(self.language):
            return gettext(text)

    def is_empty(self) -> bool:
        """Neither a row nor a file has been kept."""
        db.session.rollback()
        rows = sum(db.session.scalar(select(func.count()).select_from(table)) or 0 for table in (Photo, Evidence))
        root = Path(self.app.extensions["portal.settings"].storage.removeprefix("file://"))
        return rows == 0 and not any(path.is_file() for path in root.rglob("*"))


class FamilyDoor(Door):
    """Whoever holds the paper, in English."""

    language = "en"

    def _open(self, make: Make) -> str:
        self.browser.english()
        self.sheet: Sheet = make.sheet(SheetState.ISSUED, make.pupil(name="林小试"))
        return f"/s/{link_of(leaf_of(self.sheet))}/photo"


class PileDoor(Door):
    """A class teacher with a pile, without scripts."""

    def _open(self, make: Make) -> str:
        make.round()
        self.browser.sign_in(make.user(Role.TEACHER, make.class_()).login, PASSWORD)
        opened = self.browser.post("/class/pile", status=204, part=True)
        return f"{opened.location}/photos"


class DocumentDoor(Door):
    """A guardian whose change needs a document."""

    fields = {"kind": "HUKOU_SCAN"}

    def refusal(self, reason: str, _data: bytes) -> str:
        return evidence._words(reason)

    def _open(self, make: Make) -> str:
        family = Family(self.browser, make, make.sheet(SheetState.ISSUED))
        family.post("check/basic", {"name.version": "0", "name.value": "林小验", "do": "save:name"})
        return f"{family.home}/documents/name"


class ApplicationDoor(Door):
    """A registrar with the draft of an application, where photos and other files are taken."""

    fields = {"do": "file", "kind": "HUKOU_SCAN", "about": "", "version": "1"}

    def _open(self, make: Make) -> str:
        registrar = make.actor(Role.REGISTRAR, make.school())
        self.browser.sign_in(make.user(Role.REGISTRAR, make.school()).login, PASSWORD)
        made = applications.make(registrar, make.pupil().id, ApplicationKind.CHANGE, {"name": "林小拭"})
        return f"/staff/applications/{made.id}"

    def refusal(self, reason: str, data: bytes) -> str:
        """What only has the name of a photo is told by its content; what is a broken photo as everywhere."""
        if content_of(data) in {"JPG", "PNG", "HEIC", "WEBP"}:
            return evidence._words(reason)
        return PROBLEMS["R84" if data else "R82.empty"][1]


DOORS: dict[str, type[Door]] = {
    "family": FamilyDoor,
    "pile": PileDoor,
    "document": DocumentDoor,
    "application": ApplicationDoor,
}
