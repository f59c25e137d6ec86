"""Technical cores: the softwares that identities join, directly or one through another. Pure."""

from collections.abc import Iterable
from uuid import UUID


def cores(softwares: Iterable[UUID], identities: Iterable[tuple[UUID, UUID]]) -> dict[UUID, UUID]:
    """The core of each software: the smallest id of those it is one with, its own where it is alone.

    Identities between softwares that are not all given count for those that are.
    """
    parent = {software: software for software in softwares}

    def root(software: UUID) -> UUID:
        while parent[software] != software:
            parent[software] = parent[parent[software]]
            software = parent[software]
        return software

    for first, second in identities:
        if first in parent and second in parent:
            low, high = sorted((root(first), root(second)))
            parent[high] = low
    return {software: root(software) for software in parent}
