"""What is taken for an e-mail address: one mailbox, that any SMTP server can be told. Pure."""

import re

#: Of RFC 5321, 4.5.3.1: octets of the part before the @, and of the whole.
LONGEST_LOCAL, LONGEST = 64, 254
#: Printable ASCII that needs no quotes (RFC 5322, dot-atom): what people have, and no way out of a header.
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")


def mailbox(text: str) -> str | None:
    """The address as it is written in an envelope, its domain in ASCII and small letters; None when it is none."""
    local, at, domain = text.strip().rpartition("@")
    try:
        domain = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return None
    labels = domain.split(".")
    address = f"{local}@{domain}"
    fits = bool(at) and len(local) <= LONGEST_LOCAL and len(address) <= LONGEST
    named = len(labels) > 1 and all(map(_LABEL.fullmatch, labels)) and not labels[-1].isdigit()
    return address if fits and named and _LOCAL.fullmatch(local) else None
