"""Items, code tables, divisions: the lists that other rooms rely on."""

import pytest

from portal.rules import divisions
from portal.rules.codes import every_extension, printed, table
from portal.rules.divisions import COUNTRY, Divisions
from portal.rules.items import GROUPS, ITEMS, KEY_DATA, PARENT_ITEMS, ROSTER_ITEMS, of_group

REAL = Divisions.standard()
TRIAL = Divisions.standard(trial=True)


def test_the_template_has_77_columns_in_the_order_of_the_items() -> None:
    assert len(ROSTER_ITEMS) == 77
    assert list(ROSTER_ITEMS) == [code for code in ITEMS if code in ROSTER_ITEMS]
    assert not {item.code for item in of_group("sheet")} & set(ROSTER_ITEMS)


def test_page_one_offers_67_items_five_of_them_key_data() -> None:
    assert KEY_DATA == ("name", "sex", "birth_date", "id_doc_type", "id_number")
    assert len(PARENT_ITEMS) == 67
    assert sum(ITEMS[item].who_may_change == "maintenance" for item in PARENT_ITEMS) == 62


def test_every_group_has_its_names_and_items() -> None:
    assert list(GROUPS) == list(dict.fromkeys(item.group for item in ITEMS.values()))
    assert all(group.name("zh") and group.name("en") and of_group(code) for code, group in GROUPS.items())


def test_every_item_has_its_names_and_its_table() -> None:
    for item in ITEMS.values():
        assert item.name("zh") == item.name_zh
        assert item.name("en") == item.name_en
        assert item.required in {"always", "conditional", "no"}
        assert item.required_when if item.required == "conditional" else not item.required_when
        assert not item.code_table or table(item.code_table).codes


def test_labels_exist_in_both_languages() -> None:
    for item in ITEMS.values():
        if item.code_table:
            choices = table(item.code_table, every_extension())
            assert all(choices.label(code) != code != choices.label(code, "en") for code in choices.codes)


def test_no_label_stands_for_two_codes() -> None:
    for item in ITEMS.values():
        if item.code_table:
            choices = table(item.code_table, every_extension())
            assert len(set(choices.labels_zh.values())) == len(choices.labels_zh)


def test_extensions_are_offered_only_where_they_are_on() -> None:
    assert "81" not in table("ethnic_group").codes
    assert "81" in table("ethnic_group", frozenset({"ethnic_group_ext"})).codes
    assert table("ethnic_group").label("81") == "穿青人"
    assert table("household_type").codes == ("1", "2")
    assert table("sex").codes == ("1", "2")
    assert table("sex").code_of("未知的性别") is None


def test_an_unknown_table_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        table("star_sign")


def test_countries_have_the_names_of_chinese_forms() -> None:
    countries = table("country")
    assert len(countries.codes) == 249
    assert [countries.label(code) for code in ("HKG", "MAC", "TWN", "CHN")] == [
        "中国香港",
        "中国澳门",
        "中国台湾",
        "中国",
    ]
    assert countries.code_of("韩国") == "KOR"
    assert countries.code_of("KR") is None


@pytest.mark.parametrize(
    ("text", "code"), [("自行车", "2"), ("自行车（含摩托车、电动自行车）", "2"), ("校车", "5"), ("车", None)]
)
def test_labels_are_read_with_and_without_their_bracket(text: str, code: str | None) -> None:
    assert table("commuting_mode").code_of(text) == code


def test_printed_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(divisions, "_in_use", None)
    divisions.use(TRIAL)
    assert divisions.current() is TRIAL
    assert printed("sex", "1") == "男"
    assert printed("sex", "1", "en") == "male"
    assert printed("birthplace_code", "990101000000") == "试验省试验市试验一区"
    assert printed("birthplace_code", "970101000000") == "970101000000"
    assert printed("nationality", "KOR", "en") == "South Korea"
    assert printed("grade", "小学五年级", "en") == "primary grade 5"
    assert printed("current_address", "试验路8号") == "试验路8号"
    assert printed("birthplace_code", "") == ""


@pytest.mark.parametrize(
    ("code", "name", "is_current", "level"),
    [
        ("110101", "北京市东城区", True, "county"),
        ("110103", "北京市崇文区", False, "county"),
        ("330113", "浙江省杭州市临平区", True, "county"),
        ("330114", "浙江省杭州市钱塘区", True, "county"),
        ("460400", "海南省儋州市", True, "prefecture"),
        ("429004", "湖北省仙桃市", True, "county"),
        ("810000", "香港特别行政区", True, "province"),
        ("420000", "湖北省", True, "province"),
    ],
)
def test_real_divisions(code: str, name: str, is_current: bool, level: str) -> None:
    assert (REAL.name(code), REAL.is_current(code), REAL.level(code)) == (name, is_current, level)


def test_a_reused_code_has_its_latest_name() -> None:
    assert REAL.short_name("440111") == "白云区"
    assert REAL.is_current("440111")


def test_unknown_divisions_are_unknown() -> None:
    assert not REAL.exists("970101")
    assert (REAL.name("970101"), REAL.short_name("970101"), REAL.level("970101")) == ("", "", None)
    assert not REAL.exists("990101")


def test_the_trial_province_has_three_prefectures_and_eight_counties() -> None:
    prefectures = TRIAL.children("990000")
    assert len(prefectures) == 3
    assert sum(len(TRIAL.children(code)) for code in prefectures) == 8
    assert "990103" not in TRIAL.children("990100")
    assert TRIAL.exists("990103")


def test_children_lead_from_the_country_to_every_current_county() -> None:
    provinces = REAL.children(COUNTRY)
    assert (len(provinces), provinces[0]) == (34, "110000")
    counties = {c for p in provinces for q in REAL.children(p) for c in REAL.children(q)}
    assert len(counties) > 2800
    assert all(REAL.is_current(code) and REAL.is_precise(code) for code in counties)
    assert "420101" not in counties


@pytest.mark.parametrize("code", ["441900", "442000", "460400", "620200", "810000"])
def test_places_without_counties_are_precise_as_they_are(code: str) -> None:
    assert REAL.is_precise(code)
    assert REAL.children(code) == ()
