"""The class list: counts, filters, and who may see which class with which names."""

from __future__ import annotations

from collections.abc import Callable

from portal.models import Place, Sheet
from portal.rules.roles import Role
from portal.rules.workflow import SheetState
from tests.make import Make
from tests.pages import Browser


def test_an_empty_class_says_what_will_come(teacher: Browser) -> None:
    page = teacher.get("/class")
    assert page.all(".empty")
    assert not page.all(".pupil")


def test_the_tiles_count_the_class_and_filter_it(
    teacher: Browser, make: Make, class_: Place, received: Callable[..., Sheet]
) -> None:
    for state in (SheetState.ISSUED, SheetState.ISSUED, SheetState.PRINTED, SheetState.CHECKED, SheetState.ENTERED):
        make.sheet(state, make.pupil(class_))
    received()
    received(verdict="retake", reasons=("blur",))
    page = teacher.get("/class?show=all")
    counts = [int(tile.b.get_text()) for tile in page.all(".tile")]
    assert counts == [7, 3, 1, 1, 1, 1]
    assert page.all("h1 b")[0].get_text() == "4"
    for tile, count in zip(page.all(".tile"), counts, strict=True):
        chosen = teacher.get(tile["href"])
        assert len(chosen.all(".pupil")) == count
        assert str(count) in chosen.all("h2")[-1].get_text()


def test_it_opens_with_what_waits_for_the_teacher(
    teacher: Browser, make: Make, class_: Place, received: Callable[..., Sheet]
) -> None:
    make.sheet(SheetState.ISSUED, make.pupil(class_))
    first = teacher.get("/class")
    assert first.all(".tile[aria-current]")[0]["href"].endswith("show=missing")
    sheet = received()
    page = teacher.get("/class")
    assert page.all(".tile[aria-current]")[0]["href"].endswith("show=waiting")
    assert page.all(".footbar a")[0]["href"] == f"/class/sheet/{sheet.id}"
    assert len(page.all(".pupil")) == 1


def test_nonsense_in_the_filter_shows_the_usual(teacher: Browser, make: Make, class_: Place) -> None:
    make.sheet(SheetState.ISSUED, make.pupil(class_))
    for nonsense in ("", "x", "' OR 1=1", "%00"):
        assert teacher.get(f"/class?show={nonsense}").all(".tile[aria-current]")


def test_the_school_sees_a_class_masked_and_the_teacher_in_full(
    teacher: Browser, staff: Callable[..., Browser], make: Make, class_: Place
) -> None:
    make.sheet(SheetState.ISSUED, make.pupil(class_, name="林小试"))
    assert teacher.get("/class").all(".pupil b")[0].get_text() == "林小试"
    for role in (Role.REGISTRAR, Role.LEADER):
        page = staff(role).get(f"/class/{class_.id}")
        assert page.all(".pupil b")[0].get_text() == "林＊试"


def test_other_classes_other_schools_and_other_posts_see_nothing(
    staff: Callable[..., Browser], make: Make, class_: Place
) -> None:
    neighbour = staff(Role.TEACHER, make.class_(code="2020107", name="六年级（7）班"))
    elsewhere = staff(Role.REGISTRAR, make.school("2199000002", "试验市第二小学"))
    for stranger in (neighbour, elsewhere):
        for path in ("", "/reminder"):
            stranger.get(f"/class/{class_.id}{path}", status=404)
    staff(Role.OPERATOR).get(f"/class/{class_.id}", status=403)
    staff(Role.REGISTRAR, make.county()).get(f"/class/{class_.id}", status=403)
