"""A lead writes rules, has them proposed, checked, simulated and published, and takes earlier ones up again."""

from io import BytesIO
from typing import Any
from urllib.parse import urlencode

import pytest

from referencing.base.permissions import Role
from referencing.catalogue.proposals import Guichet, ProofKind
from referencing.console.rulebooks.entries import VALUES
from referencing.equivalence.engine.facts import Standing
from referencing.simulations.publication import foresight
from tests.candidatures.dossiers import Dossier, People
from tests.clients import Client
from tests.console.browser import Browser
from tests.console.conftest import SignIn
from tests.stories.work import work_through

MEANT = "Publier, malgré ce qui est perdu"
LINK = "LGC-V1:INS.01 → LGC-V2:INS/va1.01"


@pytest.fixture
def lead(people: People) -> Client:
    """The same person's program."""
    return people.lead


@pytest.fixture
def browser(signed_in: SignIn) -> Browser:
    return signed_in(Role.LEAD)


def begin(browser: Browser, **words: Any) -> str:
    """The identifier of a new draft."""
    browser.open("/regles")
    browser.press("Commencer", **{"label": "Projet", "begin": "in_force", **words})
    return browser.address.removeprefix("/regles/")


def without_links(lead: Client) -> str:
    """A draft by which nothing of one vague counts in the next."""
    always = {"when": {}, "then": {"reuse": "auto"}}
    written: str = lead.post("/rulebooks", {"label": "Sans correspondance", "policies": [always]})["id"]
    return written


def in_force(lead: Client) -> Any:
    return next(one for one in lead.get("/rulebooks")["items"] if one["state"] == "published")


def test_rules_go_from_a_proposal_to_their_publication(
    browser: Browser, lead: Client, people: People
) -> None:
    draft = begin(browser, begin="nothing")
    browser.press("Ajouter cette politique", then__reuse="auto")
    browser.open(f"/regles/{draft}/propositions")
    asked: Any = {"from": "LGC-V1", "to": "LGC-V2", "origins": ["socle", "likeness"]}
    page = browser.press("Proposer", **asked)
    assert "proposition nouvelle" in page or "propositions nouvelles" in page
    (proposal, *_) = lead.get(f"/rulebooks/{draft}/proposals?state=proposed")["items"]
    browser.open(f"/regles/{draft}/propositions")
    page = browser.press("Accepter", proposals=[proposal["id"]], decision="accept")
    assert "1 proposition décidée." in page
    assert lead.get(f"/rulebooks/{draft}")["correspondences"][0]["to"] == proposal["to"]["code"]
    browser.open(f"/regles/{draft}/controles")
    assert "Contrôlées le" in browser.press("Contrôler maintenant")
    browser.open(f"/regles/{draft}/simulations")
    assert "Dossiers regardés" in browser.press("Simuler")
    people.jobs()
    page = browser.open(browser.address)
    assert "Terminée : 1 dossier" in page
    browser.open(f"/regles/{draft}/publication")
    browser.press("Publier", accept_warnings="1")
    assert in_force(lead)["id"] == draft


def test_a_publication_shows_what_is_lost_and_names_it(
    browser: Browser, lead: Client, people: People, dossier: Dossier
) -> None:
    solution = people.solution("Bêta")
    people.referenced("LGC-V1", solution)
    second = people.draft("LGC-V2", solution)
    second.submit(incomplete=True)
    before = in_force(lead)["id"]
    assert second.codes("covered")
    draft = without_links(lead)
    page = browser.open(f"/regles/{draft}/publication")
    assert "1 dossier change" in page
    assert "couverte par équivalence → à fournir" in page
    assert "Les dossiers en préparation comptent, sans être nommés." in page
    refused = browser.press(MEANT, 409)
    assert "Corrigez ces avertissements" in refused
    assert "Donnez true" not in refused
    assert in_force(lead)["id"] == before
    assert "Les règles sont publiées." in browser.press(MEANT, accept_warnings="1")
    people.jobs()
    assert second.codes("covered") == []
    browser.open(f"/regles/{before}/publication")
    assert "Corrigez" in browser.press("Reprendre", 422)
    assert "s'appliquent de nouveau" in browser.press("Reprendre", reason="Une correspondance manque.")
    people.jobs()
    assert second.codes("covered")
    assert dossier.state == "in_review"


def test_rules_for_a_later_day_are_withdrawn_before_it(browser: Browser, lead: Client) -> None:
    draft = begin(browser)
    browser.open(f"/regles/{draft}/publication?valid_from=2026-06-01")
    browser.press("Publier", accept_warnings="1")
    assert lead.get(f"/rulebooks/{draft}")["valid_from"] == "2026-06-01"
    assert "à partir du 1er juin 2026" in browser.open(f"/regles/{draft}/publication")
    assert "de nouveau un brouillon" in browser.press("Retirer avant ce jour", reason="Trop tôt.")
    assert lead.get(f"/rulebooks/{draft}")["state"] != "published"


def test_many_open_dossiers_ask_for_a_simulation_first(
    browser: Browser, lead: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(foresight, "MOST_COMPARED", 0)
    draft = without_links(lead)
    page = browser.open(f"/regles/{draft}/publication")
    assert "demandez aujourd'hui la simulation" in page
    assert "Publier ces règles" not in page


def test_rules_that_were_replaced_are_never_said_to_be_in_force(
    browser: Browser, lead: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    replaced, draft = in_force(lead)["id"], without_links(lead)
    browser.open(f"/regles/{draft}/publication")
    browser.press("Publier", accept_warnings="1")
    assert "Ces règles sont en vigueur" in browser.open(f"/regles/{draft}/publication")
    monkeypatch.setattr(foresight, "MOST_COMPARED", 0)
    page = browser.open(f"/regles/{replaced}/publication")
    assert "simulation" in page
    assert "Ces règles sont en vigueur" not in page


def test_rules_are_edited_one_by_one(browser: Browser, lead: Client) -> None:
    draft = begin(browser)
    link: Any = {"from": "LGC-V1:INS.03", "to": "LGC-V2:MSS/va1.01", "relation": "subset"}
    browser.press("Ajouter cette correspondance", **link)
    browser.press("Ajouter cette politique", when__guichet="ANS, CNDA", then__reuse="confirm")
    rules = lead.get(f"/rulebooks/{draft}")
    added = next(rule for rule in rules["correspondences"] if rule["to"] == "LGC-V2:MSS/va1.01")
    assert (added["from"], added["relation"]) == (["LGC-V1:INS.03"], "subset")
    assert rules["policies"][-1] == {
        "when": {"guichet": ["ANS", "CNDA"]},
        "then": {"reuse": "confirm", "max_age_days": None},
    }


def test_an_age_that_is_no_number_of_days_is_given_back(browser: Browser) -> None:
    begin(browser)
    for age in ("9" * 5000, "²", "dix"):
        assert "Corrigez" in browser.press("Ajouter cette politique", 422, then__max_age_days=age)


def test_a_policy_is_read_in_words_whatever_its_codes(browser: Browser, lead: Client) -> None:
    when = {"standing": "delisted", "kind": ["pentest", "log"], "case": "commercial_name", "chapter": "INS*"}
    policies = [{"when": when, "then": {"reuse": "never"}}]
    written = lead.post("/rulebooks", {"label": "En toutes lettres", "policies": policies})["id"]
    shown = browser.open(f"/regles/{written}")
    assert "suite du dossier d'origine déréférencé" in shown
    assert "sorte de preuve test d'intrusion ou journal ou trace" in shown
    assert "cas de réemploi autre nom commercial" in shown
    assert "chapitre INS*" in shown
    assert set(VALUES["standing"]) == {*Standing}
    assert set(VALUES["kind"]) == {*ProofKind}
    assert set(VALUES["guichet"]) == {*Guichet}


def test_a_rule_is_shown_with_the_texts_that_it_links(browser: Browser, lead: Client) -> None:
    browser.open(f"/regles/{in_force(lead)['id']}")
    assert "LGC-V1:INS.01 : Le logiciel DOIT retrouver un patient" in browser.page.text


def test_kinds_of_certificates_are_edited(browser: Browser, lead: Client) -> None:
    draft = begin(browser)
    revision = lead.get(f"/rulebooks/{draft}")["revision"]
    words = {"revision": revision, "kind": "HAS", "covers": "LGC-V2 ; * ; MSS\n* ; INS.* ; *"}
    assert browser.post(f"/regles/{draft}/certificats", words).status_code == 303
    (kind,) = [one for one in lead.get(f"/rulebooks/{draft}")["certificate_kinds"] if one["kind"] == "HAS"]
    assert kind["covers"] == [{"dsr": "LGC-V2", "chapter": "MSS"}, {"requirement": "INS.*"}]
    stale = browser.post(f"/regles/{draft}/certificats/retrait", {"revision": revision, "kind": "HAS"})
    assert stale.status_code == 412
    assert "Ce référentiel de règles a changé" in stale.get_data(as_text=True)
    browser.post(f"/regles/{draft}/certificats/retrait", {"revision": revision + 1, "kind": "HAS"})
    assert len(lead.get(f"/rulebooks/{draft}")["certificate_kinds"]) == 1


def test_a_table_is_added_and_its_report_is_read(browser: Browser, lead: Client) -> None:
    draft = begin(browser, begin="nothing")
    header = "dispositif_source,vague_source,exigences_source,dispositif_cible,vague_cible,exigence_cible,evolution"
    table = f"{header}\nLGC,1,INS.01,LGC,2,INS/va1.01,Inchangée\nLGC,1,INS.02,LGC,2,X,Autre\n"
    page = browser.press("Ajouter ses lignes", file=(BytesIO(table.encode()), "table.csv"))
    assert "2 lignes lues : 1 règle ajoutée" in page
    assert "Ligne 3" in page
    assert [rule["id"] for rule in lead.get(f"/rulebooks/{draft}")["correspondences"]] == [LINK]


def test_a_chain_is_drawn_and_told(browser: Browser, lead: Client) -> None:
    rules = in_force(lead)["id"]
    page = browser.open(f"/regles/{rules}/chaines?exigence=LGC-V2:INS/va1.02")
    assert "LGC-V1:INS.02 demande une partie de ce que demande LGC-V2:INS/va1.02" in page
    assert "LGC-V1:INS.03 demande la même chose que LGC-V2:INS/va1.02" in page
    assert "INS.01" not in page


def test_a_refusal_of_a_proposal_has_a_reason(browser: Browser, lead: Client) -> None:
    draft = begin(browser, begin="nothing")
    lead.post(f"/rulebooks/{draft}/proposals", {"from": "LGC-V1", "to": "LGC-V2", "least": 0.1}, 200)
    (proposal, *_) = lead.get(f"/rulebooks/{draft}/proposals")["items"]
    browser.open(f"/regles/{draft}/propositions")
    assert "Aucune n'est cochée" in browser.press("Refuser", 422)
    assert "Un refus a un motif" in browser.press("Refuser", proposals=[proposal["id"]])
    browser.press("Refuser", proposals=[proposal["id"]], reason="Rien à voir.")
    assert lead.get(f"/rulebooks/{draft}/proposals/{proposal['id']}")["state"] == "refused"


def test_what_did_not_change_is_accepted_proof_by_proof_at_once(browser: Browser, lead: Client) -> None:
    draft = begin(browser)
    browser.open(f"/regles/{draft}/propositions")
    asked: Any = {"from": "LGC-V1", "to": "LGC-V2", "level": "proof"}
    page = browser.press("Proposer", **asked)
    assert "Preuve attendue" in page
    assert "d'un coup" not in page, "nothing was chosen yet"
    choices = {**asked, "unchanged": "true"}
    chosen = urlencode(choices)
    selection = lead.get(f"/rulebooks/{draft}/proposals/selection?{chosen}")
    assert selection["count"] > 1
    assert "d'un coup" not in browser.open(f"/regles/{draft}/propositions?{chosen}&state=all")
    browser.open(f"/regles/{draft}/propositions")
    page = browser.press("Filtrer", **choices, state="proposed")
    assert "scénario et preuve inchangés" in page
    before = len(lead.get(f"/rulebooks/{draft}")["correspondences"])
    accept = f"Accepter les {selection['count']}"
    assert "Un refus a un motif" in browser.press(f"Refuser les {selection['count']}", 422)
    assert f"{selection['count']} propositions décidées" in browser.press(accept, reason="Inchangés.")
    assert len(lead.get(f"/rulebooks/{draft}")["correspondences"]) == before + selection["count"]
    assert "Aucune proposition" in browser.open(f"/regles/{draft}/propositions?{chosen}")


def test_what_verifiers_decided_of_reuses_is_read_with_its_record(
    browser: Browser, people: People, signed_in: SignIn
) -> None:
    assert "Aucun réemploi n'a encore été confirmé" in browser.open("/regles/confirmations")
    solution = people.solution("Bêta")
    people.referenced("LGC-V1", solution)
    second = people.draft("LGC-V2", solution)
    second.supply_all()
    second.submit()
    second.judge()
    confirmed = work_through(people.verifier, "equivalence")
    assert confirmed
    browser.open("/regles")
    page = browser.follow("Ce que les vérificateurs ont confirmé ou refusé")
    assert page.count("confirmé pour 1 logiciel") == confirmed
    assert "Aucun réemploi ne répond" in browser.open("/regles/confirmations?refused=true")
    (reuse, *_) = people.lead.get("/decided-reuses")["items"]
    browser.open("/regles/confirmations")
    assert f"Dossier du réemploi de {reuse['sources'][0]}" in browser.follow(reuse["code"])
    signed_in(Role.VERIFIER).open("/regles/confirmations", 403)


def test_who_does_not_write_rules_reads_those_that_are_published(
    browser: Browser, signed_in: SignIn, lead: Client
) -> None:
    draft, rules = begin(browser), in_force(lead)["id"]
    reader = signed_in(Role.VERIFIER)
    page = reader.open(f"/regles/{rules}")
    assert "LGC-V1:INS.01 demande la même chose que LGC-V2:INS/va1.01" in page
    assert "Retirer" not in page
    assert "Publication" not in page
    reader.open(f"/regles/{draft}", 404)
    assert "Ce qui diffère" in reader.open(f"/regles/{rules}/controles")
    reader.open(f"/regles/{rules}/simulations", 403)
    reader.open(f"/regles/{rules}/publication", 403)
    refused: Any = reader.post("/regles", {"label": "À moi", "begin": "nothing"})
    assert refused.status_code == 403
