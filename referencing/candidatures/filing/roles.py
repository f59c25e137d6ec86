"""Roles of a composition on which no expected proof depends, with the one that may be meant. Pure."""

from collections.abc import Collection, Iterator
from difflib import get_close_matches


def role_remarks(roles: Collection[str], asked: Collection[str]) -> Iterator[str]:
    """What to say of the roles of a composition that are not among those `asked` for, in French."""
    for role in roles:
        if role in asked:
            continue
        (nearest, *_) = get_close_matches(role, sorted(asked), n=1) or [""]
        meant = f"vouliez-vous dire « {nearest} » ?" if nearest else "vérifiez qu'il est voulu."
        yield f"Aucune preuve attendue ici ne dépend du rôle « {role} » : {meant}"
