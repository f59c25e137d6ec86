"""What may be done with an issuer. Pure."""

from enum import StrEnum

from referencing.base.lifecycle import acts
from referencing.base.permissions import Right


class IssuerAction(StrEnum):
    CHANGE = "change"
    IMPORT_LIST = "import_list"


ISSUER = acts(
    {IssuerAction.CHANGE: "modifier", IssuerAction.IMPORT_LIST: "importer sa liste"},
    Right.EDIT_ISSUERS,
)
