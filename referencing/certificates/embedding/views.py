"""Embedded certificates as the API shows them."""

from typing import Any

from .queries import Embedding


def embedding_view(one: Embedding) -> dict[str, Any]:
    software = one.software
    return {
        "software": {"id": software.id, "name": software.name, "nil": software.nil},
        "organisation": software.organisation.name,
        "component": one.component,
        "certificate": one.certificate,
    }
