"""Settings on the screen: the county saves, the school reads, nothing is loosened (P8, G8)."""

from __future__ import annotations

import pytest

from portal.models import User, db
from portal.rules.place_settings import Switch
from portal.rules.roles import Role
from portal.services import accounts, place_settings
from tests.make import PASSWORD, Make
from tests.pages import Browser, Page


@pytest.fixture
def county(browser: Browser, make: Make) -> User:
    make.school()
    user = make.user(Role.REGISTRAR, make.county(), name="钱区管")
    browser.sign_in(user.login, PASSWORD)
    return user


def form_of(page: Page) -> dict[str, list[str] | str]:
    """What a browser would send without touching anything."""
    data: dict[str, list[str] | str] = {}
    for field in page.all("main form input"):
        kind = field.get("type")
        if field.has_attr("disabled") or (kind in ("checkbox", "radio") and not field.has_attr("checked")):
            continue
        values = data.setdefault(str(field["name"]), [])
        assert isinstance(values, list)
        values.append(str(field.get("value", "")))
    return data


def test_one_save_changes_what_was_changed_and_says_so(browser: Browser, county: User, make: Make) -> None:
    path = make.school().path
    data = form_of(browser.get("/staff/settings"))
    data.pop(Switch.PILES)
    answer = browser.post("/staff/settings", data | {"class_size_1": "40", "controlled": ["phone", "postcode"]})
    page = browser.get(answer.location or "")
    assert "改了 3 项" in page.text
    assert "试验一区教育局 定的：40 人" in page.text
    assert place_settings.controlled_items(path) == tuple(c for c in place_settings.controlled_items(path))
    assert set(place_settings.controlled_items(path)) == {"phone", "postcode"}
    assert not place_settings.is_on(path, Switch.PILES)
    assert place_settings.is_on(path, Switch.TEACHER_UPLOAD)
    again = browser.post("/staff/settings", form_of(page))
    assert "没有改动" in browser.get(again.location or "").text


def test_a_form_without_anything_changes_nothing(browser: Browser, county: User, make: Make) -> None:
    browser.post("/staff/settings", {})
    assert all(place_settings.is_on(make.school().path, switch) for switch in Switch)


@pytest.mark.parametrize("typed", ["5", "abc", "-3", "100", "１２"])
def test_numbers_out_of_bounds_are_told_at_the_field(browser: Browser, county: User, typed: str) -> None:
    page = browser.post("/staff/settings", {"setting": "class_size_1", "class_size_1": typed}, status=400)
    assert "10 和 90 之间" in page.all("#class_size_1-error")[0].get_text()
    assert page.all("#class_size_1")[0]["value"] == typed


@pytest.mark.parametrize(
    ("typed", "words"), [("0", "1 和 100 之间"), ("101", "1 和 100 之间"), ("5.5", "1 和 100 之间"), ("10", "只能更多")]
)
def test_a_smaller_share_to_be_looked_at_is_told_at_the_field(
    browser: Browser, county: User, make: Make, typed: str, words: str
) -> None:
    """Down the tree more is looked at, never less."""
    place_settings.save(make.actor(Role.REGISTRAR, make.province()), {"sample_share": 20})
    page = browser.post("/staff/settings", {"setting": "sample_share", "sample_share": typed}, status=400)
    assert words in page.all("#sample_share-error")[0].get_text()
    assert page.all("#sample_share")[0]["value"] == typed
    browser.post("/staff/settings", {"setting": "sample_share", "sample_share": "30"})
    assert place_settings.sample_percent(make.school().path) == 30


def test_what_is_off_above_cannot_be_switched_on_below(browser: Browser, county: User, make: Make) -> None:
    province = make.actor(Role.REGISTRAR, make.province())
    place_settings.save(province, {Switch.PILES: False, "controlled": ("phone",)})
    db.session.commit()
    page = browser.get("/staff/settings")
    assert page.all("input#piles") == []
    assert page.all("input[value=phone]")[0].has_attr("disabled")
    assert "试验省教育厅" in page.text
    browser.post("/staff/settings", {"setting": "piles", "piles": "on"})
    assert not place_settings.is_on(make.school().path, Switch.PILES)


def test_schools_read_and_set_nothing_but_their_networks_and_second_step(browser: Browser, make: Make) -> None:
    place_settings.save(make.actor(Role.REGISTRAR, make.county()), {Switch.PILES: False})
    user = make.user(Role.REGISTRAR, make.school())
    browser.sign_in(user.login, PASSWORD)
    page = browser.get("/staff/settings")
    assert "试验一区教育局 定的：关着" in page.text
    assert [field["value"] for field in page.all("main form input[name=setting]")] == ["second_step", "print_networks"]
    browser.post("/staff/settings", {"setting": "piles"}, status=403)
    browser.post("/staff/settings", form_of(page) | {"print_networks": "10.20.0.0/16\r\n2001:db8::/32"})
    page = browser.get("/staff/settings")
    assert page.all("#print_networks")[0].get_text().split() == ["10.20.0.0/16", "2001:db8::/32"]
    assert "试验市第一小学 定的：10.20.0.0/16 2001:db8::/32" in page.text


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("10.20.0.0/16 eight", "eight”不是网络地址"),
        ("0.0.0.0/0", "0.0.0.0/0”不是网络地址"),
        ("10.20.0.1/33", "不是网络地址"),
        (" ".join(f"10.0.{n}.0/24" for n in range(51)), "最多写 50 个"),
    ],
)
def test_what_is_no_network_is_told_at_the_field(browser: Browser, county: User, typed: str, words: str) -> None:
    """D4"""
    page = browser.post("/staff/settings", {"setting": "print_networks", "print_networks": typed}, status=400)
    assert words in page.all("#print_networks-error")[0].get_text()
    assert page.all("#print_networks")[0].get_text().strip() == typed


def test_in_english(browser: Browser, county: User, make: Make) -> None:
    place_settings.save(make.actor(Role.REGISTRAR, make.province()), {Switch.PILES: False, "controlled": ("phone",)})
    db.session.commit()
    browser.english()
    browser.get("/staff/settings?saved=2")
    browser.post("/staff/settings", {"setting": "class_size_1", "class_size_1": "5"}, status=400)


def test_the_province_settles_evidence_and_reviewers_and_others_read_it(browser: Browser, make: Make) -> None:
    """X7, X8, X17, K17"""
    make.school()
    province, county = make.user(Role.REGISTRAR, make.province()), make.user(Role.REGISTRAR, make.county())
    browser.sign_in(province.login, PASSWORD)
    data = form_of(browser.get("/staff/settings"))
    data.pop("evidence_required")
    kinds = [one for one in data["evidence_kinds"] if one != "name:ID_CARD_SCAN"]
    answer = browser.post(
        "/staff/settings",
        data | {"evidence_formats": "registry", "registrar_reviews": "on", "evidence_kinds": kinds},
    )
    assert "改了 4 项" in browser.get(answer.location or "").text
    path = make.school().path
    assert place_settings.evidence_choice(path) == "registry"
    assert not place_settings.evidence_is_required(path)
    assert place_settings.registrars_may_review(path)
    assert place_settings.evidence_kinds(path)["name"] == ("HUKOU_SCAN",)
    none = [one for one in kinds if not one.startswith("sex:")]
    page = browser.post("/staff/settings", data | {"evidence_kinds": none}, 400)
    assert "至少要勾一种" in page.text
    browser.post("/sign-out")
    browser.sign_in(county.login, PASSWORD)
    page = browser.get("/staff/settings")
    assert not page.all("input[name=evidence_required], input[name=registrar_reviews], input[name=evidence_kinds]")
    assert "由省里定" in page.text
    page = browser.post("/staff/settings", {"setting": "evidence_formats", "evidence_formats": "wide"}, 400)
    assert "不能放宽" in page.text
    browser.post("/staff/settings", {"setting": "evidence_required", "evidence_required": "on"}, 403)


def test_who_needs_a_second_step_is_only_ever_tightened(browser: Browser, county: User, make: Make) -> None:
    """sec-A47: the county asks its schools; a school may ask its class teachers as well, never fewer."""
    form = {"setting": "second_step"}
    browser.post("/staff/settings", form | {"second_step": "schools"})
    make.user(Role.REGISTRAR, make.school(), login="of-a-school")
    registrar = accounts.actor_of(accounts.sign_in("of-a-school", PASSWORD))
    assert registrar is not None
    assert registrar.must_secure
    assert not make.actor(Role.TEACHER, make.class_()).must_secure
    with pytest.raises(place_settings.BadSetting):
        place_settings.save(registrar, {"second_step": "authorities"})
    place_settings.save(registrar, {"second_step": "everybody"})
    assert make.actor(Role.TEACHER, make.class_()).must_secure
