"""What no source file contains: code made of data, pickles, unquoted attributes; htmx is held short (sec-A21, A48)."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.house.template_files import ROOT, names, source

#: calls by their last names; `self.x()` of our own classes is written out where it is one of them
FORBIDDEN = {"eval", "exec", "render_template_string", "from_string", "loads_pickle", "mktemp", "popen", "system"}
MODULES = {"pickle", "marshal", "shelve", "dill", "yaml", "xml.sax", "telnetlib", "ftplib"}
HTMX = {
    "allowEval": "false",
    "allowScriptTags": "false",
    "selfRequestsOnly": "true",
    "includeIndicatorStyles": "false",
    "historyCacheSize": "0",
}


def faults_of(text: str) -> list[str]:
    """Calls and imports of a source text that may not be."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in FORBIDDEN:
                found.append(f"{node.lineno}: {name}")
            if any(word.arg == "shell" for word in node.keywords):
                found.append(f"{node.lineno}: shell")
        if isinstance(node, ast.Import | ast.ImportFrom):
            modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else [name.name for name in node.names]
            found += [f"{node.lineno}: import {module}" for module in modules if module.split(".")[0] in MODULES]
    return found


@pytest.mark.parametrize(
    "room", sorted({path.parent for path in (ROOT / "portal").rglob("*.py")}), ids=lambda p: p.name
)
def test_no_code_is_made_of_data(room: Path) -> None:
    wrong = {path.name: faults_of(path.read_text(encoding="utf-8")) for path in room.glob("*.py")}
    assert {name: found for name, found in wrong.items() if found} == {}


@pytest.mark.parametrize(
    "text",
    ["eval(x)", "import pickle", "from yaml import load", "run(x, shell=True)", "flask.render_template_string(x)"],
)
def test_the_check_finds(text: str) -> None:
    assert faults_of(text)


@pytest.mark.parametrize("name", names())
def test_attributes_of_templates_are_quoted(name: str) -> None:
    """A value without quotes ends at the first blank, and what follows is an attribute."""
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}", "", source(name), flags=re.DOTALL)
    assert re.findall(r"<[a-z][^<>]*?\s[\w:-]+=\{\{[^}]*\}\}", text) == []


def test_htmx_is_held_short() -> None:
    script = (ROOT / "portal/static/portal.js").read_text(encoding="utf-8")
    config = re.search(r"Object\.assign\(htmx\.config, \{(.*?)\}\)", script, re.DOTALL)
    assert config is not None
    told = dict(re.findall(r"(\w+): ([\w\"']+)", config[1]))
    assert {name: told.get(name) for name in HTMX} == HTMX


def test_own_scripts_write_no_markup() -> None:
    """Texts go into pages as texts; only what the server rendered is markup."""
    for path in (ROOT / "portal/static").glob("*.js"):
        text = path.read_text(encoding="utf-8")
        assert (
            re.findall(r"\b(?:eval|Function|setTimeout|setInterval)\(\s*[\"'`]|\bdocument\.write|\bnew Function", text)
            == []
        )
        assert re.findall(r"\.(?:innerHTML|outerHTML)\s*=(?! await answer\.text\(\))|insertAdjacentHTML", text) == [], (
            path.name
        )
