"""The page of events, written from the table that they are declared in: `make openapi` writes it to the docs."""

from collections.abc import Iterator
from pathlib import Path

from referencing.journal.events.table import EVENTS, LIVE_SESSION, REGISTER

PAGE = Path(__file__).parents[2] / "docs" / "events.md"

_HEAD = """# Events

What happens is written in streams, each the record of something that lives. Every route that shows events shows
them alike: `number` in the stream, `at` (UTC, with `Z`), `action` for programs, `sentence` in French for people,
`detail` with the fields below (`?`: only where there is something to say), and who did it: `by`, `role`. An event of a
live session has no author, for everybody is there to see.
This page is made from `referencing/journal/events/`; what is not declared there is not written."""

#: Where a stream is read over the API, below `/api/v1`. What no route shows is in an audit's file, or stays inside.
_READ_AT = {
    "candidature": "`GET /candidatures/{id}/timeline`, and all of one's own in `GET /events`",
    LIVE_SESSION: "`GET /duo/sessions/{id}/events`, also as a stream; kept apart from the journal",
    REGISTER: "`GET /register/changes`, by anybody; kept apart from the journal",
    "audit": "`GET /audits/{id}/timeline`, by the agency",
    "rulebook": "`GET /rulebooks/{id}/history`",
}


def page() -> Iterator[str]:
    """The lines of the page."""
    yield _HEAD
    for kind, events in EVENTS.items():
        yield f"\n## {kind}\nRead at {_READ_AT.get(kind, 'no route')}.\n"
        yield "| action | sentence | fields |\n| --- | --- | --- |"
        for action, event in events.items():
            fields = [*sorted(event.fields), *(f"{name}?" for name in sorted(event.optional))]
            yield f"| `{action}` | {event.sentence} | {', '.join(f'`{name}`' for name in fields)} |"


if __name__ == "__main__":
    PAGE.write_text("".join(f"{line}\n" for line in page()))
