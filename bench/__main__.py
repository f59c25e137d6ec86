"""`make bench [SECTION...]`: what things cost, as ratios to a floor measured in the same run."""

import sys
from collections.abc import Callable

from bench import duo, equivalence, queues, upload

SECTIONS: dict[str, Callable[[], None]] = {
    "equivalence": equivalence.run,
    "upload": upload.run,
    "queues": queues.run,
    "duo": duo.run,
}

if __name__ == "__main__":
    for name in sys.argv[1:] or SECTIONS:
        if name not in SECTIONS:
            sys.exit(f"no section {name!r}: choose among {', '.join(SECTIONS)}")
        SECTIONS[name]()
