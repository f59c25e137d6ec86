"""The resolution as the API gives it."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy.orm import Session

from referencing.base import db
from referencing.base.permissions import Role
from referencing.catalogue.imports.socle_links import Fidelity
from referencing.catalogue.proposals import Guichet, ProofKind
from referencing.equivalence.engine.facts import CertificateKind, Policy, Relation, Reuse
from referencing.equivalence.engine.formats import resolve_case
from referencing.reviews.queues.outcomes import Outcome
from tests.builders import ALWAYS, Asked, Story, equal, publish_dsr, publish_rules, revoke
from tests.candidatures.resolution.case_export import export
from tests.clients import Client
from tests.conftest import parts

MSS_1, MSS_2 = {"mss": "messagerie@1.0"}, {"mss": "messagerie@2.0"}


def many_sided(session: Session) -> UUID:
    """A dossier whose items stand in every way, on every kind of fact."""
    publish_dsr(
        session,
        "LGC-V1",
        Asked("INS.01", ["01.01", "01.02"]),
        Asked("INS.02"),
        Asked("MSS.01", chapter="MSS", roles=["mss"]),
        Asked("SEC.01", kind=ProofKind.PENTEST, chapter="SEC"),
    )
    publish_dsr(
        session,
        "DPI-V2",
        *(Asked(f"PSC.0{number}", socle=f"SC.PSC/0{number}") for number in (1, 2, 3)),
    )
    publish_dsr(
        session,
        "LGC-V2",
        Asked("INS/va1.01", ["01.01", "01.02"]),
        Asked("INS/va1.02"),
        Asked("MSS/va1.01", chapter="MSS", roles=["mss"]),
        Asked("SEC/va1.01", kind=ProofKind.PENTEST, chapter="SEC"),
        Asked("PSC/va2.01", socle="SC.PSC/01"),
        Asked("PSC/va2.02", socle="SC.PSC/02", fidelity=Fidelity.OVERRIDDEN),
        Asked("PSC/va2.03", socle="SC.PSC/03"),
        Asked("DMP.01", chapter="DMP", guichet=Guichet.CNDA),
        Asked("IAM.01", profile="IAM"),
        Asked("NEW.01"),
    )
    publish_rules(
        session,
        equal("LGC-V1:INS.01", "LGC-V2:INS/va1.01"),
        equal(["LGC-V1:INS.01", "LGC-V1:INS.02"], "LGC-V2:INS/va1.02", Relation.SUPERSET),
        equal("LGC-V1:MSS.01", "LGC-V2:MSS/va1.01"),
        equal("LGC-V1:SEC.01", "LGC-V2:SEC/va1.01"),
        equal("LGC-V1:INS.01#01.01", "LGC-V2:IAM.01#01.01", Relation.SUBSET),
        policies=[Policy({"kind": ("pentest",)}, Reuse.CONFIRM, 365), ALWAYS],
        kinds=[CertificateKind("CNDA-DMP", ({"chapter": "DMP"},))],
    )
    story = Story(session)
    alpha = story.solution("Alpha")
    first = story.in_review(alpha, "LGC-V1", composition=MSS_1)
    for code in ("INS.01#01.01", "INS.01#01.02", "MSS.01#01.01", "SEC.01#01.01"):
        story.find(first, f"LGC-V1:{code}")
    revoke(session, "LGC-V1:INS.01#01.02", date(2026, 3, 1))
    hospital = story.in_review(story.solution("Bêta", on=alpha), "DPI-V2", composition=MSS_1)
    story.find(hospital, "DPI-V2:PSC.01#01.01", Outcome.NONCONFORM)
    story.find(hospital, "DPI-V2:PSC.02#01.01")
    story.certificate(alpha, "CNDA-DMP")
    story.certificate(alpha, "CNDA-DMP", holder="messagerie@1.0", until=date(2026, 1, 1))
    return story.draft(alpha, "LGC-V2", composition=MSS_2, profiles=["IAM"]).id


def test_it_is_what_the_engine_answers_on_what_the_tables_say(app: Flask, as_: Callable[..., Client]) -> None:
    with db.transaction(parts(app).sessions) as session:
        dossier = many_sided(session)
        expected = resolve_case(export(session, dossier, "2026-03-02"))
    shown = as_(Role.EDITOR).get(f"/candidatures/{dossier}/equivalence")
    for item in shown["items"]:
        assert item.pop("explanation")
        assert item.pop("state") == item["status"]
    published = _published(shown)
    assert (published["items"], published["summary"]) == (expected["items"], expected["summary"])
    assert min(expected["summary"].values()) > 0


def _published(told: Any) -> Any:
    """What the API answers, in the words of `equivalence-resolution/1`."""
    if isinstance(told, dict):
        return {"proof" if key == "code" else key: _published(value) for key, value in told.items()}
    return [_published(part) for part in told] if isinstance(told, list) else told


def test_another_organisation_does_not_know_of_it(app: Flask, as_: Callable[..., Client]) -> None:
    with db.transaction(parts(app).sessions) as session:
        publish_dsr(session, "LGC-V1", Asked("INS.01"))
        story = Story(session)
        dossier = story.draft(story.solution(), "LGC-V1").id
    stranger = as_(Role.EDITOR, organisation="Mistral Santé")
    stranger.refused(404, "GET", f"/candidatures/{dossier}/equivalence")
