"""No column that may hold words about people is forgotten: each is in the table of kinds, or said to hold none."""

import pytest
import sqlalchemy as sa

from referencing.personal_data.fates import Fate, Kind
from referencing.personal_data.kinds import OF_ACCOUNTS, OF_OTHERS, WRITTEN
from referencing.registers import tables
from referencing.upkeep.periods import PERIODS
from tests.personal_data.page import PAGE, page

#: Codes, digests, names of softwares, organisations and rules, and what is computed of them: nobody is told of there.
IMPERSONAL: dict[str, str] = {
    "account_key": "key_digest rights",
    "alike_attestation": "media_type sha256 detected_type",
    "alike_request": "role first second",
    "alike_versions": "role first second",
    "attestation_file": "media_type sha256 detected_type",
    "audit": "seed population",
    "boost": "chapter dispositif",
    "browser_session": "token_digest",
    "bundle": "subject sha256",
    "campaign": "among",
    "campaign_letter": "dsrs",
    "candidature": "profiles external_reference resolved_on",
    "certificate": "kind holder number",
    "certificate_file": "media_type sha256 detected_type",
    "certificate_kind": "kind covers",
    "comment_template": "chapter",
    "configuration": "software_version composition",
    "consequence": "code derivation",
    "content": "sha256 scan_detail fault",
    "correspondence": "code sources target",
    "correspondence_proposal": "code sources target source_dsr target_dsr chapter grounds likeness differing",
    "dsr": "code dispositif couloir title",
    "duo_availability": "couloirs chapters excepted",
    "duo_capture": "media_type sha256 detected_type",
    "duo_event": "action",
    "duo_minutes": "sha256",
    "duo_room": "provider name reference",
    "duo_signature": "sha256",
    "duo_staffing": "couloir",
    "edc_psc_declaration": "component operator number",
    "embedding": "component",
    "equivalence_grant": "proof_code derivation clauses cases confirm rules alike",
    "estimate": "digest chapters paces",
    "estimated_requirement": "code chapter differing attributes proofs",
    "evidence": "media_type sha256 detected_type",
    "expected_proof": "code suffix number text wording scenario_number scenario_text roles platforms",
    "forecast": "answer",
    "invitation": "token_digest",
    "issuer": "code name",
    "issuer_kind": "kind",
    "issuer_list": "kinds sha256",
    "item": "external_reference",
    "item_standing": "answer",
    "job": "task arguments trace last_error",
    "journal_entry": "stream role digest",
    "journal_head": "root key signature",
    "journal_head_stamp": "token",
    "journal_stream": "name head",
    "journal_tile": "hashes",
    "letter": "method",
    "listed_certificate": "kind number holder siren",
    "message_file": "media_type sha256 detected_type",
    "nil_judgement": "nil",
    "nonconformity": "requirement",
    "open_count": "chapter",
    "open_day_count": "chapter",
    "organisation": "name siren",
    "past_referencing": "nil software software_version commercial_name composition profiles findings",
    "platform": "code name words",
    "policy": "conditions",
    "probe": "steps",
    "probe_sight": "place",
    "proof_file": "media_type sha256 detected_type",
    "reading": "file_sha256",
    "register_day": "statement",
    "register_list": "json csv json_sha256 csv_sha256",
    "repeatable_request": "fingerprint",
    "requirement": "code chapter title function text comment profile former_profile perimeter criticality socle",
    "reuse_notice": "digest proof_code sources clauses",
    "revocation": "rule rule_digest",
    "rulebook": "label checked_digest findings",
    "rule_tally": "rule",
    "safeguard": "rule code rates",
    "sampled_item": "requirement code",
    "second_reading_rate": "chapter seed",
    "signal": "receipt request_key",
    "simulated_change": "code dispositif chapter told_before told_after derivation_before derivation_after",
    "simulation": "figures batches effort",
    "software": "name nil nil_look name_look fills",
    "solution": "commercial_name name_look",
    "survey_line": "dsr couloir dispositif",
    "takeover": "sha256",
    "takeover_coverage": "covered to_confirm",
    "takeover_problem": "code",
    "task": "code chapter outcome track",
    "upload": "media_type sha256 name receiver refusal",
    "verification": "proof_code wording solution composition mode file_sha256",
    "verifier": "chapters guichets",
    "webhook": "events public_key",
    "webhook_delivery": "message event",
}
_OF_WORDS = (sa.String, sa.LargeBinary, sa.JSON, sa.ARRAY)


def words() -> set[str]:
    """Every column that may hold what somebody wrote."""
    return {
        f"{table.name}.{column.name}"
        for table in tables().tables.values()
        for column in table.columns
        if isinstance(column.type, _OF_WORDS) and not isinstance(column.type, sa.Enum)
    }


def listed(columns: dict[str, str]) -> list[str]:
    return [f"{table}.{column}" for table, names in columns.items() for column in names.split()]


def in_kinds() -> list[str]:
    columns = [
        sa.inspect(column).property.columns[0]
        for kind in (*OF_ACCOUNTS, *OF_OTHERS)
        for column in kind.columns
    ]
    return [f"{column.table.name}.{column.name}" for column in columns]


def test_every_column_that_may_hold_words_is_told_personal_or_not() -> None:
    told = [*in_kinds(), *listed(dict(WRITTEN)), *listed(IMPERSONAL)]
    assert words() - {*told} == set(), (
        "say in personal_data/kinds.py what is held of people, or here that nothing is"
    )
    assert {*listed(dict(WRITTEN)), *listed(IMPERSONAL)} - words() == set(), "these are no columns any more"
    assert sorted(one for one in {*told} if told.count(one) > 1) == [], "said twice"


@pytest.mark.parametrize("kind", OF_ACCOUNTS, ids=lambda kind: kind.name)
def test_a_kind_is_of_one_table_and_says_whose_its_rows_are(kind: Kind) -> None:
    assert kind.of is not None
    assert {column.class_ for column in kind.columns} == {kind.table}
    assert bool(kind.blanked) == (kind.fate is Fate.REPLACED and kind.name != "account")


def test_what_a_setting_keeps_goes_by_a_job() -> None:
    by_setting = {name for name, period in PERIODS.items() if isinstance(period.kept, str)}
    told = {kind.name for kind in (*OF_ACCOUNTS, *OF_OTHERS) if "{" in kind.kept}
    assert {name.partition(".")[0] for name in by_setting} == told


def test_the_page_of_personal_data_says_what_the_tables_have() -> None:
    assert PAGE.read_text() == "".join(f"{line}\n" for line in page()), (
        "run: python -m tests.personal_data.page"
    )
