"""`Prefer: return=minimal` (RFC 7240): who changes something and needs no more than to know that it is done."""

from flask import Response, request

from referencing.web.requests import CHANGES, ShownOnce


def minimise(response: Response) -> Response:
    """Leave out the body where its reader prefers so and knows by which address to read it later.

    That is the address of the request, or the `Location` of what it made. A report, and what is shown once, stay.
    """
    if request.method not in CHANGES or not prefers_minimal() or isinstance(response, ShownOnce):
        return response
    has_address = request.method != "POST" or "Location" in response.headers
    if has_address and response.status_code in {200, 201} and response.mimetype == "application/json":
        response.set_data(b"")
        response.headers.remove("Content-Type")
        response.headers["Preference-Applied"] = "return=minimal"
        if response.status_code == 200:
            response.status_code = 204
    return response


def prefers_minimal() -> bool:
    """Whether the first `return` that is preferred is `minimal`: of two, the first one counts (RFC 7240, 2)."""
    preferences = ",".join(request.headers.getlist("Prefer")).lower().replace(";", ",")
    wanted = [part.strip().replace('"', "") for part in preferences.split(",")]
    return next((part for part in wanted if part.startswith("return=")), "") == "return=minimal"
