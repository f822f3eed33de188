"""The address a request comes from: what our own proxy says, never what the client claims (sec-A43)."""

from __future__ import annotations

from flask import request


def client_address() -> str | None:
    """The client's IP address. Behind the HTTPS proxy it is the last entry of X-Forwarded-For, which the proxy wrote
    (`ProxyFix` in `web.init`); without the proxy that header is not looked at."""
    return request.remote_addr
