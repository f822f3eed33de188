"""Renders the paper templates; they are Chinese documents, the same in every language of the screens."""

import re
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader

_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).parents[1] / "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)
# Chinese quotation marks are set half as wide, or they tear holes into the line.
_QUOTES = re.compile("[“”]")


def render(name: str, **values: Any) -> str:
    """The HTML of a template in `templates/paper/`."""
    html = _ENVIRONMENT.get_template(f"paper/{name}").render(**values)
    return _QUOTES.sub(r'<span class="q">\g<0></span>', html)
