"""The minutes of a session that was conducted, from its opening to both signatures."""

import orjson

from referencing.base.permissions import Actor
from referencing.duo.minutes import operations
from referencing.duo.minutes.models import Decision
from referencing.duo.minutes.pdf import render
from referencing.duo.sessions.models import LiveSession
from referencing.duo.sessions.phases import Phase
from referencing.reviews.queues.outcomes import Outcome
from referencing.reviews.verdicts.verdicts import Details
from tests.duo.live import Live


def read(live: Live, who: Actor, session: LiveSession) -> operations.Written:
    return operations.read(live.session, who, session.id)[1]


def test_what_was_decided_live_is_in_the_minutes_that_both_sides_sign(live: Live) -> None:
    running = live.running()
    live.capture(running, "X1")
    steps = [{"step": n, "outcome": Outcome.CONFORM, "comment": "Vu."} for n in (1, 2, 3)]
    live.decide(running, "X1", details=Details(steps=steps))
    live.decide(running, "X2", Outcome.NONCONFORM, "Absent.")
    live.close(running)
    written = read(live, live.editor, running)
    minutes = orjson.loads(written.document)
    found = {one["number"]: one["verdict"] and one["verdict"]["outcome"] for one in minutes["items"]}
    assert found == {"X1.01.01": "conform", "X2.01.01": "nonconform", "X3.01.01": None, "X4.01.01": None}
    (first,) = (one for one in minutes["items"] if one["number"] == "X1.01.01")
    assert [one["filename"] for one in first["captures"]] == ["ecran.png"]
    assert [one["step"] for one in first["steps"]] == [1, 2, 3]
    assert render(minutes, written.sha256, []).startswith(b"%PDF-")
    for who in (live.editor, live.verifier):
        operations.sign(
            live.session, who, running.id, sha256=written.sha256, decision=Decision.SIGNED, reserves=""
        )
    live.session.expire_all()
    assert running.phase is Phase.SIGNED
    assert read(live, live.lead, running) == operations.Written(written.document, written.sha256, fixed=True)
