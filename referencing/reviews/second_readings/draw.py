"""Whether a finding is read a second time: a draw that anyone can make again. Pure.

The first eight bytes of SHA-256(`SEED:TASK`), read as an unsigned big-endian number, are a fraction of 2^64; the task
is drawn when that fraction is below the rate. `TASK` is the task's id as the API writes it. So with `SEED` and `TASK`
in hand, `printf '%s:%s' SEED TASK | sha256sum | cut -c1-16` is all that it takes.
"""

import hashlib
from uuid import UUID

_WHOLE = 2**64


def drawn(rate: int, seed: str, task_id: UUID) -> bool:
    """`rate` is a percentage: 0 draws none, 100 all."""
    place = int.from_bytes(hashlib.sha256(f"{seed}:{task_id}".encode()).digest()[:8])
    return place * 100 < rate * _WHOLE
