#!/usr/bin/env python3
"""Checks a bundle (`referencing-bundle/1`) without the application: one file, for Python 3.11 or later, nothing else.

    python3 verifier-preuve.py PREUVE.json [--cle CLE] [--fichiers DOSSIER]

It exits with 0 for what it accepts; 1 for what it refuses; 2 for what it cannot read; 3 for what holds together under
a key that the reader did not give: anybody can sign with one. It stays below 300 lines, so that it can be read whole.
"""
# fmt: off

import argparse
import base64
import hashlib
import json
import sys
from collections.abc import Iterator
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

Json = dict[str, Any]
Point = tuple[int, int, int, int]  # in extended coordinates
Use = tuple[str, tuple[bool, bool] | None, list[str]]  # a fact; whether it waits, and is looked at; its cases

class Refused(Exception):
    """The bundle does not hold; the message says why, in French."""
def require(holds: object, why: str) -> None:
    if not holds:
        raise Refused(why)

# --- Ed25519 (RFC 8032, 5.1): verification only. Nothing here is secret, so nothing needs constant time.
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
def point(encoded: bytes) -> Point | None:
    y = int.from_bytes(encoded, "little")
    odd, y = y >> 255, y & ((1 << 255) - 1)
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if (x * x - square) % P == 0 else x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (x * x - square) % P or (x == 0 and odd):
        return None
    x = P - x if x & 1 != odd else x
    return (x, y, 1, x * y % P)
def added(p: Point, q: Point) -> Point:
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)
def times(scalar: int, p: Point) -> Point:
    total = (0, 1, 1, 0)
    while scalar:
        total = added(total, p) if scalar & 1 else total
        p, scalar = added(p, p), scalar >> 1
    return total
def signed(key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether an Ed25519 signature of 64 bytes is that of a public key of 32 bytes on a message."""
    base, a, r = point((4 * pow(5, -1, P) % P).to_bytes(32, "little")), point(key), point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if len(key) != 32 or len(signature) != 64 or base is None or a is None or r is None or s >= ORDER:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % ORDER
    (x, y, z, _), (u, v, w, _) = times(s, base), added(r, times(h, a))
    return (x * w - u * z) % P == (y * w - v * z) % P == 0

# --- The record: the seal of an entry, its leaf, the path to the root (RFC 9162, 2.1.3.2), the signed head.
def canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
def exactly(value: Any, keys: str, what: str) -> None:
    require(isinstance(value, dict) and set(value) == set(keys.split()), f"{what} : champs manquants ou en trop.")
def from_hex(text: str) -> bytes:
    require(len(text) == 64 and bytes.fromhex(text).hex() == text, "une empreinte est mal écrite.")
    return bytes.fromhex(text)
def from_base64(text: str) -> bytes:
    require(base64.b64encode(base64.b64decode(text)).decode() == text, "une valeur en base64 est mal écrite.")
    return base64.b64decode(text)
def root_of(leaf: bytes, place: Any, size: Any, path: list[str]) -> bytes:
    require(type(place) is type(size) is int and 0 <= place < size, "la place dans le journal est hors de lui.")
    at, last, node = place, size - 1, leaf
    for step in map(from_hex, path):
        require(last > 0, "le chemin de la preuve d'inclusion est trop long.")
        if at & 1 or at == last:
            node = hashlib.sha256(b"\x01" + step + node).digest()
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            node = hashlib.sha256(b"\x01" + node + step).digest()
        at, last = at >> 1, last >> 1
    require(last == 0, "le chemin de la preuve d'inclusion est trop court.")
    return node
def check_included(digest: str, proof: Json, head: Json, what: str) -> None:
    leaf = {"digest": digest, "organisation_id": proof["organisation_id"], "position": proof["position"]}
    start = hashlib.sha256(b"\x00" + canonical(leaf)).digest()
    root = root_of(start, proof["leaf_index"], head["size"], proof["path"])
    require(root == from_hex(head["root"]), f"{what} : la preuve d'inclusion ne mène pas à l'empreinte signée.")
def check_head(head: Json, key: str | None) -> None:
    exactly(head, "at format key root signature size", "l'empreinte signée")
    require(head["format"] == "referencing-head/1" and head["at"][-1] == "Z", "l'empreinte est d'un autre format.")
    line = canonical({**{name: head[name] for name in head if name != "signature"}, "at": head["at"][:-1] + "+00:00"})
    holds = signed(from_base64(head["key"]), line, from_base64(head["signature"]))
    require(holds, "la signature de l'empreinte ne tient pas.")
    require(key in (None, head["key"]), "l'empreinte est signée par une autre clé que celle qui est donnée.")

# --- The derivations again, as the specification of equivalence says: links, guards, policies, strength, status.
# What the head of a clause gets from a full body, and from a partial one.
GETS = {"equal": ("full", "partial"), "superset": ("full", None), "subset": ("partial", "partial"),
        "intersects": ("partial", None)}

class Case:
    """The rules and facts that derivations rest on, and the target that they are about."""
    def __init__(self, case: Json) -> None:
        self.day, self.target, self.policies = case["as_of"], case["target"], case["policies"]
        self.requirements, self.hidden = case["requirements"], set(case["hidden_facts"])
        self.facts = {fact["id"]: fact for fact in case["facts"]}
        self.rules = {rule["id"]: rule for rule in case["correspondences"]}
        self.kinds = {kind["kind"]: kind["covers"] for kind in case["certificate_kinds"]}
        self.proofs: dict[str, Json] = {}
        self.lists: dict[str, list[str]] = {}
        for listed in self.requirements:
            name = f"{listed['dsr']}:{listed['code']}"
            self.lists[name] = [f"{name}#{proof['suffix']}" for proof in listed["proofs"]]
            for code, proof in zip(self.lists[name], listed["proofs"], strict=True):
                self.proofs[code] = {**listed, **proof, "requirement": listed["code"]}
    def named(self, code: str) -> list[str]:
        """The proofs that a requirement or a proof stands for."""
        return [one for one in self.lists.get(code.partition("#")[0], []) if "#" not in code or one == code]
    def bodies(self, clause: str, relation: str, head: str) -> list[list[str]]:
        """The lists of proofs from which a clause shows its head; none where there is no such clause."""
        if clause.startswith("socle:"):
            return list(self.of_socle(clause[6:], relation, head))
        rule = self.rules.get(clause)
        if rule is None or rule["relation"] != relation or (rule["valid_from"] or "") > self.day or (
                rule["valid_until"] is not None and rule["valid_until"] <= self.day):
            return []
        parts = [self.named(source) for source in sorted(set(rule["from"]))]
        if not all(parts) or head not in ([rule["to"]] if "#" in rule["to"] else self.named(rule["to"])):
            return []
        joint = sorted({proof for part in parts for proof in part})
        namesake = f"{rule['from'][0]}#{head.rpartition('#')[2]}"
        return [[namesake] if len(parts) == 1 and namesake in joint else joint]
    def of_socle(self, socle: str, relation: str, head: str) -> Iterator[list[str]]:
        for listed in self.requirements:
            if listed["socle"] == socle and relation == ("equal" if listed["identical"] else "intersects"):
                for suffix in (proof["suffix"] for proof in listed["proofs"]):
                    ends = [f"{socle}#{suffix}", f"{listed['dsr']}:{listed['code']}#{suffix}"]
                    if head in ends:
                        yield [end for end in ends if end != head]
    def established(self, node: Json, goal: str, leaves: list[Use]) -> tuple[str, int]:
        """The strength and the depth of a node; what its leaves come to is added to `leaves`."""
        if "fact" in node:
            leaves.append(self.use(node, self.proofs[node["proof"]], self.proofs[goal]))
            return "full", 0
        bodies = self.bodies(node["clause"], node["relation"], node["proof"])
        require([one["proof"] for one in node["from"]] in bodies, f"aucune règle ne mène ainsi à {node['proof']}.")
        below = [self.established(one, goal, leaves) for one in node["from"]]
        strength = GETS[node["relation"]][any(strong == "partial" for strong, _ in below)]
        if strength is None:
            raise Refused(f"la règle « {node['clause']} » ne montre rien de {node['proof']}.")
        return strength, 1 + max(depth for _, depth in below)
    def use(self, leaf: Json, p: Json, x: Json) -> Use:
        """What the fact of a leaf on the proof p comes to for the goal x; nothing, where it is another's and hidden."""
        if leaf["fact"] in self.hidden:
            return leaf["fact"], None, []
        require(leaf["fact"] in self.facts, f"le fait {leaf['fact']} n'est pas dans le fichier.")
        fact, target, cases = self.facts[leaf["fact"]], self.target, self.cases(self.facts[leaf["fact"]], p, x)
        why, certified = f"le fait {fact['id']} ne sert pas à {leaf['proof']} : ", fact["type"] == "certificate"
        begins = fact["valid_from"] if certified else fact["date"]
        require(begins <= self.day, why + "il est d'après.")
        require(fact["revoked_on"] is None or fact["revoked_on"] > self.day, why + "il est révoqué.")
        if certified:
            require(any(all(fnmatchcase(p[key], glob) for key, glob in cover.items())
                        for cover in self.kinds[fact["kind"]]), why + "ce certificat ne la couvre pas.")
            require(fact["holder"] in {target["product"], *target["composition"].values()}, why + "autre titulaire.")
            require((fact["valid_until"] or "9999") > self.day, why + "il a expiré.")
            require(fact["doubt"] != "holder_unproven", why + "son titulaire n'est pas établi.")
        else:
            require(fact["proof"] == leaf["proof"], why + "il est d'une autre preuve.")
            require(fact["status"] in {"verified", "submitted"}, why + "il n'est pas vérifié.")
            require("embedded" not in cases or self.embeds(leaf, p, x), why + "il est d'un autre produit.")
            for role in {*p["roles"], *x["roles"]}:
                pair = {fact["composition"].get(role), target["composition"].get(role)}
                alike = any(one["role"] == role and pair == {*one["components"]} and one["valid_from"] <= self.day
                            for one in leaf.get("alike", ()))
                require(len(pair) == 1 or alike, why + f"le composant « {role} » est un autre.")
        when, then = self.policy(fact, p, x, cases)
        require(then["reuse"] != "never", why + "les politiques de réemploi ne le permettent pas.")
        age = date.fromisoformat(target["deposited_on"] or self.day) - date.fromisoformat(begins)
        require(then["max_age_days"] is None or age.days <= then["max_age_days"], why + "il est trop ancien.")
        unseen = "embedded" not in cases or "embedded" in when.get("case", [])
        looked_at = then["reuse"] == "confirm" or not unseen or bool(certified and fact["doubt"])
        return fact["id"], (fact.get("status") == "submitted", looked_at), cases
    def embeds(self, leaf: Json, p: Json, x: Json) -> bool:
        """Whether a declaration lets what was found on an embedded component serve, in the roles that it fills."""
        declared, parts = leaf.get("embedding"), self.target["composition"]
        return bool(declared and declared["valid_from"] <= self.day and p["roles"] and x["roles"]
                    and all(parts.get(role) == declared["component"] for role in declared["roles"])
                    and {*declared["roles"]} >= {*p["roles"], *x["roles"]})
    def cases(self, fact: Json, p: Json, x: Json) -> list[str]:
        certified, target = fact["type"] == "certificate", self.target
        holds = {
            "same_dsr": p["dsr"] == x["dsr"], "inter_vague": p["vague"] != x["vague"], "certificate": certified,
            "inter_dispositif": p["dispositif"] != x["dispositif"],
            "commercial_name": not certified and fact["solution"] != target["solution"],
            "component": not certified and fact["composition"] != target["composition"],
            "embedded": not certified and fact["product"] != target["product"]}
        return sorted(case for case, true in holds.items() if true)
    def policy(self, fact: Json, p: Json, x: Json, cases: list[str]) -> tuple[Json, Json]:
        names = ("guichet", "chapter", "requirement", "kind", "dispositif", "vague")
        values = {**{name: [str(x[name])] for name in names}, "source_guichet": [p["guichet"]], "case": cases,
                  "mode": [fact.get("mode", "")], "standing": [fact.get("standing", "")]}
        for policy in self.policies:
            if all(any(fnmatchcase(value, glob) for value in values[key] for glob in globs)
                   for key, globs in policy["when"].items()):
                return policy["when"], policy["then"]
        return {}, {"reuse": "never"}
    def check(self, item: Json) -> None:
        leaves: list[Use] = []
        require(item["derivation"]["proof"] == item["proof"], f"{item['proof']} : la conclusion est une autre.")
        strength, depth = self.established(item["derivation"], item["proof"], leaves)
        again: Json = {"strength": strength, "depth": depth, "facts": sorted({fact for fact, _, _ in leaves})}
        uses = [use for _, use, _ in leaves if use is not None]
        if len(uses) == len(leaves):
            again["cases"] = sorted({case for _, _, cases in leaves for case in cases})
            again["confirm"] = ["partial"] * (strength == "partial") + ["policy"] * any(looked for _, looked in uses)
            again["status"] = "to_confirm" if again["confirm"] else "covered"
            require(not any(waits for waits, _ in uses), f"{item['proof']} : un fait n'est pas encore vérifié.")
        for name, value in again.items():
            require(item[name] == value, f"{item['proof']} : « {name} » n'est pas ce que donnent règles et faits.")
        require(item["status"] == "covered" or item["confirmed"] is True, f"{item['proof']} : nul ne l'a confirmé.")

def check(bundle: Json, key: str | None = None, folder: str | None = None) -> list[str]:
    """What is to be said of a bundle that holds, line by line. Raises Refused where it does not."""
    exactly(bundle, "act attached content format head seal", "le fichier")
    require(bundle["format"] == "referencing-bundle/1", "ce fichier n'est pas au format referencing-bundle/1.")
    content, seal, act, head = (bundle[name] for name in ("content", "seal", "act", "head"))
    exactly(seal, "entry leaf_index organisation_id path position previous", "le sceau")
    entry, digest = seal["entry"], sha256(canonical(content))
    require(entry["action"] == "record.sealed", "l'entrée du journal n'est pas un sceau.")
    require(entry["detail"] == {"kind": content["kind"], "sha256": digest, "subject": content["subject"]},
            "le contenu n'est pas celui qui a été scellé au journal.")
    check_head(head, key)
    check_included(sha256(seal["previous"].encode() + b"\n" + canonical(entry)), seal, head, "le sceau")
    lines = [f"Contenu scellé au journal : {digest}", f"Empreinte signée le {head['at']} par la clé {head['key']}"]
    if "digest" in content:
        exactly(act, "organisation_id leaf_index path position", "l'acte")
        check_included(content["digest"], act, head, "l'acte")
        lines.append(f"Acte inscrit au journal : {content['digest']}")
    require("digest" in content or act is None, "une preuve est donnée d'un acte dont le contenu ne dit rien.")
    return [*lines, *check_derivations(content), *check_files(content, bundle["attached"], folder)]
def check_derivations(content: Json) -> Iterator[str]:
    case = content.get("derivations") or {"items": [], "unproven": []}
    proven, unproven = {item["proof"] for item in case["items"]}, set(case["unproven"])
    reused = [item["proof"] for item in content.get("items", ()) if item["state"] == "covered"]
    require(sorted(reused) == sorted([*proven, *unproven]), "les réemplois ne sont pas ceux qui sont démontrés.")
    if proven:
        known = Case(case)
        for item in case["items"]:
            known.check(item)
        yield f"Réemplois démontrés de nouveau : {len(proven)}"
        yield from [f"Fait d'un autre organisme, cité sans être décrit : {fact}" for fact in sorted(known.hidden)]
    yield from [f"Réemploi que ce fichier ne démontre pas : {proof}" for proof in sorted(unproven)]
def check_files(content: Json, attached: Json, folder: str | None) -> Iterator[str]:
    listed = {(file["name"], file["sha256"]) for file in content["files"]}
    names = {name for name, _ in listed}
    for name, text in attached.items():
        require((name, sha256(text.encode())) in listed, f"la pièce jointe {name} a une autre empreinte.")
    if folder is not None:
        there = {path: sha256(path.read_bytes()) for path in sorted(Path(folder).rglob("*")) if path.is_file()}
        for path, digest in there.items():
            require(path.name not in names or (path.name, digest) in listed, f"{path.name} a une autre empreinte.")
        missing = [file["name"] for file in content["files"] if file["sha256"] not in there.values()]
        yield f"Fichiers retrouvés, de même empreinte : {len(content['files']) - len(missing)}"
        yield from [f"Fichier absent du dossier : {name}" for name in missing]
def once(pairs: list[tuple[str, Any]]) -> Json:
    require(len(dict(pairs)) == len(pairs), "un champ est donné deux fois.")
    return dict(pairs)
def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Vérifie une preuve du référencement sans l'application.")
    parser.add_argument("preuve", help="le fichier reçu")
    parser.add_argument("--cle", help="la clé publique de l'agence, en base64, obtenue d'ailleurs que de ce fichier")
    parser.add_argument("--fichiers", help="le dossier où sont les fichiers que la preuve cite")
    given = parser.parse_args(arguments)
    try:
        bundle = json.loads(Path(given.preuve).read_bytes(), object_pairs_hook=once)
        lines = check(bundle, given.cle, given.fichiers)
    except (json.JSONDecodeError, UnicodeDecodeError, OSError) as error:
        print(f"ILLISIBLE : {error}", file=sys.stderr)
        return 2
    except (Refused, AttributeError, KeyError, IndexError, RecursionError, TypeError, ValueError) as error:
        print(f"REFUSÉ : {error if isinstance(error, Refused) else f'fichier mal formé ({error!r})'}", file=sys.stderr)
        return 1
    print(bundle["content"]["summary"], *lines, sep="\n")
    print("ACCEPTÉ" if given.cle else "COHÉRENT, MAIS LA CLÉ N'A PAS ÉTÉ COMPARÉE : donnez --cle")
    return 0 if given.cle else 3
if __name__ == "__main__":
    sys.exit(main())
