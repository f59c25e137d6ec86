"""What each person of the story does over HTTP; the story tells it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

from demonstration import referential
from demonstration.cast import COMPONENT, COMPONENT_ROLES, NIL, REASON, Piece, is_left_out, piece
from demonstration.story.client import Client, Refused, segment
from demonstration.story.receiver import Receiver
from demonstration.story.script import Progress
from referencing.base.workdays import PARIS, add_working_days

JOB_SECONDS = 120
CSV, XLSX = "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def a_month_ago() -> date:
    """The day on which the editor had its software tested for intrusion."""
    return datetime.now(UTC).date() - timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Play:
    """The people, each with a key."""

    editor: Client
    other_editor: Client
    platform: Client
    verifier: Client
    lead: Client
    manager: Client
    maker: Client

    def publish_referentials(self) -> None:
        """Import the three lists with their socles, and publish them."""
        for code, words in referential.DSRS.items():
            self.manager.put(f"/dsrs/{code}", words._asdict())
            workbook = Piece(f"{code}.xlsx", XLSX, referential.workbook(code))
            self.manager.send_file(f"/dsrs/{code}/imports", workbook)
            self.manager.send_file(f"/dsrs/{code}/socles", _table("socles"), "PUT")
            self.manager.post(f"/dsrs/{code}/publication")

    def publish_rules(self) -> None:
        rulebook = self.lead.post("/rulebooks", referential.rulebook())
        self.lead.send_file(f"/rulebooks/{rulebook['id']}/correspondences", _table("correspondances"))
        self.lead.post(f"/rulebooks/{rulebook['id']}/publication", {"accept_warnings": True})

    def accept_unchanged(self, source: str, target: str) -> tuple[int, int]:
        """The lead has rules proposed proof by proof, accepts those whose scenario and proof did not change, publishes.

        Answers how many they are, and how many items the simulation takes from to confirm to covered.
        """
        (in_force,) = (one for one in self.lead.get("/rulebooks")["items"] if one["state"] == "published")
        rules = self.lead.get(f"/rulebooks/{in_force['id']}")
        kept = {name: rules[name] for name in ("correspondences", "certificate_kinds", "policies")}
        draft = f"/rulebooks/{self.lead.post('/rulebooks', {'label': 'Preuve par preuve', **kept})['id']}"
        self.lead.post(f"{draft}/proposals", {"from": source, "to": target, "level": "proof"})
        chosen = f"{draft}/proposals/selection?unchanged=true"
        decision = {"digest": self.lead.get(chosen)["digest"], "accepted": True}
        accepted = self.lead.post(chosen, {**decision, "reason": "Scénario et preuve inchangés."})["done"]
        moved = self._simulated(draft)
        self.lead.post(f"{draft}/publication", {"accept_warnings": True})
        return accepted, moved

    def _simulated(self, draft: str) -> int:
        """Try the draft and wait for the end; answers how many items of open dossiers would no longer be confirmed."""
        simulation = f"{draft}/simulations/{self.lead.post(f'{draft}/simulations')['id']}"
        _wait(lambda: self.lead.get(simulation)["state"] != "running")
        (batch,) = self.lead.get(simulation)["batches"]
        return sum(
            move["items"]
            for move in batch["open"]["moves"]
            if (move["before"], move["after"]) == ("to_confirm", "covered")
        )

    def draft(
        self, dsr: str, solution: str, version: str, composition: list[tuple[str, str]], mode: str = "async"
    ) -> str:
        """The candidature's id."""
        words = {
            "dsr": dsr,
            "solution": solution,
            "software_version": version,
            "composition": [{"role": role, "component": component} for role, component in composition],
            "mode": mode,
        }
        return str(self.editor.post("/candidatures", words)["id"])

    def register(self, name: str, nil: str, commercial_name: str) -> tuple[str, str]:
        """A software under its only name; answers the ids of both."""
        software = self.editor.post("/softwares", {"name": name, "nil": nil})["id"]
        sold = {"software": software, "commercial_name": commercial_name}
        return software, self.editor.post("/solutions", sold)["id"]

    def register_component(self) -> tuple[str, str]:
        """Its maker declares the roles that a component fills, the lead confirms its name; answers as `register`."""
        software, solution = replace(self, editor=self.maker).register(COMPONENT, COMPONENT, COMPONENT)
        self.maker.put(f"/softwares/{software}/component-roles", {"roles": COMPONENT_ROLES})
        self.lead.post(f"/softwares/{software}/nil-confirmation", {"reason": "L'annuaire des NIL le dit."})
        return software, solution

    def accept_embedding(self, component: str, software: str, version: str) -> int:
        """The lead accepts, having seen what it does, that a software embeds it; answers how many items gain."""
        path, words = f"/components/{component}/embeddings", {"software": software, "component": version}
        foreseen = self.lead.post(f"{path}?dry_run=true", words)
        self.lead.post(path, {**words, "digest": foreseen["digest"]})
        return sum(foreseen["summary"].values())

    def plan(self, *dossiers: tuple[str, str, list[tuple[str, str]]]) -> dict[str, Any]:
        """The plans over dossiers that are not drafted: the list of each, its solution and its composition."""
        planned = [
            {
                "dsr": dsr,
                "solution": solution,
                "composition": [{"role": role, "component": component} for role, component in composition],
            }
            for dsr, solution, composition in dossiers
        ]
        plans: dict[str, Any] = self.editor.post("/reuse-plans", {"planned": planned})
        return plans

    def supply(self, candidature: str, later: str | None = None) -> tuple[int, int]:
        """Supply what is asked and not shown live, but for one guichet.

        Answers how many files, and how many items do not apply.
        """
        supplied = left_out = 0
        for item in self.items(candidature):
            if item["state"] != "required" or item["guichet"] == later:
                continue
            path = f"/candidatures/{candidature}/items/{segment(item['code'])}"
            if is_left_out(item["code"]):
                self.editor.post(f"{path}/not-applicable", {"reason": REASON})
                left_out += 1
            elif item["track"] == "async":
                dated = f"?performed_on={a_month_ago()}" if item["kind"] == "pentest" else ""
                self.editor.send_file(f"{path}/proofs{dated}", piece(item["kind"], item["code"]))
                supplied += 1
        return supplied, left_out

    def certify(self, candidature: str, software: str) -> None:
        """The editor allows the platform on the dossier; it enters what the CNDA has issued, which a lead confirms."""
        account = self.platform.get("/me")["id"]
        self.editor.post(f"/candidatures/{candidature}/permissions", {"account": account})
        today = datetime.now(PARIS).date()
        words = {
            "kind": "CNDA-DMP",
            "holder": NIL,
            "number": "CNDA-DEMO-1",
            "valid_from": today.isoformat(),
            "valid_until": (today + timedelta(days=365)).isoformat(),
        }
        certificate = self.platform.post(f"/softwares/{software}/certificates", words)["id"]
        self.lead.post(f"/certificates/{certificate}/confirmation")

    def file(self, candidature: str) -> None:
        """The editor submits, the lead finds the dossier complete."""
        meant = {"incomplete": True}  # pieces of the CNDA may come later
        self.editor.post(f"/candidatures/{candidature}/submission", meant)
        self.lead.post(f"/candidatures/{candidature}/admissibility", {"outcome": "admissible", **meant})

    def verify_all(self, queue: str) -> int:
        """The verifier takes what waits, task by task, and finds it right; answers how many there were."""
        done = 0
        while task := self.verifier.post(f"/queues/{queue}/claims", {"another": True}):
            verdict = {"outcome": "not_applicable" if task["subject"]["reason"] else "conform"}
            if proof := task["subject"]["proof"]:
                verdict["file_sha256"] = proof["files"][0]["sha256"]
            self.verifier.post(f"/tasks/{task['id']}/verdict", verdict)
            done += 1
        return done

    def reference(self, candidature: str) -> str:
        """The lead's decision; answers the state that follows."""
        words = {"outcome": "referenced"}
        return str(self.lead.post(f"/candidatures/{candidature}/decision", words)["state"])

    def book(self, candidature: str) -> dict[str, Any]:
        """The verifier offers a slot, the editor books it with the agenda that is proposed; answers the session."""
        day = add_working_days(datetime.now(PARIS).date(), 3).isoformat()
        offer = {"first_day": day, "starts_at": "10:00", "ends_at": "12:00", "slot_minutes": 120}
        self.verifier.post("/duo/slots", offer)
        (slot,) = self.editor.get(f"/duo/slots?candidature={candidature}")["items"]
        booked: dict[str, Any] = self.editor.post(
            f"/candidatures/{candidature}/duo-sessions", {"slot": slot["id"]}
        )
        return booked

    def hold(self, session: str) -> int:
        """Both sides come, all of the agenda is shown and found right; answers how many verdicts there are."""
        agenda = self.verifier.post(f"/duo/sessions/{session}/opening")["agenda"]
        self.editor.post(f"/duo/sessions/{session}/presence")
        for line in agenda:
            path = f"/duo/sessions/{session}/items/{segment(line['code'])}/verdict"
            verdict = {"outcome": "conform", "recording": "enregistrement-1"}
            self.verifier.put(path, verdict, line["revision"])
        self.verifier.post(f"/duo/sessions/{session}/closing", {})
        return len(agenda)

    def sign(self, session: str) -> str:
        """Both sides sign the minutes that they have read; answers the phase of the session."""
        for side in (self.verifier, self.editor):
            minutes = side.get(f"/duo/sessions/{session}/minutes")
            side.post(f"/duo/sessions/{session}/signatures", {"sha256": minutes["sha256"]})
        return str(self.editor.get(f"/duo/sessions/{session}")["phase"])

    def changed_components(self, candidature: str) -> dict[str, Any]:
        """What the dossier loses because its components are others than those of earlier verifications."""
        lost: dict[str, Any] = self.editor.get(f"/candidatures/{candidature}/changed-components")
        return lost

    def survey(self) -> list[dict[str, Any]]:
        """The lead looks who would profit from the rules in force; answers a line for each software and DSR."""
        survey = f"/surveys/{self.lead.post('/surveys')['id']}"
        _wait(lambda: self.lead.get(survey)["state"] == "finished")
        return list(self.lead.every(f"{survey}/lines"))

    def records(self) -> list[dict[str, Any]]:
        """The safety record of each rule in force."""
        rulebooks = self.lead.get("/rulebooks")["items"]
        (in_force,) = (rulebook for rulebook in rulebooks if rulebook["state"] == "published")
        return list(self.lead.every(f"/rulebooks/{in_force['id']}/records"))

    def estimate_next_list(self) -> dict[str, Any]:
        """The manager prepares the next version of a list; answers what it would cost, without publishing it."""
        dsr = f"/dsrs/{referential.DRAFTED}"
        workbook = Piece("projet.xlsx", XLSX, referential.next_workbook())
        self.manager.send_file(f"{dsr}/imports", workbook)
        estimate = f"{dsr}/estimates/{self.manager.post(f'{dsr}/estimates')['id']}"
        _wait(lambda: self.manager.get(estimate)["state"] == "finished")
        whole: dict[str, Any] = self.manager.get(estimate)
        return whole

    def tell(self, program: Receiver) -> None:
        """Have the editor's program told what happens from now on."""
        webhook = {"label": "Chaîne de publication", "address": program.address}
        program.secret = self.editor.post("/webhooks", webhook)["secret"]

    def await_told(self, program: Receiver) -> int:
        """Wait until the program was told of all that the editor reads, in its order. Answers how much that is."""
        happened: list[str] = []
        page = self.editor.get("/events")
        while page["items"]:  # a feed has always a next page
            happened += [f"{event['candidature']}_{event['number']}" for event in page["items"]]
            page = self.editor.get(f"/events?cursor={page['next']}")
        _wait(lambda: program.told == happened)
        return len(happened)

    def items(self, candidature: str) -> list[dict[str, Any]]:
        return list(self.editor.every(f"/candidatures/{candidature}/items"))

    def progress(self, candidature: str) -> Progress:
        """Items by state, those that there are."""
        counts = self.editor.get(f"/candidatures/{candidature}")["progress"]
        return {state: count for state, count in counts.items() if count}

    def await_progress(self, candidature: str, progress: Progress) -> None:
        """Wait until the items stand so. Raises Refused when they do not."""
        _wait(lambda: self.progress(candidature) == progress)

    def explanations(self, candidature: str) -> dict[str, list[str]]:
        """Why each item stands as it does, in French sentences, by its expected proof's code."""
        resolution = self.editor.get(f"/candidatures/{candidature}/equivalence")
        return {item["code"]: item["explanation"] for item in resolution["items"]}


def _wait(done: Callable[[], bool]) -> None:
    """Wait for what a job does. Raises Refused when it takes too long."""
    end = time.monotonic() + JOB_SECONDS
    while not done():
        if time.monotonic() > end:
            raise Refused("ce que le serveur fait en arrière-plan n'est pas fait")
        time.sleep(0.05)


def _table(name: Literal["socles", "correspondances"]) -> Piece:
    return Piece(f"{name}.csv", CSV, referential.table(name))
