"""An audit's draw leans to what was reused by a rule of which a reuse was found false."""

from typing import Any

from tests.audits.inquiry import Inquiry, of
from tests.candidatures.dossiers import IDENTITY, MAIL, TRAITS, People
from tests.safeguards.test_records import look_again


def weights(people: People, inquiry: Inquiry) -> dict[str, Any]:
    drawn = inquiry.auditor.get(f"{inquiry.path}/draw")
    return {entrant["requirement"]: entrant for entrant in drawn["population"]}


def requirement(code: str) -> str:
    return code.partition(":")[2].partition("#")[0]


def test_the_next_audit_leans_to_the_rule_that_was_found_false(people: People, inquiry: Inquiry) -> None:
    before = weights(people, inquiry)
    assert not any("bilan faible" in entrant["reason"] for entrant in before.values())
    look_again(inquiry, **{TRAITS: "nonconform"})
    inquiry.auditor.post(f"{inquiry.path}/abandonment", {"reason": "Refait."}, 200)
    again = of(inquiry.dossier, size=2)
    after = weights(people, again)
    assert after[requirement(TRAITS)]["weight"] == 3 * before[requirement(TRAITS)]["weight"]
    assert "bilan faible" in after[requirement(TRAITS)]["reason"]
    assert after[requirement(IDENTITY)]["weight"] == 3 * before[requirement(IDENTITY)]["weight"], (
        "by the same policy"
    )
    assert after[requirement(MAIL)] == before[requirement(MAIL)], "nothing is reused there"
