"""Who may do what is in one table, whole, and every operation reads it."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from referencing.base.errors import Forbidden
from referencing.base.permissions import (
    MAY,
    OF_AN_ORGANISATION,
    ROLES,
    Actor,
    Right,
    Role,
    authorise,
    may,
)
from tests.clients import Client
from tests.web.conftest import Dossier

ZERO = "00000000-0000-0000-0000-000000000000"
ACTORS = {
    role: Actor(uuid4(), "Camille", role, uuid4() if role in OF_AN_ORGANISATION else None) for role in Role
}

#: Written out here as well: giving a role a right is to be decided in two places.
RIGHTS = {
    Role.EDITOR: "allow_integrations answer_audits ask_alike_versions book_sessions declare_components "
    "declare_identities delegate discuss file_candidatures follow_candidatures follow_reads "
    "follow_sessions foresee_expiries keep_views manage_people manage_webhooks prepare_candidatures read_audits "
    "read_candidatures read_catalogue read_certificates read_rulebooks read_solutions "
    "receive_mail register_solutions see_slots sign_minutes supply_proofs take_part",
    Role.INTEGRATION: "declare_components enter_certificates push_heartbeats read_candidatures "
    "read_catalogue read_certificates read_rulebooks supply_proofs",
    Role.VERIFIER: "await_third_parties conduct_sessions declare_absences declare_conflicts discuss "
    "follow_candidatures follow_sessions keep_views offer_slots read_candidatures "
    "read_catalogue read_certificates read_issuers read_queues read_rule_records read_rulebooks "
    "read_solutions receive_mail review see_slots sign_minutes take_part",
    Role.EXPERT: "declare_conflicts discuss follow_candidatures follow_opinions give_opinions keep_views "
    "read_candidatures read_catalogue read_certificates read_issuers read_rulebooks "
    "read_solutions receive_mail",
    Role.LEAD: "ask_alike_versions await_third_parties confirm_certificates decide declare_absences "
    "declare_components declare_conflicts discuss edit_issuers edit_rulebooks "
    "embed_certificates enter_certificates erase_people follow_candidatures follow_opinions "
    "follow_sessions foresee_expiries judge_admissibility judge_alike_versions judge_embeddings "
    "judge_identities judge_nils keep_views manage_people manage_platforms manage_webhooks offer_slots "
    "reach_editors read_audit_files read_audits read_candidatures read_catalogue read_certificates read_flags "
    "read_in_conflict read_issuers read_queues read_rule_records read_rulebooks read_solutions receive_mail "
    "replay_jobs sanction see_slots sign_minutes staff_sessions steer_queues take_over take_part",
    Role.AUDITOR: "audit declare_conflicts discuss follow_candidatures follow_reads follow_sessions "
    "foresee_expiries handle_signals keep_views read_audit_files read_audits read_candidatures "
    "read_catalogue read_certificates read_flags read_in_conflict read_issuers "
    "read_rule_records read_rulebooks read_solutions receive_mail revoke",
    Role.CATALOGUE: "edit_catalogue manage_platforms read_catalogue read_rulebooks receive_mail take_over",
}


@pytest.mark.parametrize("right", Right)
def test_every_right_is_somebodys(right: Right) -> None:
    assert MAY[right]


@pytest.mark.parametrize("role", Role)
def test_a_role_has_these_rights_and_no_others(role: Role) -> None:
    assert " ".join(sorted(right.value for right in Right if may(ACTORS[role], right))) == RIGHTS[role]


@pytest.mark.parametrize("right", Right)
@pytest.mark.parametrize("role", Role)
def test_an_actor_is_authorised_by_the_table(role: Role, right: Right) -> None:
    if role in MAY[right]:
        authorise(ACTORS[role], right)
    else:
        with pytest.raises(Forbidden) as refused:
            authorise(ACTORS[role], right)
        assert all(ROLES[one] in refused.value.detail for one in MAY[right]), "says whom to ask"


@pytest.mark.parametrize("role", sorted(set(Role) - OF_AN_ORGANISATION))
def test_the_agency_has_no_organisation_of_its_own(role: Role) -> None:
    assert ACTORS[role].own_organisation is None


#: What a right opens, over HTTP: method, path and a body that is well formed.
REQUESTS: dict[Right, tuple[str, str, object]] = {
    Right.READ_CATALOGUE: ("GET", "/dsrs", None),
    Right.EDIT_CATALOGUE: ("POST", "/dsrs/INCONNU/publication", None),
    Right.READ_RULEBOOKS: ("GET", "/rulebooks", None),
    Right.EDIT_RULEBOOKS: ("POST", f"/rulebooks/{ZERO}/publication", None),
    Right.READ_SOLUTIONS: ("GET", "/softwares", None),
    Right.REGISTER_SOLUTIONS: ("POST", "/solutions", {"software": ZERO, "commercial_name": "Alizé"}),
    Right.ENTER_CERTIFICATES: (
        "POST",
        f"/softwares/{ZERO}/certificates",
        {"kind": "MSS", "holder": "NIL-1", "number": "1", "valid_from": "2026-01-01"},
    ),
    Right.READ_CERTIFICATES: ("GET", "/certificates", None),
    Right.DECLARE_COMPONENTS: (
        "POST",
        f"/softwares/{ZERO}/edc-psc-declarations",
        {"component": "A@1", "counter": "editor", "number": "1", "declared_on": "2026-01-01"},
    ),
    Right.READ_ISSUERS: ("GET", "/issuers", None),
    Right.EDIT_ISSUERS: ("PUT", "/issuers/PERSONNE", {"name": "Personne", "kinds": []}),
    Right.READ_CANDIDATURES: ("GET", "/candidatures", None),
    Right.FOLLOW_CANDIDATURES: ("GET", f"/candidatures/{ZERO}/timeline", None),
    Right.ALLOW_INTEGRATIONS: ("POST", f"/candidatures/{ZERO}/permissions", {"account": ZERO}),
    Right.DISCUSS: ("POST", f"/candidatures/{ZERO}/messages", {"text": "Bonjour."}),
    Right.FILE_CANDIDATURES: ("POST", f"/candidatures/{ZERO}/submission", None),
    Right.SUPPLY_PROOFS: ("POST", f"/candidatures/{ZERO}/items/x/proofs", None),
    Right.JUDGE_ADMISSIBILITY: ("POST", f"/candidatures/{ZERO}/admissibility", {"outcome": "admissible"}),
    Right.DECIDE: ("POST", f"/candidatures/{ZERO}/decision", {"outcome": "referenced"}),
    Right.READ_QUEUES: ("GET", "/queues", None),
    Right.REVIEW: ("POST", f"/tasks/{ZERO}/claim", None),
    Right.DECLARE_ABSENCES: ("GET", "/absences", None),
    Right.AWAIT_THIRD_PARTIES: (
        "POST",
        f"/tasks/{ZERO}/third-party",
        {"party": "CNDA", "reason": "Homologation.", "expected_on": "2099-01-01"},
    ),
    Right.STEER_QUEUES: ("GET", "/verifiers", None),
    Right.HANDLE_SIGNALS: ("GET", "/signals", None),
    Right.READ_AUDITS: ("GET", "/audits", None),
    Right.AUDIT: ("POST", f"/audits/{ZERO}/opening", None),
    Right.ANSWER_AUDITS: ("POST", f"/sanctions/{ZERO}/answer", {"observations": "Nous avons corrigé."}),
    Right.SANCTION: ("POST", f"/audits/{ZERO}/reinstatement", {"grounds": "Corrigé."}),
    Right.READ_AUDIT_FILES: ("GET", f"/audits/{ZERO}/export", None),
}


@pytest.mark.parametrize("role", Role)
def test_over_http_a_role_may_what_the_table_says(as_: Callable[..., Client], role: Role) -> None:
    client = as_(role)
    forbidden = {
        right
        for right, (method, path, body) in REQUESTS.items()
        if client.send(method, path, json=body).status_code == 403
    }
    assert forbidden == {right for right in REQUESTS if role not in MAY[right]}


@pytest.fixture
def stranger(as_: Callable[..., Client]) -> Client:
    """An editor of another organisation."""
    return as_(Role.EDITOR, organisation="Logiciels du Mistral")


def test_nothing_of_a_dossier_exists_for_another_organisation(dossier: Dossier, stranger: Client) -> None:
    supplied = dossier.editor.upload(dossier.slot, ("preuve.txt", b"preuve"))
    read = dossier.editor.get(dossier.path)
    proof = f"/proofs/{supplied['id']}"
    for path in (
        dossier.path,
        f"{dossier.path}/items",
        f"{dossier.path}/timeline",
        f"{dossier.path}/messages",
        f"{dossier.path}/messages/read",
        f"/events?candidature={dossier.path.rpartition('/')[2]}",
        f"{dossier.path}/equivalence",
        dossier.slot.removesuffix("/proofs"),
        proof,
        f"{proof}/files/{supplied['files'][0]['id']}",
    ):
        assert dossier.editor.send("GET", path).status_code == 200, path
        stranger.refused(404, "GET", path)
    for path in (f"{dossier.path}/submission", f"{dossier.path}/withdrawal", dossier.slot):
        stranger.refused(404, "POST", path)
    new_name = {"software": read["software"], "commercial_name": "Mistral"}
    stranger.refused(404, "POST", "/solutions", json=new_name)
    words = {"dsr": read["dsr"], "solution": read["solution"], "software_version": "1"}
    stranger.refused(404, "POST", "/candidatures", json=words)


def test_what_belongs_to_others_is_refused_as_what_does_not_exist(dossier: Dossier, stranger: Client) -> None:
    others = stranger.refused(404, "GET", dossier.path)
    assert others == stranger.refused(404, "GET", f"/candidatures/{ZERO}")


@pytest.mark.parametrize("path", ["/softwares", "/candidatures"])
def test_a_list_has_only_what_is_the_organisations_own(dossier: Dossier, stranger: Client, path: str) -> None:
    assert len(dossier.editor.get(path)["items"]) == 1
    assert stranger.get(path)["items"] == []


def test_a_draft_is_its_organisations_and_what_was_filed_the_agencys_too(
    dossier: Dossier, as_: Callable[..., Client]
) -> None:
    agency = [as_(role, name="Dominique") for role in (Role.VERIFIER, Role.LEAD, Role.AUDITOR)]
    as_(Role.EDITOR, name="Dominique").get(dossier.path)
    for reader in agency:
        reader.refused(404, "GET", dossier.path)
    as_(Role.EDITOR).post(f"{dossier.path}/submission", {"incomplete": True}, 200)
    for reader in agency:
        reader.get(dossier.path)
    as_(Role.EXPERT).refused(404, "GET", dossier.path)
