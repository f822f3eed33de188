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
from portal.rules.clock import now
from portal.rules.place_settings import EVIDENCE_FORMATS
from portal.rules.roles import Actor, Role
from portal.services import (
    application_documents,
    application_evidence,
    applications,
    decision_slips,
    evidence,
    photos,
    place_settings,
    readings,
)
from portal.services.refusals import NotFound, Refusal, TooLate
from tests.make import Make
from tests.photographs import jpeg

DOC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500 + "WordDocument".encode("utf-16-le") + b"\0" * 500
RAR = b"Rar!\x1a\x07\x01\x00" + b"\0" * 100
RELATION = b'<Relationship Type="http://schemas.example/%s" Target="%s" TargetMode="External"/>'


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
    "a template from elsewhere": (
        "a.docx",
        docx(("word/_rels/settings.xml.rels", RELATION % (b"attachedTemplate", b"http://a.example/t.dotm"))),
        "宏",
    ),
    "the same, two bytes a character": (
        "a.docx",
        docx(("word/_rels/x.rels", (RELATION % (b"oleObject", b"http://a.example/t")).decode().encode("utf-16"))),
        "宏",
    ),
    "the same, written in numbers": (
        "a.docx",
        docx(("word/_rels/x.rels", (RELATION % (b"frame", b"x")).replace(b"External", b"Ext&#101;rnal"))),
        "宏",
    ),
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


def test_taking_away_what_was_sent_gives_no_room_without_end(
    registrar: Actor, found: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    """sec-A40: what is taken away stays in the store."""
    monkeypatch.setattr(application_evidence, "MOST_SENT", 3)
    for n in range(3):
        row = send(registrar, found, "a.rar", RAR + bytes([n]))
        application_evidence.remove(registrar, found.id, row.id)
    with pytest.raises(Refusal, match="太多"):
        send(registrar, found, "a.rar", RAR + b"more")


def test_a_letter_with_a_link_is_no_letter_with_macros(registrar: Actor, found: Application) -> None:
    linked = docx(("word/_rels/document.xml.rels", RELATION % (b"hyperlink", b"http://a.example/")))
    assert send(registrar, found, "a.docx", linked).format == "DOCX"


def test_pictures_and_pages_are_pictures_and_the_rest_are_downloads(registrar: Actor, found: Application) -> None:
    photo, paper = send(registrar, found, "a.jpg", jpeg()), send(registrar, found, "a.pdf", pdf(2))
    content = docx()
    letter = send(registrar, found, "a.docx", content)
    for row, page in ((photo, 1), (paper, 1), (paper, 2)):
        for large in (True, False):
            assert application_documents.picture(registrar, row.id, page, large)[:3] == b"\xff\xd8\xff"
        with pytest.raises(NotFound):
            application_documents.download(registrar, row.id)
        db.session.rollback()
    assert [application_documents.file(registrar, row.id)[2] for row in (photo, paper, letter)] == [1, 2, 0]
    for row, page in ((photo, 2), (paper, 3), (paper, 0), (letter, 1)):
        with pytest.raises(NotFound):
            application_documents.picture(registrar, row.id, page, True)
    assert application_documents.download(registrar, letter.id) == ("a.docx", content)


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
        application_documents.download(registrar, row.id)


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
        assert application_documents.picture(actor, row.id, 1, False)
    for actor in (county, *strangers):
        with pytest.raises(NotFound):
            application_documents.picture(actor, row.id, 1, False)
    for state in (ApplicationState.WITH_LEADER, ApplicationState.REFUSED_BY_LEADER):  # R105: it never came there
        found.state = state
        db.session.commit()
        for actor in (county, make.actor(Role.OPERATOR, make.county())):
            with pytest.raises(NotFound):
                application_documents.picture(actor, row.id, 1, False)
    found.state = ApplicationState.WITH_AUTHORITY
    db.session.commit()
    assert application_documents.picture(county, row.id, 1, False)
    strangers.append(make.actor(Role.OPERATOR, make.province()))  # a seat sees what came to its own place (R102)
    for actor in strangers:
        with pytest.raises(NotFound):
            application_documents.picture(actor, row.id, 1, False)


def test_a_file_of_an_application_is_no_paper_of_the_family(make: Make, registrar: Actor, found: Application) -> None:
    """R130: the class teacher, who sees what families send, has no way to what the school adds for the authority."""
    row = send(registrar, found, "a.jpg", jpeg())
    for actor in (make.actor(Role.TEACHER, make.class_()), make.actor(Role.TEACHER, found.pupil.class_), registrar):
        with pytest.raises(NotFound):
            evidence.picture(actor, row.id, large=False)


def test_what_the_school_decides_itself_has_a_slip_for_the_school(make: Make, registrar: Actor) -> None:
    """I6, R130: no authority sees the slip of what never came to it."""
    own = applications.make(registrar, make.pupil().id, ApplicationKind.CHANGE, {"name": "林拭"})
    own.at_school, own.state, own.decided_at = True, ApplicationState.GRANTED, now()
    db.session.commit()
    assert decision_slips.facts_of(registrar, own.id).name
    for place in (make.county(), make.province()):
        with pytest.raises(NotFound):
            decision_slips.facts_of(make.actor(Role.REGISTRAR, place), own.id)


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
