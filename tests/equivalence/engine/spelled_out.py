"""Cases as rulebooks are read: of correspondences between requirements and between proofs, the more precise speaks."""

from typing import Any

Json = dict[str, Any]


def spelled_out(case: Json) -> Json:
    """The case with every correspondence of a requirement written proof by proof, but for what a proof's own says."""
    links = [link for link in case["correspondences"] if _active(link, case["as_of"])]
    precise = {(_between(link), link["to"]) for link in links if "#" in link["to"]}
    proofs = {
        f"{requirement['dsr']}:{requirement['code']}": [proof["suffix"] for proof in requirement["proofs"]]
        for requirement in case["requirements"]
    }
    written = []
    for link in links:
        suffixes = proofs.get(link["to"], [])
        heads = [link["to"]] if "#" in link["to"] else [f"{link['to']}#{suffix}" for suffix in suffixes]
        written += [
            {**link, "to": head}
            for head in heads
            if "#" in link["to"] or (_between(link), head) not in precise
        ]
    return {**case, "correspondences": written}


def _active(link: Json, day: str) -> bool:
    return (link["valid_from"] or day) <= day and (link["valid_until"] is None or day < link["valid_until"])


def _between(link: Json) -> tuple[frozenset[str], str]:
    return frozenset(code.split("#")[0] for code in link["from"]), link["to"].split("#")[0]
