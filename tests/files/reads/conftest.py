"""The application that the tests of HTTP share, with a dossier for each test."""

from tests.web.conftest import app, dossier, key_of, own_number

__all__ = ["app", "dossier", "key_of", "own_number"]
