"""Every table, imported so that the metadata is whole."""

from . import jobs
from .accounts import models as accounts
from .audits import models as audits
from .candidatures import models as candidatures
from .catalogue import models as catalogue
from .db import Base
from .duo import minutes_models as duo_minutes
from .duo import models as duo
from .duo import room_models as duo_rooms
from .equivalence import models as equivalence
from .identities import models as identities
from .journal import models as journal
from .mail import models as mail
from .messages import models as messages
from .proofs import models as proofs
from .reviews import models as reviews
from .signals import models as signals
from .simulations import models as simulations
from .solutions import models as solutions
from .uploads import models as uploads

__all__ = [
    "accounts",
    "audits",
    "candidatures",
    "catalogue",
    "duo",
    "duo_minutes",
    "duo_rooms",
    "equivalence",
    "identities",
    "jobs",
    "journal",
    "mail",
    "messages",
    "metadata",
    "proofs",
    "reviews",
    "signals",
    "simulations",
    "solutions",
    "uploads",
]

metadata = Base.metadata
