"""An application as the reviews have."""

from tests.reviews.conftest import dossier, people, time

__all__ = ["dossier", "people", "time"]
