"""The address a request comes from: what our own proxy says, never what the client claims (sec-A43)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request
from werkzeug.middleware.proxy_fix import ProxyFix

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def behind_proxy(app: WSGIApplication) -> ProxyFix:
    """Believe the one proxy in front: the last entry of each forwarded header, which it wrote itself."""
    return ProxyFix(app, x_for=1, x_proto=1, x_host=1)


def client_address() -> str | None:
    """The client's IP address, as the proxy says; without the proxy forwarded headers are not looked at."""
    return request.remote_addr
