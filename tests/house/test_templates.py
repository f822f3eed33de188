"""Every template compiles, has its place and its size, and keeps to the content security policy and the tokens."""

from __future__ import annotations

import gzip
import json
import re

import pytest
from flask import Flask
from jinja2 import nodes

from tests.house.template_files import ROOT, TEMPLATES, classes_of, icons_of, is_page, names, parser, source

STATIC = ROOT / "portal/static"
PAGE_CAP, MACRO_CAP = 120, 80
FORBIDDEN = {
    "style attribute": r"\sstyle\s*=",
    "style element": r"<style\b",
    "inline script": r"<script(?![^>]*\bsrc=)",
    "event attribute": r"\son[a-z]+\s*=\s*[\"']",
    "hx-on attribute": r"\shx-on\b|\shx-on:",
    "unescaped value": r"\|\s*safe\b|autoescape\s+false",
    "javascript address": r"javascript:",
    "another host": r"(?:src|href|action)=\"(?:https?:)?//",
    "form without method": r"<form(?![^>]*\bmethod=)",
}


def test_every_template_compiles(app: Flask) -> None:
    for name in names():
        app.jinja_env.get_template(name)


@pytest.mark.parametrize("name", [name for name in names() if is_page(name)])
def test_a_page_extends_a_base(name: str) -> None:
    extends = parser.parse(source(name)).find(nodes.Extends)
    assert extends is not None, f"{name} extends nothing; a part is called _name.html"
    assert "base" in str(extends.template)


@pytest.mark.parametrize("name", [name for name in names() if not is_page(name) and not name.startswith("base")])
def test_a_part_stands_alone(name: str) -> None:
    assert parser.parse(source(name)).find(nodes.Extends) is None


@pytest.mark.parametrize("name", names("ui/"))
def test_a_macro_file_holds_the_macro_of_its_name(name: str) -> None:
    macros = [macro.name for macro in parser.parse(source(name)).find_all(nodes.Macro)]
    assert macros[-1] == name.removeprefix("ui/").removesuffix(".html")


def test_templates_keep_to_the_budget() -> None:
    lines = {name: source(name).count("\n") for name in names()}
    caps = {name: MACRO_CAP if name.startswith("ui/") else PAGE_CAP for name in lines}
    assert {name: count for name, count in lines.items() if count > caps[name]} == {}


@pytest.mark.parametrize("name", names())
def test_nothing_that_the_policy_forbids(name: str) -> None:
    text = re.sub(r"\{#.*?#\}", "", source(name), flags=re.DOTALL)
    assert [what for what, pattern in FORBIDDEN.items() if re.search(pattern, text)] == []


@pytest.mark.parametrize(
    "markup", ['<p style="x">', "<script>go()</script>", '<a onclick="x">', "{{ a | safe }}", '<img src="//x.y">']
)
def test_the_policy_check_finds(markup: str) -> None:
    assert any(re.search(pattern, markup) for pattern in FORBIDDEN.values())


def test_every_icon_is_drawn() -> None:
    drawn = set(json.loads((STATIC / "vendor/icons.json").read_text(encoding="utf-8")))
    used = {icon for name in names() for icon in icons_of(source(name))}
    used |= {look[0] for look in parser.get_template("ui/chip.html").module.looks.values()}  # type: ignore[attr-defined]
    assert sorted(used - drawn) == [], "add them to scripts/icons.txt"


def test_the_icon_check_reads_names_out_of_calls() -> None:
    text = """{{ icon("a" if x == "y" else "b") }}{{ button("w", icon_name="c") }}
      {{ icon({"k": "d"}[kind]) }}{{ tile(1, "w", "#", "e") }}"""
    assert icons_of(text) == {"a", "b", "c", "d", "e"}


def test_every_class_has_its_rule() -> None:
    rules = set(re.findall(r"\.([a-z][\w-]*)", (STATIC / "portal.css").read_text(encoding="utf-8")))
    used = {(name, one) for name in names() for one in classes_of(source(name))}
    assert sorted(pair for pair in used if pair[1] not in rules | {"dense"}) == []


def test_colours_stand_in_the_tokens_only() -> None:
    css = (STATIC / "portal.css").read_text(encoding="utf-8").split("/* ---- elements ---- */")[1]
    allowed = {
        "#fff",
        "#1c2226",
        "#b7b0a2",
        "#1d3f7a",
    }  # paper, print, its rules and handwriting stay as they are in the dark
    assert set(re.findall(r"#[0-9a-fA-F]{3,8}\b|rgba?\([^)]*\)", css)) <= allowed
    assert "url(" not in css, "the policy allows no data addresses and nothing is loaded by the stylesheet"


def test_the_stylesheet_is_small() -> None:
    assert len(gzip.compress((STATIC / "portal.css").read_bytes(), 9)) < 12_000


def test_the_printed_sheet_is_no_screen() -> None:
    assert (TEMPLATES / "paper").is_dir()
    assert not any(name.startswith("paper/") for name in names())
