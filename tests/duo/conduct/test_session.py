"""A session from its booking to its end: what is decided stands, the rest is somewhere, and only there."""

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from referencing.base.errors import Conflict, Forbidden, Invalid, Stale, Unconfirmed
from referencing.base.permissions import Role
from referencing.catalogue.proposals import ProofKind
from referencing.duo.conduct import operations
from referencing.duo.conduct.ending import Leftovers
from referencing.duo.conduct.views import whole
from referencing.duo.sessions import people
from referencing.duo.sessions.models import Side
from referencing.duo.sessions.phases import Action, Phase
from referencing.duo.slots.models import Quarter
from referencing.duo.slots.offers import quarters
from referencing.proofs.models import Verification
from referencing.reviews.queues.outcomes import Outcome
from referencing.reviews.verdicts.verdicts import Details
from tests.builders import Asked, person, publish_dsr, supply
from tests.duo.live import Live


def test_what_is_to_be_shown_live_is_not_missing_at_the_admission_and_is_in_no_queue(live: Live) -> None:
    candidature = live.dossier()
    assert live.waiting(candidature) == {"DOC": "proof_review"}
    assert live.items(candidature)["X1"] == ("required", "duo")


def test_a_booked_session_has_the_items_in_the_order_of_their_times(live: Live) -> None:
    booked = live.booked()
    assert live.lines(booked) == {"X2": "planned", "X3": "planned", "X4": "planned", "X1": "planned"}
    assert sorted(one.side for one in booked.participants) == [Side.AGENCY, Side.EDITOR]


def test_what_is_added_to_an_agenda_has_to_fit_the_slot_with_what_is_there(live: Live) -> None:
    """Four minutes each, and five around: there are ten for what is shown."""
    candidature, (x2, x3, x4) = live.dossier(), (f"LGC-V2:X{n}#01.01" for n in (2, 3, 4))
    booked = live.book(candidature, live.offer(slot_minutes=15), [x2])
    with pytest.raises(
        Invalid, match=f"environ 17 minutes et le créneau en a 15 .* tiennent : {x3}."
    ) as refused:
        operations.set_agenda(live.session, live.editor, booked.id, booked.revision, [x2, x3, x4])
    assert [one.pointer for one in refused.value.errors] == ["/items"]
    operations.set_agenda(live.session, live.editor, booked.id, booked.revision, [x4, x3])
    assert live.lines(booked) == {"X2": "withdrawn", "X4": "planned", "X3": "planned"}


def test_what_was_decided_has_taken_its_time(live: Live) -> None:
    codes = [f"LGC-V2:X{n}#01.01" for n in (2, 3, 4)]
    running = live.opened(live.book(live.dossier(), live.offer(slot_minutes=15), codes[:2]))
    live.decide(running, "X2")
    with pytest.raises(Invalid, match="aucune"):
        operations.set_agenda(live.session, live.verifier, running.id, running.revision, codes[1:])
    operations.set_agenda(live.session, live.verifier, running.id, running.revision, codes[2:])
    assert live.lines(running) == {"X2": "decided", "X3": "withdrawn", "X4": "planned"}


def test_a_live_verdict_is_a_fact_of_mode_duo_on_the_captures(live: Live) -> None:
    running = live.running()
    live.show(running, "X2")
    live.capture(running, "X2", "un écran")
    line = live.decide(running, "X2", recording=None)
    fact = live.session.scalars(sa.select(Verification).where(Verification.proof_code.contains("X2"))).one()
    assert (fact.mode, fact.finding.value, fact.verifier_id) == ("duo", "verified", live.verifier.account_id)
    assert [one.proof_id for one in line.captures] == [fact.proof_id]
    assert fact.file_sha256 == line.captures[0].sha256
    assert line.state == "decided"


def test_a_verdict_with_the_recording_alone_is_on_a_record_of_what_was_seen(live: Live) -> None:
    running = live.running()
    live.decide(running, "X2", recording="enregistrement 12, 00:04:10")
    fact = live.session.scalars(sa.select(Verification).where(Verification.proof_code.contains("X2"))).one()
    written = json.loads(live.storage.kept[str(fact.file_sha256)])
    assert (written["code"], written["recording"]) == ("LGC-V2:X2#01.01", "enregistrement 12, 00:04:10")


@pytest.mark.parametrize("outcome", [Outcome.CONFORM, Outcome.NONCONFORM])
def test_a_verdict_of_which_nothing_is_kept_is_refused_unless_the_dsr_allows_it(
    live: Live, outcome: Outcome
) -> None:
    running = live.running()
    with pytest.raises(Invalid) as refused:
        live.decide(running, "X2", outcome, recording=None)
    assert [one.pointer for one in refused.value.errors] == ["/recording"]


def test_a_complement_says_what_is_expected_and_when(live: Live) -> None:
    running = live.running()
    details = Details(missing=["L'écran des droits"], due_on=(live.time.now + timedelta(days=20)).date())
    line = live.decide(running, "X3", Outcome.COMPLEMENT, "", recording=None, details=details)
    assert line.verdict is not None
    assert (line.verdict.missing, line.verdict.due_on) == (details.missing, details.due_on)
    assert live.items(running.candidature)["X3"] == ("complement", "duo")


def test_steps_are_all_said_or_none(live: Live) -> None:
    running = live.running()
    steps = [{"step": n, "outcome": Outcome.CONFORM, "comment": ""} for n in (1, 2)]
    with pytest.raises(Invalid):
        live.decide(running, "X1", details=Details(steps=steps))
    steps.append({"step": 3, "outcome": Outcome.CONFORM, "comment": ""})
    assert [one["step"] for one in live.decide(running, "X1", details=Details(steps=steps)).steps] == [
        1,
        2,
        3,
    ]


def test_two_verifiers_do_not_overwrite_each_other(live: Live) -> None:
    running = live.running()
    read = live.line(running, "X2").revision
    live.decide(running, "X2", Outcome.CONFORM, revision=read)
    with pytest.raises(Stale):
        live.decide(running, "X2", Outcome.NONCONFORM, "Non.", revision=read)
    assert live.items(running.candidature)["X2"][0] == "conform"


def test_a_verdict_is_corrected_while_the_session_is_open(live: Live) -> None:
    running = live.running()
    live.decide(running, "X2")
    line = live.decide(running, "X2", Outcome.NONCONFORM, "Le nom n'est pas affiché.")
    assert line.verdict is not None
    assert line.verdict.finding.value == "rejected"
    found = live.session.scalars(
        sa.select(Verification).where(Verification.proof_code.contains("X2")).order_by(Verification.id)
    ).all()
    assert [(one.finding.value, one.revoked_on is None) for one in found] == [
        ("verified", False),
        ("rejected", True),
    ]


def test_what_is_left_goes_to_the_queue_and_what_was_decided_stays(live: Live) -> None:
    running = live.running()
    live.decide(running, "X2")
    live.show(running, "X3")
    live.capture(running, "X4", "à moitié vu")
    live.close(running)
    assert live.lines(running) == {"X2": "decided", "X3": "to_queue", "X4": "to_queue", "X1": "to_queue"}
    waiting = live.waiting(running.candidature)
    assert waiting == {"DOC": "proof_review", **dict.fromkeys(["X1", "X3", "X4"], "duo_follow_up")}
    assert live.items(running.candidature)["X2"] == ("conform", "duo")


def test_what_is_left_can_wait_for_another_session_but_not_what_was_captured(live: Live) -> None:
    running = live.running()
    live.show(running, "X3")
    live.capture(running, "X4")
    live.close(running, Leftovers.NEXT_SESSION)
    assert live.lines(running) == {"X2": "to_next", "X3": "to_next", "X4": "to_queue", "X1": "to_next"}
    assert live.items(running.candidature)["X3"] == ("required", "duo")
    following = live.book(running.candidature, live.offer(day=(live.time.now + timedelta(days=7)).date()))
    assert following.follows_id == running.id
    assert set(live.lines(following)) == {"X1", "X2", "X3", "X4"}, "what follows is proposed again"


def test_a_test_that_is_shown_live_is_found_conform_with_its_day_alone(live: Live) -> None:
    """What a session adds to what was supplied keeps its day."""
    tests = [Asked(code, kind=ProofKind.PENTEST) for code in ("X1", "X2")]
    version = publish_dsr(live.session, "LGC-V2", *tests)
    for requirement in version.requirements:
        requirement.proofs[0].duo = True
    live.session.flush()
    candidature = live.dossier()
    supply(live.session, live.editor, candidature, "LGC-V2:X2#01.01")
    running = live.opened(live.booked(candidature))
    for code in ("X1", "X2"):
        live.capture(running, code)
    with pytest.raises(Invalid, match="La date du test d'intrusion n'est pas donnée"):
        live.decide(running, "X1")
    live.decide(running, "X2")
    assert live.items(candidature)["X2"] == ("conform", "duo")


def test_an_interrupted_session_loses_nothing(live: Live) -> None:
    running = live.running()
    live.decide(running, "X2")
    live.interrupt(running)
    assert running.phase is Phase.INTERRUPTED
    assert live.items(running.candidature)["X2"] == ("conform", "duo")
    assert set(live.waiting(running.candidature)) == {"DOC", "X1", "X3", "X4"}


def test_an_absence_is_noted_once_somebody_was_waited_for(live: Live) -> None:
    running = live.running()

    def miss() -> None:
        operations.miss(live.session, live.verifier, running.id, Side.EDITOR, Leftovers.QUEUE, "")

    with pytest.raises(Conflict):
        miss()
    live.time.now += timedelta(minutes=15)
    miss()
    assert (running.phase, running.absent) == (Phase.NO_SHOW, Side.EDITOR)
    assert set(live.waiting(running.candidature)) == {"DOC", "X1", "X2", "X3", "X4"}


def test_only_its_verifiers_conduct_a_session(live: Live) -> None:
    booked = live.booked()
    live.time.now = booked.starts_at
    with pytest.raises(Forbidden):
        operations.open_session(live.session, live.colleague(), booked.id)


def test_a_refusal_tells_each_what_they_may_do_with_the_session(live: Live) -> None:
    running = live.running()
    allowed = {
        live.verifier: "clore, interrompre, constater une absence, suspendre",
        live.editor: "constater une absence",
    }
    for actor, possible in allowed.items():
        with pytest.raises(Conflict, match=rf"Ce que vous pouvez faire : {possible}\."):
            operations.allow(actor, running, Action.CANCEL)
    with pytest.raises(Conflict, match=r"« annuler » n'est pas possible\.$"):
        operations.allow(live.colleague(), running, Action.CANCEL)


def test_a_paused_session_decides_nothing(live: Live) -> None:
    running = live.running()
    operations.pause(live.session, live.verifier, running.id, "Café.")
    with pytest.raises(Conflict, match="suspendue"):
        live.decide(running, "X2")


def test_what_was_decided_is_not_put_back_on_the_agenda_but_can_be_decided_again(live: Live) -> None:
    running = live.running()
    live.decide(running, "X2", Outcome.COMPLEMENT, "Il manque un écran.")
    back = ["LGC-V2:X2#01.01", "LGC-V2:X3#01.01"]
    with pytest.raises(Invalid) as refused, live.session.begin_nested():
        operations.set_agenda(live.session, live.verifier, running.id, running.revision, back)
    assert [one.pointer for one in refused.value.errors] == ["/items/0"]
    assert live.decide(running, "X2").state == "decided"
    assert live.items(running.candidature)["X2"] == ("conform", "duo")


@pytest.mark.parametrize(("late", "first"), [(-30, 0), (0, 0), (1, 15), (15, 15)])
def test_who_joins_is_taken_from_the_next_quarter_on(live: Live, late: int, first: int) -> None:
    booked, colleague = live.booked(), person(live.session, Role.EDITOR)
    live.time.now = booked.starts_at + timedelta(minutes=late)
    people.arrive(live.session, colleague, booked.id)
    taken = sa.select(Quarter.starts_at).where(Quarter.account_id == colleague.account_id)
    left = quarters(booked.starts_at + timedelta(minutes=first), booked.ends_at)
    assert sorted(live.session.scalars(taken)) == left


def test_a_session_in_which_nothing_was_decided_is_not_ended_without_being_asked(live: Live) -> None:
    running = live.running()
    live.show(running, "X3")
    with pytest.raises(Unconfirmed) as refused:
        operations.close(live.session, live.verifier, running.id, Leftovers.QUEUE, "")
    assert len(refused.value.members["pending"]) == 4
    live.decide(running, "X2")
    closed = operations.close(live.session, live.verifier, running.id, Leftovers.QUEUE, "")
    assert closed.phase is Phase.CLOSED


def test_a_line_says_beforehand_what_its_verdict_needs(live: Live) -> None:
    running = live.running()

    def needs(code: str) -> list[str]:
        agenda = whole(live.session, live.verifier, running.id)["agenda"]
        (line,) = [one for one in agenda if one["code"] == f"LGC-V2:{code}#01.01"]
        return list(line["verdict_needs"])

    assert needs("X3") == ["capture_or_recording"]
    live.capture(running, "X3")
    assert needs("X3") == []
    live.decide(running, "X3")
    assert needs("X3") == []
