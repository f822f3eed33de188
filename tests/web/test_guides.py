"""The guides: both languages say the same, links and pictures are there, each reader's footer leads to the own one."""

from __future__ import annotations

import re

import pytest

from portal.rules.roles import Role
from portal.web import guides
from portal.web.catalogue import merged
from tests.make import PASSWORD, Make
from tests.pages import Browser

PARTS = guides.FOLDER.parent / "translations/en/parts"
PICTURES = guides.FOLDER.resolve().parent / "pictures"
BOTH = [(audience, language) for audience in guides.AUDIENCES for language in ("zh", "en")]


@pytest.mark.parametrize("audience", guides.AUDIENCES)
def test_both_languages_have_the_same_sections_lists_and_pictures(audience: str) -> None:
    chinese, english = (guides.sections_of(audience, language) for language in ("zh", "en"))
    shape = [[(block.kind, len(block.lines), block.file) for block in section.blocks] for section in chinese]
    assert shape == [[(block.kind, len(block.lines), block.file) for block in section.blocks] for section in english]
    assert len(chinese) > 4


@pytest.mark.parametrize(("audience", "language"), BOTH)
def test_every_link_and_picture_of_the_files_is_there_and_small(audience: str, language: str) -> None:
    file = guides.file_of(audience, language).resolve()
    targets = re.findall(r"\]\(([^)]+)\)", file.read_text(encoding="utf-8"))
    assert any(target.startswith(f"{audience}.") for target in targets), "a way to the other language"
    for target in targets:
        assert (file.parent / target).exists(), target
        if target.endswith(".png"):
            assert (file.parent / target).stat().st_size <= 60_000, target


@pytest.mark.parametrize(("audience", "language"), BOTH)
def test_each_guide_is_a_page_whose_links_work(browser: Browser, audience: str, language: str) -> None:
    if language == "en":
        browser.english()
    page = browser.get(f"/guide/{audience}")
    assert page.h1 == guides.sections_of(audience, language)[0].title
    assert not re.search(r"\*\*|\]\(|`|^#", page.text), "markup left over"
    for link in page.links():
        if link.startswith("/") and not link.startswith("/static/"):
            assert browser.client.get(link).status_code in (200, 302), link
    for picture in page.all("main img"):
        with browser.client.get(str(picture["src"])) as answer:
            assert answer.content_type == "image/png"
        assert picture["alt"]


@pytest.mark.parametrize(("audience", "language"), BOTH)
def test_what_a_guide_quotes_stands_on_a_screen(audience: str, language: str) -> None:
    catalogue = merged(sorted(PARTS.glob("*.po")))
    words = {str(message.id if language == "zh" else message.string) for message in catalogue if message.id}
    text = guides.file_of(audience, language).read_text(encoding="utf-8")
    quoted = set(re.findall("“([^”]+)”" if language == "zh" else '"([^"]+)"', text)) - {"?"}
    assert sorted(one for one in quoted if not any(one in word for word in words)) == []
    assert quoted


def test_pictures_of_guides_are_all_used() -> None:
    used = {block.file for one in BOTH for section in guides.sections_of(*one) for block in section.blocks}
    assert {path.name for path in PICTURES.glob("guide-*.png")} - used == set()


@pytest.mark.parametrize(
    "line", ["> quoted", "| a | b |", "### deep", "* star", "```", "    code", "<b>html</b>", "![x](y)"]
)
def test_what_the_page_cannot_show_is_refused(line: str) -> None:
    with pytest.raises(guides.NotOurMarkdown):
        guides.read(f"# Title\n\n{line}\n")


@pytest.mark.parametrize(
    ("role", "place", "audience"),
    [
        (Role.TEACHER, "class_", "teachers"),
        (Role.REGISTRAR, "school", "registrars"),
        (Role.LEADER, "school", "registrars"),
        (Role.REGISTRAR, "county", "authorities"),
    ],
)
def test_every_footer_leads_to_the_own_guide(
    browser: Browser, make: Make, role: Role, place: str, audience: str
) -> None:
    make.round()
    assert "/guide/parents" in browser.get("/wrong").links()
    browser.sign_in(make.user(role, getattr(make, place)()).login, PASSWORD)
    assert f"/guide/{audience}" in browser.get("/wrong").links()


def test_first_page_and_sign_in_lead_to_every_guide(browser: Browser) -> None:
    for address in ("/", "/sign-in"):
        assert {f"/guide/{audience}" for audience in guides.AUDIENCES} <= set(browser.get(address).links())
