"""What every answer tells a browser not to do with it (OWASP ASVS 5.0, V3.4)."""

import re
from base64 import b64encode
from hashlib import sha256

from flask import Response, request

#: An answer of the API is data: nothing of it is loaded, run or framed.
DATA = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
#: Beside the policy, on every answer.
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
#: The pages of the API's description load nothing from elsewhere; `script-src` is for the script in their page.
DESCRIPTION = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "frame-ancestors 'none'; script-src 'self'"
)
DESCRIPTION_PAGES = "/api/docs"
#: Seconds: two years, as lists of preloaded hosts ask for.
STRICT_TRANSPORT = "max-age=63072000; includeSubDomains"

#: The header of an answer that was given before, to a request with the same Idempotency-Key.
REPLAYED = "Idempotent-Replayed"


def protect(response: Response) -> Response:
    """Add the headers that an answer does not set by itself; HSTS where it travels over TLS."""
    described = request.path.startswith(DESCRIPTION_PAGES)
    response.headers.setdefault("Content-Security-Policy", _described(response) if described else DATA)
    for name, value in ALWAYS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", STRICT_TRANSPORT)
    return response


def _described(response: Response) -> str:
    """The policy of the description's pages, with the digest of each script that is written into one of them."""
    page = response.get_data() if response.mimetype == "text/html" else b""
    digests = (sha256(script).digest() for script in re.findall(rb"<script>(.*?)</script>", page, re.DOTALL))
    return " ".join([DESCRIPTION, *(f"'sha256-{b64encode(digest).decode()}'" for digest in digests)])
