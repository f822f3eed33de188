"""Networks from which printing is allowed (D4): lists of IPv4 and IPv6 networks as texts, normalised and compared."""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

MOST_NETWORKS = 50
#: what is left where two levels have no network in common: an address that nobody has
NOWHERE = ("0.0.0.0/32",)

Network = IPv4Network | IPv6Network
_BETWEEN = re.compile(r"[\s,;，；、]+")
_MAPPED = IPv6Network("::ffff:0:0/96")


class BadNetwork(ValueError):
    """A text that is no network; `text` is what was typed."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


def parse(typed: str) -> tuple[str, ...]:
    """The networks of a text, each once, in its order: `10.1.0.0/16`, `2001:db8::/32` or a single address.

    Blanks, line ends and commas part them. Raises BadNetwork, also for a network that would hold every address.
    """
    return tuple(dict.fromkeys(str(_network(part)) for part in _BETWEEN.split(typed) if part))


def is_normal(networks: Iterable[str]) -> bool:
    """True for networks as `parse` gives them, not too many."""
    listed = tuple(networks)
    try:
        return len(listed) <= MOST_NETWORKS and all(str(_network(one)) == one for one in listed)
    except BadNetwork:
        return False


def allows(networks: Iterable[str], address: str | None) -> bool:
    """True when no network is listed, or the address lies in one; what is no address lies in none."""
    listed = [_network(one) for one in networks]
    if not listed:
        return True
    try:
        seen = ip_address((address or "").partition("%")[0])
    except ValueError:
        return False
    seen = _plain(seen)
    return any(seen in one for one in listed if one.version == seen.version)


def household(address: str | None) -> str:
    """What stands for one line to the network: an IPv4 address, or the /64 that an IPv6 address lies in, where one
    subscriber has all addresses to choose from. Blank for what is no address."""
    try:
        seen = _plain(ip_address((address or "").partition("%")[0]))
    except ValueError:
        return ""
    return str(seen) if isinstance(seen, IPv4Address) else str(IPv6Network((seen, 64), strict=False))


def covers(above: Iterable[str], below: Iterable[str]) -> bool:
    """True when every network of `below` lies in one of `above`; no network above covers everything."""
    outer = [_network(one) for one in above]
    return not outer or all(any(_inside(inner, one) for one in outer) for inner in map(_network, below))


def common(above: tuple[str, ...], own: tuple[str, ...]) -> tuple[str, ...]:
    """The networks that both lists allow; an empty list allows all. NOWHERE when they have none in common."""
    if not above or not own:
        return above or own
    pairs = [(_network(one), _network(other)) for one in above for other in own]
    both = [str(one) if _inside(one, other) else str(other) for one, other in pairs if _meet(one, other)]
    return tuple(dict.fromkeys(both)) or NOWHERE


def _network(text: str) -> Network:
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        raise BadNetwork(text) from None
    if isinstance(network, IPv6Network) and network.subnet_of(_MAPPED):
        mapped = network.network_address.ipv4_mapped
        network = IPv4Network((mapped or 0, network.prefixlen - _MAPPED.prefixlen))
    if network.prefixlen == 0:
        raise BadNetwork(text)
    return network


def _plain(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """An IPv4 address that a socket for both kinds shows as IPv6."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _inside(inner: Network, outer: Network) -> bool:
    return inner.version == outer.version and inner.prefixlen >= outer.prefixlen and inner.network_address in outer


def _meet(one: Network, other: Network) -> bool:
    return _inside(one, other) or _inside(other, one)
