"""What may be done with a certificate: with one that ended, nothing. Pure."""

from datetime import date
from enum import StrEnum

from referencing.base.lifecycle import Lifecycle
from referencing.base.permissions import Right


class CertificateState(StrEnum):
    STANDING = "standing"
    ENDED = "ended"  # withdrawn, revoked or corrected


class CertificateAction(StrEnum):
    ADD_FILES = "add_files"
    CONFIRM = "confirm"
    CORRECT = "correct"
    EMBED = "embed"
    REVOKE = "revoke"
    WITHDRAW = "withdraw"


_S, _A = CertificateState, CertificateAction

CERTIFICATE = Lifecycle(
    {
        **{(_S.STANDING, action): _S.STANDING for action in (_A.ADD_FILES, _A.CONFIRM, _A.EMBED)},
        **{(_S.STANDING, action): _S.ENDED for action in (_A.CORRECT, _A.REVOKE, _A.WITHDRAW)},
    },
    {_S.STANDING: "en vigueur", _S.ENDED: "retiré"},
    {
        _A.ADD_FILES: "joindre des fichiers",
        _A.CONFIRM: "confirmer",
        _A.CORRECT: "corriger",
        _A.EMBED: "reprendre pour un logiciel qui embarque le composant",
        _A.REVOKE: "révoquer",
        _A.WITHDRAW: "retirer au nom de son émetteur",
    },
    {
        _A.ADD_FILES: Right.ENTER_CERTIFICATES,
        _A.CONFIRM: Right.CONFIRM_CERTIFICATES,
        _A.CORRECT: Right.ENTER_CERTIFICATES,
        _A.EMBED: Right.EMBED_CERTIFICATES,
        _A.REVOKE: Right.REVOKE,
        _A.WITHDRAW: Right.ENTER_CERTIFICATES,
    },
)


def state_at(revoked_on: date | None) -> CertificateState:
    return CertificateState.STANDING if revoked_on is None else CertificateState.ENDED
