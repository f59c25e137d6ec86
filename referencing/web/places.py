"""The place that a request comes from, as far as it is counted."""

from ipaddress import IPv6Address, ip_address


def network_of(address: str | None) -> str:
    """The network that stands for a place: an IPv4 address, or the /64 that one subscriber of IPv6 has.

    Whoever comes without an address, as by a local socket, is one place together.
    """
    try:
        source = ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(source, IPv6Address):
        mapped = source.ipv4_mapped
        return str(mapped) if mapped else f"{IPv6Address(int(source) >> 64 << 64)}/64"
    return str(source)
