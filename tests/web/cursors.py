"""Cursors as a client could forge them."""

import base64
import json
from typing import Any


def cursor(*keys: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(keys).encode()).decode().rstrip("=")
