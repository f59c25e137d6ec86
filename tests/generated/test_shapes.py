"""What has a shape is described with it: a generated client has `Any` for the rest alone."""

from collections.abc import Iterator
from typing import Any

from tests.structure.application import described

#: What tells a generator something of a value.
SHAPED = {"type", "$ref", "allOf", "anyOf", "oneOf", "enum", "const"}
#: Where a value of any shape may stand, and why.
OPEN = {
    "ActReceiptOut.detail": "the fields of an event, which its kind names",
    "EventOut.detail": "the fields of an event",
    "FeedEventOut.detail": "the fields of an event",
    "ReceiptCheckOut.detail": "the fields of an event",
    "SessionEventOut.detail": "the fields of an event",
    "JobOut.arguments": "what the job's kind takes",
    "BundleOut.content": "of each kind of bundle; `docs/register.md` and the checker tell",
    "SealOut.entry": "an entry of the record, whose digest is of its very bytes",
    "MinutesOut.minutes": "as they were signed, whatever their version",
    "ExplanationOut.facts": "facts as `equivalence-resolution/1` writes them",
    "RevocationOut.rule": "a line of the rules as they were written",
    "FollowedOut.rule": "a line of the rules as they were written",
    "ChangeOut.before": "a line of the rules, of any of three kinds",
    "ChangeOut.after": "a line of the rules, of any of three kinds",
    "ChangesOut.added": "lines of the rules, of any of three kinds",
    "ChangesOut.removed": "lines of the rules, of any of three kinds",
    "GroundOut.basis": "of what its origin says",
    "CampaignOut.among": "a search as it was asked for",
    "CertificatesIn.certificates": "a line that is no certificate is told as such, and prevents no other",
    "exportRulebook": "rules, or OSCAL's mapping collection, whose schema NIST publishes",
    "copyOwnPersonalData": "what the tables have of a person, as they are",
    "copyPersonalDataOfAccount": "what the tables have of a person, as they are",
}


def is_shapeless(schema: dict[str, Any]) -> bool:
    if not SHAPED & schema.keys():
        return True
    if "object" in schema.get("type", ()) and not schema.get("properties"):
        return "$ref" not in schema and is_shapeless(schema.get("additionalProperties") or {})
    return "array" in schema.get("type", ()) and is_shapeless(schema.get("items", {}))


def shapeless() -> Iterator[str]:
    """Properties, and the operations whose bodies, of which a client knows nothing."""
    document = described()
    for name, schema in document["components"]["schemas"].items():
        for key, part in schema.get("properties", {}).items():
            if is_shapeless(part):
                yield f"{name}.{key}"
    operations = [
        part for path in document["paths"].values() for part in path.values() if "responses" in part
    ]
    for operation in operations:
        for body in [operation.get("requestBody", {}), *operation["responses"].values()]:
            if any(is_shapeless(media["schema"]) for media in body.get("content", {}).values()):
                yield operation["operationId"]


def test_only_what_may_be_of_any_shape_is_described_without_one() -> None:
    assert sorted(set(shapeless())) == sorted(OPEN)
