"""Every problem has its words in both languages, and every rule has its examples."""

import re
from importlib import import_module
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from portal.rules.problem_words import PROBLEMS
from portal.rules.problems import Problem, has_errors, message_of, problem, sentence
from tests.rules.examples import Example

MODULES = (
    "test_identity",
    "test_dates_places",
    "test_study",
    "test_personal",
    "test_contact",
    "test_family",
    "test_roster_files",
    "test_round",
    "test_evidence_formats",
)
ENGLISH = Path(__file__).parents[2] / "portal" / "translations" / "en" / "parts" / "rules.po"
# Numbers copied by hand, tested exhaustively in test_numbers.
SHOWN_ELSEWHERE = {"T3", "T4"}
# Only the database or the file knows: wrong or replaced codes, a first sign-in, formulas, others, the last round.
SAID_BY_SERVICES = {"R97", "R98", "R99", "T6.formula", "T6.fault", "T7.elsewhere", "T7.kept", "T7.number", "T8", "T9"}


def examples() -> list[Example]:
    return [example for name in MODULES for example in import_module(f"tests.rules.{name}").EXAMPLES]


def english() -> dict[str, str]:
    catalog = read_po(BytesIO(ENGLISH.read_bytes()))
    return {str(message.id): str(message.string) for message in catalog if message.id}


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)s", text))


def test_every_problem_is_said_in_both_languages_with_the_same_values() -> None:
    words = english()
    for code, (severity, text) in PROBLEMS.items():
        assert severity in {"error", "warning"}
        assert words.get(text), code
        assert placeholders(words[text]) == placeholders(text), code


def test_no_english_is_left_over() -> None:
    assert set(english()) == {text for _, text in PROBLEMS.values()}


def test_chinese_and_english_follow_the_voice() -> None:
    for _, text in PROBLEMS.values():
        assert text.endswith("。")
        assert not set("！!,;?") & set(text)
        assert not any(word in text for word in ("请知悉", "予以", "异常", "失败"))
    for text in english().values():
        assert text.endswith(".")
        assert "!" not in text


def test_every_mark_of_the_table_has_two_good_and_two_bad_examples() -> None:
    shown = examples()
    for mark in {code.partition(".")[0] for code in PROBLEMS} - SHOWN_ELSEWHERE:
        if mark.startswith("R"):
            mine = [example for example in shown if example.mark == mark]
            assert len([e for e in mine if not e.expected]) >= 2, mark
            assert len([e for e in mine if e.expected]) >= 2, mark


def test_every_problem_comes_out_of_an_example() -> None:
    said = {p.code for example in examples() for p in example.check()}
    elsewhere = {code for code in PROBLEMS if code.partition(".")[0] in SHOWN_ELSEWHERE}
    assert set(PROBLEMS) - said - elsewhere == SAID_BY_SERVICES


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_message_of_the_examples_can_be_filled(lang: str) -> None:
    translate = english().__getitem__ if lang == "en" else str
    for example in examples():
        for found in example.check():
            words = sentence(found, translate, lang)
            assert "%(" not in words
            assert words == message_of(found, lang)[0] % message_of(found, lang)[1] or lang == "en"


def test_a_message_speaks_the_language_of_its_reader() -> None:
    found = problem("R7", "sex", sex="2")
    assert message_of(found)[1] == {"sex": "女", "item": "性别"}
    assert message_of(found, "en")[1] == {"sex": "female", "item": "sex"}


def test_the_voice_of_the_look_is_met() -> None:
    assert sentence(problem("R61", "postcode", count=5), str) == "邮政编码要 6 位，这里只有 5 位。"
    assert sentence(problem("R61", "postcode", count=5), english().__getitem__, "en") == (
        "A postcode has 6 digits; this one has 5."
    )


def test_long_values_are_cut_and_percent_signs_are_harmless() -> None:
    found = problem("R77", "talent", found="%(x)s" * 100)
    assert len(found.values["found"]) == 25
    assert "%(x)s" in sentence(found, str)


def test_an_unknown_code_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        problem("R999")


def test_a_problem_knows_its_rule_and_weight() -> None:
    warning = problem("R33.prefecture", "birthplace_code", place="420100000000")
    assert (warning.mark, warning.is_error) == ("R33", False)
    assert not has_errors([warning])
    assert has_errors([warning, Problem("R2")])
