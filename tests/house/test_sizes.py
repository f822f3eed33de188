"""The size budget of the style guide; what exceeds it stands here with a reason, or is split."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
MODULE, FUNCTION, ARGUMENTS, TEST_FILE = 300, 40, 6, 400
#: file or file:function -> why it may be larger
EXCEPTIONS: dict[str, str] = {}


def python_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.split() if not name.startswith("portal/models/schema/versions/")]


def test_files_and_functions_keep_to_the_budget() -> None:
    too_large = []
    for path in python_files():
        if not path.exists():
            continue
        name = path.relative_to(ROOT).as_posix()
        text = path.read_text(encoding="utf-8")
        cap = TEST_FILE if name.startswith("tests/") else MODULE
        if text.count("\n") > cap:
            too_large.append(f"{name}: {text.count(chr(10))} lines")
        too_large += [f"{name}:{found}" for found in _large_functions(ast.parse(text), name.startswith("tests/"))]
    assert [found for found in too_large if found.split(": ")[0] not in EXCEPTIONS] == []


def _large_functions(tree: ast.AST, of_tests: bool) -> list[str]:
    """Tests may take as many fixtures and parameters as they have cases."""
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        lines = (node.end_lineno or node.lineno) - node.lineno + 1
        positional = [a for a in node.args.args if a.arg not in ("self", "cls")]
        if lines > FUNCTION:
            found.append(f"{node.name}: {lines} lines")
        if len(positional) > ARGUMENTS and not of_tests:
            found.append(f"{node.name}: {len(positional)} arguments")
    return found


def test_exceptions_are_still_needed() -> None:
    for key in EXCEPTIONS:
        assert (ROOT / key.split(":")[0]).exists(), f"{key} is gone"
