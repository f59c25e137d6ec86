"""The steps of a scenario de conformité, where its text numbers them, and its prerequisites. Pure."""

import re
from functools import lru_cache

#: « 1. », « 2) », « 3 : » or « Étape 4 : »; neither a version (1.2) nor the end of a code (ECO.1.1.1). The exports
#: lost line breaks: a number with its stop may follow the word before it, when a sentence begins after it.
_MARKER = re.compile(
    r"(?:(?<![\w.,/#-])(?:[éeÉE]tape\s+)?(\d{1,2})\s?[.):]|(?<=[^\W\d_])(\d{1,2})\.(?=\s?[A-ZÀÉÊ]))(?!\d)\s*",
)
_ENOUGH = 2


@lru_cache(maxsize=4096)
def steps_of(scenario: str) -> tuple[str, ...]:
    """The text of each step, in order, from 1; none where nothing is numbered 1, 2 and so on.

    A scenario that numbers several lists has the longest for its steps, the first of equals.
    """
    markers = list(_MARKER.finditer(scenario))
    starts = [at for at, marker in enumerate(markers) if _number(marker) == 1]
    run = max((_run(markers[at:]) for at in starts), key=len, default=[])
    if len(run) < _ENOUGH:
        return ()
    ends = [*(marker.start() for marker in run[1:]), len(scenario)]
    return tuple(
        " ".join(scenario[marker.end() : end].split()) for marker, end in zip(run, ends, strict=True)
    )


def _run(markers: list[re.Match[str]]) -> list[re.Match[str]]:
    """The markers that are numbered one after the other, until the numbers begin again."""
    run = markers[:1]
    for marker in markers[1:]:
        number = _number(marker)
        if number == 1:
            break
        if number == len(run) + 1:
            run.append(marker)
    return run


def _number(marker: re.Match[str]) -> int:
    return int(marker[1] or marker[2])


#: « Prérequis : » or « Pré-requis du scénario : » up to the next step, line, or sentence that lost its space.
_PREREQUISITE = re.compile(
    r"[Pp][Rr][ÉéEe]-?\s?[Rr][Ee][Qq][Uu][Ii][Ss](?:\s+du\s+scénario)?\s*:\s*(\S.*?)\s*"
    r"(?=\*|\n|$|[EÉ]tapes\b|\.(?=\s*[A-ZÀÉÊ])|(?<=[a-zàéêè])(?=[A-ZÀÉÊ][a-zàéêè])|(?<![\w.,/#-])\d{1,2}\s?[.):](?!\d))"
)


@lru_cache(maxsize=4096)
def prerequisites_of(scenario: str) -> tuple[str, ...]:
    """The prerequisites that a scenario names, in its order."""
    return tuple(" ".join(found.split()).rstrip(" .:") for found in _PREREQUISITE.findall(scenario))
