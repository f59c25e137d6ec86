"""Background work when something ceased to count."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from referencing.base.jobs import Background

from .consequences import follow
from .expiries import (
    notice_expired_certificate,
    notice_expired_rule,
    notice_expiries,
    notice_replaced_finding,
)
from .standings import follow_dossier_standing


def follow_revocation(session: Session, revocation: str, candidature: str) -> None:
    """Follow a revocation in one dossier."""
    follow(session, UUID(revocation), UUID(candidature))


TASKS = (
    Background(follow_revocation),
    Background(follow_dossier_standing),
    Background(notice_expiries, every=timedelta(minutes=10)),
    Background(notice_expired_certificate),
    Background(notice_expired_rule),
    Background(notice_replaced_finding),
)
