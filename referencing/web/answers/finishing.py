"""What is done to every answer of the API before it leaves, in its order."""

from flask import Response, request

from .compression import compress
from .conditions import withhold_known
from .digests import tell_digest
from .preferences import minimise

#: Below which address the answers are those of the API, its description included.
API = "/api/"


def finish(response: Response) -> Response:
    """Leave out what its reader does not want or has already, then say what is left in fewer bytes, and its digest."""
    if request.path.startswith(API):
        for step in (minimise, withhold_known, compress, tell_digest):
            response = step(response)
    return response
