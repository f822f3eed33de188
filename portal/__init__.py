"""The registry verification portal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from portal.settings import Settings


def create_app(settings: Settings | None = None) -> Flask:
    """The application. Its rooms are imported only now, so that a reading process loads nothing but `portal.paper`."""
    from portal.building import build

    return build(settings)
