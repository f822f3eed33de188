"""Names, reasons and file names with markup stay words on every page (sec-A21, sec-A22, sec-F2)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from bs4 import BeautifulSoup, Tag
from sqlalchemy import select

from portal.models import Application, Evidence, Finding, Place, Pupil, TicketEntry, Unlisted, User, db
from tests.access.door import opened
from tests.access.rows import HOMES, NOTHING, Matrix
from tests.access.world import World, build
from tests.make import Make
from tests.standing import Standing

#: stands in every payload: an element or attribute with it is one that we did not write
SIGN = "xssmark"
_CODES = (f"{SIGN}()", f"alert`{SIGN}`", f"eval('{SIGN}')")
_TAGS = ("img src=x", "svg", "body", "details open", "video")
_ENDS = ("", '"', "'", "--", "]]", "</title", "</textarea", "</script", "</style", "</option")
_OPEN = ("iframe src=", "object data=", "base href=", "meta http-equiv=", "link href=", "form action=")
#: (sec-A22) what a template, a format or a spreadsheet would fill in
PATTERNS = (
    f"{{{{7*7}}}}{SIGN}", f"{{%print(7*7)%}}{SIGN}", f"${{7*7}}{SIGN}", f"#{{7*7}}{SIGN}", f"%(x)s%n{SIGN}",
    f"{{0.__class__}}{SIGN}", f"%s%d{SIGN}", f"{{name!r}}{SIGN}", f"=1+1{SIGN}", f"\\x3c{SIGN}",
)  # fmt: skip
PAYLOADS = (
    *(f"<script>{code}</script>" for code in _CODES),
    *(f"<{tag} on{event}={SIGN}>" for tag in _TAGS for event in ("error", "load")),
    *(f"{quote} on{event}={quote}{SIGN}" for quote in "\"'` " for event in ("mouseover", "focus", "click")),
    *(f"{quote}><{SIGN}>" for quote in _ENDS),
    *(f"{scheme}:{SIGN}" for scheme in ("javascript", "JaVaScRiPt", "\tjavascript", "data:text/html", "vbscript")),
    *(f"<{tag} {SIGN}" for tag in _OPEN),
    f"<!--{SIGN}", f"<![CDATA[{SIGN}]]>", f"&lt;{SIGN}&gt;", f"&#60;{SIGN}&#62;", f"\u2028{SIGN}", f"＜{SIGN}＞",
    f"<{SIGN}/", f"</{SIGN}>", f"<?{SIGN}?>", f"<math><{SIGN}>", f"' hx-get='/{SIGN}", f'" hx-on:click="{SIGN}',
    f'"}}\' {SIGN}=\'', f"<img/src='{SIGN}'/onerror='{SIGN}'>", f"<a href=javascript:{SIGN}>x</a>",
    *PATTERNS,
)  # fmt: skip
#: attributes that may hold somebody's words
WORDS = ("value", "title", "alt", "aria-label", "placeholder", "data-label", "data-name", "content")
#: who looks at the pages
LOOKERS = ("registrar", "teacher", "leader", "operator", "county", "family")


@pytest.fixture(scope="module")
def hostile(_standing: Standing) -> Iterator[Matrix]:
    """The world of the matrix, in which everything that somebody typed is a payload."""
    _standing.fresh()
    lent = _standing.lend()
    app = next(lent)
    world = build(Make())
    _poison(world)
    with opened(app) as door:
        yield Matrix(app, world, door)
    next(lent, None)


def _poison(world: World) -> None:
    payloads, names = _in_turn(), _in_turn(first=PATTERNS)
    path = world.where["school of class"]
    for pupil in db.session.scalars(select(Pupil).where(Pupil.path.startswith(path))):
        more = {item: next(payloads) for item in ("address", "guardian1_name", "phone") if item in pupil.record}
        pupil.record = pupil.record | more | {"name": next(names)}
    for user in db.session.scalars(select(User)):
        user.name = next(payloads)
    for place in db.session.scalars(select(Place)):
        place.name = next(payloads)
    for one in db.session.scalars(select(Application)):
        one.reason, one.opinion = next(payloads), {"leader": next(payloads), "authority": next(payloads)}
    for file in db.session.scalars(select(Evidence)):
        file.name = next(payloads)
    for finding in db.session.scalars(select(Finding)):
        finding.note = next(payloads)
    for child in db.session.scalars(select(Unlisted)):
        child.person = child.person | {"name": next(payloads), "from": next(payloads)}
    for said in db.session.scalars(select(TicketEntry)):
        said.text = next(payloads)
    db.session.commit()


def _in_turn(first: tuple[str, ...] = ()) -> Iterator[str]:
    while True:
        yield from (*first, *PAYLOADS)


def strangers(soup: BeautifulSoup) -> list[str]:
    """Elements and attributes that a payload made."""
    found = []
    for tag in soup.find_all(True):
        assert isinstance(tag, Tag)
        if SIGN in tag.name or (tag.name == "script" and SIGN in tag.get_text()):
            found.append(f"<{tag.name}>")
        for name, value in tag.attrs.items():
            text = " ".join(value) if isinstance(value, list) else str(value)
            if SIGN in name or name.startswith("on") or (SIGN in text and name not in WORDS):
                found.append(f"<{tag.name} {name}={text[:60]}>")
    return found


def test_no_page_takes_words_for_markup(hostile: Matrix) -> None:
    wrong, shown, pages = [], set[str](), 0
    for actor in LOOKERS:
        for row in hostile.rows(actor):
            if row.method != "GET" or row.at not in (HOMES[0], NOTHING):
                continue
            answer = hostile.ask(row)
            if answer.status != 200 or "html" not in answer.headers.get("Content-Type", ""):
                continue
            pages += 1
            soup = BeautifulSoup(answer.body, "html.parser")
            wrong += [f"{row}: {one}" for one in strangers(soup)]
            text = soup.get_text() + " ".join(str(tag.get("value", "")) for tag in soup.select("[value]"))
            shown |= {payload for payload in PAYLOADS if payload.strip() in text}
    assert wrong == []
    assert len(PAYLOADS) >= 60
    assert pages > 80
    assert len(shown) > 45, f"seen on no page: {set(PAYLOADS) - shown}"
    assert set(PATTERNS) <= shown, f"filled in, or seen on no page: {set(PATTERNS) - shown}"


@pytest.mark.parametrize(
    "page",
    ["<img onerror=1>", f"<p title={SIGN}><{SIGN}>", f'<a href="javascript:{SIGN}">', f"<script>{SIGN}</script>"],
)
def test_the_check_finds_what_is_not_escaped(page: str) -> None:
    assert strangers(BeautifulSoup(page, "html.parser"))
