"""Both languages are complete: nothing untranslated, nothing translated twice, nothing left over."""

from __future__ import annotations

import ast
import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from portal.web import catalogue
from tests.house.template_files import ROOT, names, parser, source

CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")
#: the language's own name in the switch
ALLOWED_IN_TEMPLATES = {"中文"}
#: the Chinese way to write a date, in the branch for Chinese
ALLOWED_IN_CODE = {" 月 ", " 日"}
SCREENS = ("web", "parents", "teachers", "staff")


@pytest.fixture(scope="module")
def words() -> ModuleType:
    spec = importlib.util.spec_from_file_location("words", ROOT / "scripts/words.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def used(words: ModuleType) -> dict[str, str]:
    return words.used()


def chinese_of(text: str) -> list[tuple[str, str]]:
    """Chinese of a template: (kind, text), kind data for what is printed as it stands and string for expressions.

    What stands between trans and endtrans is a message itself.
    """
    found, inside = [], False
    for _, kind, value in parser.lex(text):
        if kind == "name" and value in ("trans", "endtrans"):
            inside = value == "trans"
        elif kind in ("data", "string") and not inside and CHINESE.search(value):
            found.append((kind, value))
    return found


def outside_words(name: str, text: str, ids: set[str]) -> list[str]:
    """Chinese that would stay Chinese in English."""
    found = []
    for kind, value in chinese_of(text):
        bare = re.sub(r"<[^>]*>", " ", value).strip() if kind == "data" else ast.literal_eval(value)
        if bare not in ids | ALLOWED_IN_TEMPLATES:
            found.append(f"{name}: {bare!r}")
    return found


def chinese_constants(tree: ast.AST) -> list[tuple[int, str]]:
    """Chinese texts of a module, its docstrings aside."""
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    constants = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in docs)
    return [
        (node.lineno, node.value) for node in constants if isinstance(node.value, str) and CHINESE.search(node.value)
    ]


def test_every_text_has_its_english(words: ModuleType, used: dict[str, str]) -> None:
    assert words.compare(used, words.english_of_parts()).lines() == []


def test_no_chinese_in_a_template_outside_a_call(used: dict[str, str]) -> None:
    assert [found for name in names() for found in outside_words(name, source(name), set(used))] == []


def test_no_chinese_in_a_screen_that_nobody_translates(used: dict[str, str]) -> None:
    left = []
    for room in SCREENS:
        for path in sorted((ROOT / "portal" / room).rglob("*.py")):
            for line, text in chinese_constants(ast.parse(path.read_text(encoding="utf-8"))):
                if text not in used and text not in ALLOWED_IN_CODE:
                    left.append(f"{path.relative_to(ROOT)}:{line} {text!r}")
    assert left == []


def test_the_checks_can_fail(words: ModuleType) -> None:
    findings = words.compare({"改": "a:1", "%(n)s 天": "a:2"}, {"%(n)s 天": "days", "交": "交"})
    assert len(findings.untranslated) == 1
    assert len(findings.unused) == 1
    assert len(findings.holes) == 1
    assert outside_words("x", "<p>{{ _('改') }}好的</p>{{ f('错') }}{% trans %}对{% endtrans %}", {"改"}) == [
        "x: '好的'",
        "x: '错'",
    ]
    assert chinese_constants(ast.parse('"""文"""\na = "字"')) == [(2, "字")]


def test_a_form_may_be_quoted_in_english(words: ModuleType) -> None:
    assert words.compare({"例如汉族": "a:1"}, {"例如汉族": "such as 汉族"}).lines() == []


def part(folder: Path, name: str, english: str) -> Path:
    path = folder / name
    path.write_text(f'msgid "改"\nmsgstr "{english}"\n', encoding="utf-8")
    return path


def test_two_parts_may_agree_and_not_differ(tmp_path: Path) -> None:
    one, same, other = (
        part(tmp_path, "a.po", "Change"),
        part(tmp_path, "b.po", "Change"),
        part(tmp_path, "c.po", "Edit"),
    )
    assert catalogue.merged([one, same]).get("改").string == "Change"  # type: ignore[union-attr]
    with pytest.raises(catalogue.TranslatedTwice, match="c.po"):
        catalogue.merged([one, other])


def test_the_catalogue_is_compiled_when_a_part_is_newer(tmp_path: Path) -> None:
    parts = tmp_path / "en/parts"
    parts.mkdir(parents=True)
    part(parts, "a.po", "Change")
    catalogue.compile_if_stale(tmp_path)
    target = tmp_path / "en/LC_MESSAGES/messages.mo"
    assert b"Change" in target.read_bytes()
    target.write_bytes(b"kept")
    catalogue.compile_if_stale(tmp_path)
    assert target.read_bytes() == b"kept"
    target.unlink()
    catalogue.compile_if_stale(tmp_path)
    assert b"Change" in target.read_bytes()
