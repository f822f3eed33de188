"""Files of an application: what is taken, how it is kept, who sees it (H2, K17, R81-R84, X8; sec-A28)."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pypdfium2
import pytest
from PIL import Image

from portal.models import Application, Evidence, db
from portal.paper import reading
from portal.rules.applications import ApplicationKind, ApplicationState
from portal.rules.place_settings import EVIDENCE_FORMATS
from portal.rules.roles import Actor, Role
from portal.services import application_evidence, applications, photos, place_settings, readings
from portal.services.refusals import NotFound, Refusal, TooLate
from tests.make import Make
from tests.photographs import jpeg

DOC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500 + "WordDocument".encode("utf-16-le") + b"\0" * 500
RAR = b"Rar!\x1a\x07\x01\x00" + b"\0" * 100


class Inside:
    """Stands in for the child process: does its work here."""

    def call(self, data: bytes, arguments: dict[str, Any], timeout: float, wait: float) -> tuple[dict, list[bytes]]:
        return reading.entry(data, arguments)


@pytest.fixture(autouse=True)
def child(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readings, "readers", Inside)


@pytest.fixture
def registrar(make: Make) -> Actor:
    return make.actor(Role.REGISTRAR, make.school())


@pytest.fixture
def found(make: Make, registrar: Actor) -> Application:
    return applications.make(registrar, make.pupil().id, ApplicationKind.CHANGE, {"name": "林拭"})


def docx(*more: tuple[str, bytes], types: bytes = b"<Types/>") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in (("[Content_Types].xml", types), ("word/document.xml", b"<w/>"), *more):
            package.writestr(name, data)
    return out.getvalue()


def pdf(pages: int = 2) -> bytes:
    document, out = pypdfium2.PdfDocument.new(), io.BytesIO()
    for _ in range(pages):
        document.new_page(200, 300)
    document.save(out)
    return out.getvalue()


def png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (600, 400), "white").save(out, "PNG")
    return out.getvalue()


def send(actor: Actor, found: Application, name: str, data: bytes, item: str = "name") -> Evidence:
    sent = application_evidence.send(actor, found.id, item, "HUKOU_SCAN", name, data)
    return db.session.get_one(Evidence, sent)


GOOD = {
    "a.jpg": (jpeg(), "JPG"),
    "a.PNG": (png(), "JPG"),
    "a.pdf": (pdf(), "PDF"),
    "a.doc": (DOC, "DOC"),
    "a.docx": (docx(), "DOCX"),
    "a.rar": (RAR, "RAR"),
}


@pytest.mark.parametrize("name", GOOD)
def test_each_kind_that_is_taken_is_kept_and_named(registrar: Actor, found: Application, name: str) -> None:
    data, format_ = GOOD[name]
    row = send(registrar, found, name, data)
    assert (row.format, row.name, row.application_id, row.path) == (format_, name, found.id, found.path)
    kept = photos.content_of(row.address, row.school_id, row.round_id)
    assert (kept == data) is (format_ != "JPG")


BAD = {
    "a program renamed": ("photo.jpg", b"MZ\x90\0" * 200, "对不上"),
    "a zip renamed": ("pack.rar", docx(), "对不上"),
    "half an archive": ("pack.rar", b"Rar!" + b"\0" * 50, "对不上"),
    "a table renamed": ("a.doc", DOC[:400], "对不上"),
    "a zip that is no letter": ("a.docx", docx()[:60], "打不开"),
    "macros of Word": ("a.docx", docx(("word/vbaProject.bin", b"x")), "宏"),
    "macros by type": ("a.docx", docx(types=b"application/vnd.ms-word.document.macroEnabled.main+xml"), "宏"),
    "something embedded": ("a.docx", docx(("word/embeddings/oleObject1.bin", b"x")), "宏"),
    "old macros": ("a.doc", DOC + "_VBA_PROJECT".encode("utf-16-le") + b"\0\0", "宏"),
    "outwards": ("a.docx", docx(("../../etc/passwd", b"x")), "打不开"),
    "a bomb": ("a.docx", docx(("word/a.xml", b"\0" * 61_000_000)), "打不开"),
    "half a pdf": ("a.pdf", b"%PDF-1.7\n" + b"x" * 100, "打不开"),
    "a pdf of nothing": ("a.pdf", b"%PDF-1.7\n" + b"x" * 100 + b"%%EOF", "打不开"),
    "a long pdf": ("a.pdf", pdf(21), "20 页"),
    "too large": ("a.rar", RAR + b"\0" * 2_097_152, "2 MB"),
    "empty": ("a.jpg", b"", "空"),
    "half a photo": ("a.jpg", jpeg()[:300], "完整"),
    "a page": ("a.html", b"<html>", "材料收"),
}


@pytest.mark.parametrize("why", BAD)
def test_what_is_not_taken_is_said_and_not_kept(registrar: Actor, found: Application, why: str) -> None:
    name, data, words = BAD[why]
    with pytest.raises(Refusal, match=words):
        send(registrar, found, name, data)
    db.session.rollback()
    assert application_evidence.files_of(found) == []


def test_the_registrys_own_rule_takes_three_kinds_of_two_megabytes(
    make: Make, registrar: Actor, found: Application
) -> None:
    """K17, R81, R82: with `evidence_formats` = registry."""
    place_settings.save(make.actor(Role.REGISTRAR, make.county()), {EVIDENCE_FORMATS: "registry"})
    for name in ("a.PNG", "a.pdf", "a.docx"):
        with pytest.raises(Refusal, match="只收"):
            send(registrar, found, name, GOOD[name][0])
        db.session.rollback()
    for name in ("a.jpg", "a.doc", "a.rar"):
        assert send(registrar, found, name, GOOD[name][0]).size <= 2_097_152
    with pytest.raises(Refusal, match="2 MB"):
        send(registrar, found, "b.jpg", jpeg() + b"\0" * 2_097_152)


def test_several_files_each_checked_on_its_own(registrar: Actor, found: Application) -> None:
    """R83"""
    for n in range(4):
        send(registrar, found, f"{n}.rar", RAR + bytes([n]) * 1_990_000)
    with pytest.raises(Refusal):
        send(registrar, found, "5.rar", b"no archive")
    db.session.rollback()
    assert [file.name for file in application_evidence.files_of(found)] == ["0.rar", "1.rar", "2.rar", "3.rar"]


def test_the_same_file_again_is_there_once_and_may_change_its_kind(registrar: Actor, found: Application) -> None:
    send(registrar, found, "a.rar", RAR)
    application_evidence.send(registrar, found.id, "name", "ID_CARD_SCAN", "b.rar", RAR)
    assert [(one.name, one.kind) for one in application_evidence.files_of(found)] == [("a.rar", "ID_CARD_SCAN")]


def test_there_is_an_end(registrar: Actor, found: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(application_evidence, "MOST_FILES", 1)
    send(registrar, found, "a.rar", RAR)
    with pytest.raises(Refusal, match="最多"):
        send(registrar, found, "b.rar", RAR + b"1")


def test_pictures_and_pages_are_pictures_and_the_rest_are_downloads(registrar: Actor, found: Application) -> None:
    photo, paper = send(registrar, found, "a.jpg", jpeg()), send(registrar, found, "a.pdf", pdf(2))
    content = docx()
    letter = send(registrar, found, "a.docx", content)
    for row, page in ((photo, 1), (paper, 1), (paper, 2)):
        for large in (True, False):
            assert application_evidence.picture(registrar, row.id, page, large)[:3] == b"\xff\xd8\xff"
        with pytest.raises(NotFound):
            application_evidence.download(registrar, row.id)
        db.session.rollback()
    assert [application_evidence.file(registrar, row.id)[2] for row in (photo, paper, letter)] == [1, 2, 0]
    for row, page in ((photo, 2), (paper, 3), (paper, 0), (letter, 1)):
        with pytest.raises(NotFound):
            application_evidence.picture(registrar, row.id, page, True)
    assert application_evidence.download(registrar, letter.id) == ("a.docx", content)


def test_only_a_draft_takes_and_loses_files(make: Make, registrar: Actor, found: Application) -> None:
    row = send(registrar, found, "a.rar", RAR)
    applications.send(registrar, found.id, found.version)
    for wrong in (
        lambda: send(registrar, found, "b.rar", RAR + b"1"),
        lambda: application_evidence.remove(registrar, found.id, row.id),
    ):
        with pytest.raises(TooLate, match="拿回来"):
            wrong()
        db.session.rollback()
    applications.take_back(registrar, found.id, found.version)
    application_evidence.remove(registrar, found.id, row.id)
    assert application_evidence.files_of(found) == []
    with pytest.raises(NotFound):
        application_evidence.download(registrar, row.id)


def test_who_sees_a_file(make: Make, registrar: Actor, found: Application) -> None:
    """The school always, its authorities once it has left the school, nobody else."""
    row = send(registrar, found, "a.jpg", jpeg())
    county = make.actor(Role.REGISTRAR, make.county())
    school = [make.actor(role, make.school()) for role in (Role.LEADER, Role.OPERATOR)]
    strangers = [
        make.actor(Role.TEACHER, make.class_()),
        make.actor(Role.REGISTRAR, make.school("2199000002", "试验市第二小学")),
        make.actor(Role.REGISTRAR, make.county("990102", "试验二区教育局")),
    ]
    for actor in (registrar, *school):
        assert application_evidence.picture(actor, row.id, 1, False)
    for actor in (county, *strangers):
        with pytest.raises(NotFound):
            application_evidence.picture(actor, row.id, 1, False)
    found.state = ApplicationState.WITH_AUTHORITY
    db.session.commit()
    assert application_evidence.picture(county, row.id, 1, False)
    for actor in strangers:
        with pytest.raises(NotFound):
            application_evidence.picture(actor, row.id, 1, False)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("户口簿.jpg", "户口簿.jpg"),
        ("../../etc/passwd.jpg", "passwd.jpg"),
        ("C:\\windows\\x.jpg", "x.jpg"),
        ("gpj.\u202eexe.jpg", "gpj.exe.jpg"),
        ("a\0b\n.jpg", "ab.jpg"),
        ("x" * 300 + ".jpg", "x" * 76 + ".jpg"),
        ('<img src="x">.jpg', "img src= x  .jpg"),
    ],
)
def test_names_are_tidied(sent: str, kept: str) -> None:
    assert application_evidence.tidy_name(sent) == kept
