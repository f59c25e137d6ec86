"""The page of personal data, from the tables that the program works by: `python -m tests.personal_data.page`."""

from collections.abc import Iterator
from pathlib import Path

from referencing.config import Kept
from referencing.personal_data.beyond import BEYOND
from referencing.personal_data.fates import FATES, Kind
from referencing.personal_data.kinds import OF_ACCOUNTS, OF_OTHERS, WRITTEN

PAGE = Path(__file__).parents[2] / "docs" / "personal-data.md"

_HEAD = """# Personal data

What is held about people, where, for how long and why, and what erasing somebody does with it. The French words are
those that people read. This page is made from `referencing/personal_data/kinds.py`; a test refuses a column that may
hold words and is in none of its tables.

## Of people who have an account"""
_MIDDLE = """
## Of people who have none, and of several at once
No account says whose these rows are: an erasure does not reach them.
"""
_WRITTEN = """
## Texts that may name somebody
What is written in deciding is the record of the decision, and is kept as long as it. Whoever writes there is told to
name nobody; a name that got in is found by hand, and what is sealed of it stays.
"""
_TAIL = """
## For how long
Jobs let go, every half hour, what has been kept for its time: at most 5,000 rows at
once, each time in a transaction of its own, found by an index but for the authors of signals,
who are few. `referencing forget --dry-run` counts what would go now, `referencing forget` lets it go.

{periods}

Sessions of browsers go within the hour of their end, those whom an issuer named and who have no account 90 days after
they last came, answers kept for an `Idempotency-Key` after seven days.

## A copy for the person
`GET /me/personal-data` and "Mon compte" in the console; or, on a person's request, by a lead
(`GET /accounts/{{id}}/personal-data`, the account's page in the console), of which the record tells; or
`referencing accounts copy`. It is one JSON document (`personal-data/1`), sent as it is read: for each kind its French
name, why it is held and for how long, the French names of its columns, its rows. Secrets are not in it, nor what is of
others: the names of the files that somebody read, the questions that they were asked, the reasons of others. Nor are
how far they have read messages, their queues, their slots and places in live sessions, and what they decided beyond
what is listed above: these are in the console and the API, under the person's name.

## Erasing somebody
Leaving is not erasure: who leaves has their account closed, which ends their access and removes their address, and
what they did stays in their name. Erasing is asked for by the person, decided by a lead (`erase_people`), with a
reason that stays: `GET /accounts/{{id}}/erasure` says what would go, what would stay, why and how long, `POST` does it,
as do the account's page in the console and `referencing accounts erase`. The account is closed; "Personne effacée n°
..." takes the place of the name wherever it was read, in timelines and messages too. It cannot be undone. The
record stays verifiable, because it never held the name (docs/adr/0047-the-record-names-nobody.md).

What no erasure reaches is said before it and in its answer, with what the law allows it by: article 17(3) of the GDPR
leaves out what the public interest (b) and the defence of rights (e) take.

{beyond}

A backup is not changed. `referencing backup` notes in it who was erased, by the accounts' ids; `referencing restore` of
an older one erases them again before anybody works, and the record tells. An erasure that no backup is after is known
only by a list kept apart: print it after each erasure (`referencing accounts erased > FILE`), give it to
`referencing restore --erased FILE`. Without that list it is forgotten with what was lost: whoever runs the service says
so to who asked, and erases anew."""


def page() -> Iterator[str]:
    """The lines of the page."""
    yield _HEAD
    yield from _rows(OF_ACCOUNTS)
    yield _MIDDLE
    yield from _rows(OF_OTHERS)
    yield _WRITTEN
    yield "| where | columns |\n| --- | --- |"
    for table, columns in WRITTEN.items():
        yield f"| `{table}` | {', '.join(f'`{column}`' for column in columns.split())} |"
    settings = "\n".join(["| setting | days |\n| --- | --- |", *_settings()])
    yield _TAIL.format(periods=settings, beyond="\n".join(_beyond()))


def _beyond() -> Iterator[str]:
    yield "| what | why | how long |\n| --- | --- | --- |"
    for each in BEYOND:
        yield f"| {each.label} | {each.why} | {each.kept_for} |"


def _settings() -> Iterator[str]:
    for name, days in Kept().days.items():
        yield f"| `{name.upper()}_KEPT` | {days} |"


def _rows(kinds: tuple[Kind, ...]) -> Iterator[str]:
    yield "| what | where | how long | why | erased |\n| --- | --- | --- | --- | --- |"
    days = {name: f"`{name.upper()}_KEPT`" for name in Kept().days}
    for kind in kinds:
        where = ", ".join(f"`{column.key}`" for column in kind.columns)
        cells = (
            kind.label,
            f"`{kind.name}`: {where}",
            kind.kept.format(**days),
            kind.why,
            FATES[kind.fate] if kind.of is not None else "non",
        )
        yield f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    PAGE.write_text("".join(f"{line}\n" for line in page()))
