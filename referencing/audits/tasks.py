"""What follows, in the background, when something ceased to count."""

from uuid import UUID

from sqlalchemy.orm import Session

from .consequences import follow


def follow_revocation(session: Session, revocation: str, candidature: str) -> None:
    """See to one dossier that leaned on it."""
    follow(session, UUID(revocation), UUID(candidature))
