"""What somebody who is invited reads, and the address that they open. Pure."""

from datetime import datetime

from referencing.base.permissions import FUNCTIONS, ROLES, Function, Role
from referencing.base.workdays import paris_day
from referencing.equivalence.engine.explanation import in_french

SUBJECT = "Votre invitation au référencement Ségur"


def link(base: str, token: str) -> str:
    """The address at which an invitation is accepted, below that of the console."""
    return f"{base.rstrip('/')}/invitation/{token}"


def text(inviter: str, place: str, post: str, expires_at: datetime, address: str) -> str:
    """The letter to who is invited to `place` as `post`; `address` is their link."""
    return (
        f"Bonjour,\n\n{inviter} vous invite à rejoindre {place} sur le service du référencement Ségur ({post}).\n\n"
        f"Pour accepter, ouvrez cette adresse, jusqu'au {in_french(paris_day(expires_at))} :\n\n{address}\n\n"
        "Elle sert une seule fois et n'est qu'à vous : ne la transmettez pas. Si vous n'attendiez pas ce message, "
        "ignorez-le : aucun compte n'est ouvert sans vous.\n"
    )


def post(role: Role, function: Function | None) -> str:
    """A role, with the function that goes with it, as a person reads them."""
    return f"{ROLES[role]}, {FUNCTIONS[function]}" if function else ROLES[role]
