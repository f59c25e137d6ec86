"""How long the state machines play: a little each time, and as long as one likes by REFERENCING_TEST_EXAMPLES."""

import os


def examples(few: int) -> int:
    return few * int(os.environ.get("REFERENCING_TEST_EXAMPLES", "1"))
