"""A dossier to ask about."""

from tests.web.conftest import app, dossier, key_of, own_number

__all__ = ["app", "dossier", "key_of", "own_number"]
