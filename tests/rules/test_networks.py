"""Networks to print from: what is one, which address lies in it, and that going down only tightens (D4)."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.rules.networks import NOWHERE, BadNetwork, allows, common, covers, is_normal, parse


@pytest.mark.parametrize(
    ("typed", "networks"),
    [
        ("", ()),
        (" \r\n ", ()),
        ("10.20.0.0/16", ("10.20.0.0/16",)),
        ("10.20.3.4/16", ("10.20.0.0/16",)),
        ("10.1.2.3", ("10.1.2.3/32",)),
        ("10.1.2.3,10.1.2.4；2001:DB8::/32", ("10.1.2.3/32", "10.1.2.4/32", "2001:db8::/32")),
        ("10.1.2.3\n10.1.2.3", ("10.1.2.3/32",)),
        ("::ffff:10.1.0.0/112", ("10.1.0.0/16",)),
    ],
)
def test_networks_are_read_as_people_write_them(typed: str, networks: tuple[str, ...]) -> None:
    assert parse(typed) == networks
    assert is_normal(networks)


@pytest.mark.parametrize(
    "typed", ["school", "10.1.2", "10.1.2.3/33", "2001:db8::/129", "0.0.0.0/0", "::/0", "10.256.0.0"]
)
def test_what_is_no_network_is_named(typed: str) -> None:
    with pytest.raises(BadNetwork) as bad:
        parse(f"10.1.0.0/16 {typed}")
    assert bad.value.text == typed
    assert not is_normal((typed,))


@pytest.mark.parametrize(
    ("networks", "address", "allowed"),
    [
        ((), "198.51.100.7", True),
        ((), None, True),
        (("10.20.0.0/16",), "10.20.255.254", True),
        (("10.20.0.0/16",), "10.21.0.1", False),
        (("10.20.0.0/16",), "::ffff:10.20.0.1", True),
        (("10.20.0.0/16",), None, False),
        (("10.20.0.0/16",), "", False),
        (("10.20.0.0/16",), "10.20.0.1, 10.20.0.2", False),
        (("2001:db8:1::/48",), "2001:db8:1:ffff::9", True),
        (("2001:db8:1::/48",), "2001:db8:2::9", False),
        (("fe80::/10",), "fe80::1%eth0", True),
        (("10.20.0.0/16", "2001:db8::/32"), "2001:db8::1", True),
        (NOWHERE, "127.0.0.1", False),
    ],
)
def test_an_address_lies_inside_or_not(networks: tuple[str, ...], address: str | None, allowed: bool) -> None:
    assert allows(networks, address) is allowed


@pytest.mark.parametrize(
    ("above", "own", "inside", "both"),
    [
        ((), ("10.1.0.0/16",), True, ("10.1.0.0/16",)),
        (("10.0.0.0/8",), ("10.1.0.0/16",), True, ("10.1.0.0/16",)),
        (("10.1.0.0/16",), ("10.0.0.0/8",), False, ("10.1.0.0/16",)),
        (("10.1.0.0/16",), ("10.2.0.0/16",), False, NOWHERE),
        (("10.0.0.0/8", "2001:db8::/32"), ("10.1.0.0/16", "2001:db8:5::/48"), True, ("10.1.0.0/16", "2001:db8:5::/48")),
        (("10.1.0.0/16",), (), True, ("10.1.0.0/16",)),
    ],
)
def test_a_lower_level_lies_inside_the_one_above(
    above: tuple[str, ...], own: tuple[str, ...], inside: bool, both: tuple[str, ...]
) -> None:
    assert covers(above, own) is inside
    assert common(above, own) == both


_networks = st.lists(
    st.builds(lambda a, n: parse(f"10.{a}.0.0/{n}")[0], st.integers(0, 7), st.integers(8, 20)), max_size=4
).map(lambda found: tuple(dict.fromkeys(found)))


@given(_networks, _networks, st.integers(0, 2**24 - 1))
def test_what_two_levels_have_in_common_is_what_both_allow(
    above: tuple[str, ...], own: tuple[str, ...], host: int
) -> None:
    address = str(ip_address("10.0.0.0") + host)
    assert allows(common(above, own), address) is (allows(above, address) and allows(own, address))
