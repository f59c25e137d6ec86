-- Every table as it was before the first release, made from the models; what they are for is said there.

CREATE TABLE job (
    id UUID NOT NULL,
    task TEXT NOT NULL,
    arguments JSONB NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    attempts INTEGER NOT NULL,
    done_at TIMESTAMP WITH TIME ZONE,
    dead_at TIMESTAMP WITH TIME ZONE,
    last_error TEXT,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_job PRIMARY KEY (id)
);

CREATE INDEX ix_job_due ON job (due_at) WHERE done_at IS NULL AND dead_at IS NULL;

CREATE INDEX ix_job_task ON job (task, created_at);

CREATE TABLE organisation (
    id UUID NOT NULL,
    name TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_organisation PRIMARY KEY (id),
    CONSTRAINT uq_organisation_name UNIQUE (name)
);

CREATE TABLE dsr (
    id UUID NOT NULL,
    code TEXT NOT NULL,
    dispositif TEXT NOT NULL,
    vague INTEGER NOT NULL,
    couloir TEXT NOT NULL,
    title TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_dsr PRIMARY KEY (id),
    CONSTRAINT uq_dsr_code UNIQUE (code)
);

CREATE TABLE content (
    sha256 TEXT NOT NULL,
    size BIGINT NOT NULL,
    scan VARCHAR(32) NOT NULL,
    scan_detail TEXT,
    checked_at TIMESTAMP WITH TIME ZONE NOT NULL,
    fault TEXT,
    CONSTRAINT pk_content PRIMARY KEY (sha256),
    CONSTRAINT ck_content_scan CHECK (scan IN ('unscanned', 'pending', 'clean', 'malware', 'unscannable'))
);

CREATE INDEX ix_content_checked_at ON content (checked_at);

CREATE TABLE budget (
    id UUID NOT NULL,
    queue VARCHAR(32) NOT NULL,
    guichet VARCHAR(32),
    days INTEGER NOT NULL,
    CONSTRAINT pk_budget PRIMARY KEY (id),
    CONSTRAINT uq_budget_queue_guichet UNIQUE NULLS NOT DISTINCT (queue, guichet),
    CONSTRAINT ck_budget_days CHECK (days > 0),
    CONSTRAINT ck_budget_queue CHECK (queue IN ('admissibility', 'proof_review', 'equivalence', 'second_reading', 'expert_opinion', 'duo_follow_up')),
    CONSTRAINT ck_budget_guichet CHECK (guichet IN ('ANS', 'CNDA', 'EDC_PSC'))
);

CREATE TABLE issuer (
    id UUID NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    revision INTEGER DEFAULT 1 NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_issuer PRIMARY KEY (id),
    CONSTRAINT uq_issuer_code UNIQUE (code)
);

CREATE TABLE duo_staffing (
    id UUID NOT NULL,
    couloir TEXT,
    verifiers INTEGER NOT NULL,
    CONSTRAINT pk_duo_staffing PRIMARY KEY (id),
    CONSTRAINT uq_duo_staffing_couloir UNIQUE NULLS NOT DISTINCT (couloir),
    CONSTRAINT ck_duo_staffing_verifiers CHECK (verifiers IN (1, 2))
);

CREATE TABLE rulebook (
    id UUID NOT NULL,
    label TEXT NOT NULL,
    revision INTEGER DEFAULT 1 NOT NULL,
    checked_at TIMESTAMP WITH TIME ZONE,
    checked_digest TEXT,
    check_errors INTEGER,
    findings JSONB,
    first_day DATE,
    scheduled_at TIMESTAMP WITH TIME ZONE,
    published_at TIMESTAMP WITH TIME ZONE,
    superseded_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_rulebook PRIMARY KEY (id)
);

CREATE UNIQUE INDEX uq_rulebook_in_force ON rulebook ((true)) WHERE published_at IS NOT NULL AND superseded_at IS NULL;

CREATE UNIQUE INDEX uq_rulebook_waiting ON rulebook (first_day) WHERE scheduled_at IS NOT NULL AND published_at IS NULL;

CREATE TABLE journal_stream (
    name TEXT NOT NULL,
    length INTEGER NOT NULL,
    head TEXT NOT NULL,
    organisation_id UUID,
    CONSTRAINT pk_journal_stream PRIMARY KEY (name)
);

CREATE TABLE comment_template (
    id UUID NOT NULL,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    outcome VARCHAR(32),
    chapter TEXT,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_comment_template PRIMARY KEY (id),
    CONSTRAINT ck_comment_template_outcome CHECK (outcome IN ('conform', 'nonconform', 'complement'))
);

CREATE TABLE signal_salt (
    day DATE NOT NULL,
    salt BYTEA NOT NULL,
    CONSTRAINT pk_signal_salt PRIMARY KEY (day)
);

CREATE TABLE signal_count (
    source TEXT NOT NULL,
    hour TIMESTAMP WITH TIME ZONE NOT NULL,
    count INTEGER NOT NULL,
    CONSTRAINT pk_signal_count PRIMARY KEY (source, hour)
);

CREATE TABLE account (
    id UUID NOT NULL,
    name TEXT NOT NULL,
    role VARCHAR(32) NOT NULL,
    organisation_id UUID,
    key_digest TEXT NOT NULL,
    disabled_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_account PRIMARY KEY (id),
    CONSTRAINT uq_account_name_role_organisation_id UNIQUE NULLS NOT DISTINCT (name, role, organisation_id),
    CONSTRAINT ck_account_organisation_of_role CHECK ((role IN ('editor', 'integration')) = (organisation_id IS NOT NULL)),
    CONSTRAINT ck_account_role CHECK (role IN ('editor', 'integration', 'verifier', 'expert', 'lead', 'auditor', 'catalogue')),
    CONSTRAINT fk_account_organisation_id_organisation FOREIGN KEY(organisation_id) REFERENCES organisation (id),
    CONSTRAINT uq_account_key_digest UNIQUE (key_digest)
);

CREATE TABLE dsr_version (
    id UUID NOT NULL,
    dsr_id UUID NOT NULL,
    number INTEGER NOT NULL,
    published_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_dsr_version PRIMARY KEY (id),
    CONSTRAINT uq_dsr_version_dsr_id_number UNIQUE (dsr_id, number),
    CONSTRAINT fk_dsr_version_dsr_id_dsr FOREIGN KEY(dsr_id) REFERENCES dsr (id)
);

CREATE UNIQUE INDEX uq_dsr_version_one_draft ON dsr_version (dsr_id) WHERE published_at IS NULL;

CREATE TABLE software (
    id UUID NOT NULL,
    core_id UUID NOT NULL,
    organisation_id UUID NOT NULL,
    name TEXT NOT NULL,
    nil TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_software PRIMARY KEY (id),
    CONSTRAINT uq_software_id_core_id UNIQUE (id, core_id),
    CONSTRAINT uq_software_organisation_id_nil UNIQUE (organisation_id, nil),
    CONSTRAINT fk_software_organisation_id_organisation FOREIGN KEY(organisation_id) REFERENCES organisation (id)
);

CREATE INDEX ix_software_core_id ON software (core_id);

CREATE TABLE issuer_kind (
    kind TEXT NOT NULL,
    issuer_id UUID NOT NULL,
    CONSTRAINT pk_issuer_kind PRIMARY KEY (kind),
    CONSTRAINT fk_issuer_kind_issuer_id_issuer FOREIGN KEY(issuer_id) REFERENCES issuer (id)
);

CREATE INDEX ix_issuer_kind_issuer_id ON issuer_kind (issuer_id);

CREATE TABLE certificate_kind (
    rulebook_id UUID NOT NULL,
    kind TEXT NOT NULL,
    covers JSONB NOT NULL,
    CONSTRAINT pk_certificate_kind PRIMARY KEY (rulebook_id, kind),
    CONSTRAINT fk_certificate_kind_rulebook_id_rulebook FOREIGN KEY(rulebook_id) REFERENCES rulebook (id)
);

CREATE TABLE policy (
    rulebook_id UUID NOT NULL,
    position INTEGER NOT NULL,
    conditions JSONB NOT NULL,
    reuse VARCHAR(32) NOT NULL,
    max_age_days INTEGER,
    CONSTRAINT pk_policy PRIMARY KEY (rulebook_id, position),
    CONSTRAINT fk_policy_rulebook_id_rulebook FOREIGN KEY(rulebook_id) REFERENCES rulebook (id),
    CONSTRAINT ck_policy_reuse CHECK (reuse IN ('auto', 'confirm', 'never'))
);

CREATE TABLE journal_entry (
    position BIGINT GENERATED ALWAYS AS IDENTITY,
    stream TEXT NOT NULL,
    number INTEGER NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    action TEXT NOT NULL,
    account_id UUID,
    actor TEXT NOT NULL,
    role TEXT NOT NULL,
    detail JSONB NOT NULL,
    digest TEXT NOT NULL,
    organisation_id UUID,
    CONSTRAINT pk_journal_entry PRIMARY KEY (position),
    CONSTRAINT uq_journal_entry_stream_number UNIQUE (stream, number),
    CONSTRAINT fk_journal_entry_stream_journal_stream FOREIGN KEY(stream) REFERENCES journal_stream (name)
);

CREATE INDEX ix_journal_entry_organisation_feed ON journal_entry (organisation_id, position) WHERE organisation_id IS NOT NULL;

CREATE INDEX ix_journal_entry_stream_position ON journal_entry (stream, position);

CREATE INDEX ix_journal_entry_feed ON journal_entry (position) WHERE organisation_id IS NOT NULL;

CREATE TABLE email_address (
    account_id UUID NOT NULL,
    address TEXT NOT NULL,
    set_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_email_address PRIMARY KEY (account_id),
    CONSTRAINT fk_email_address_account_id_account FOREIGN KEY(account_id) REFERENCES account (id)
);

CREATE TABLE requirement (
    id UUID NOT NULL,
    version_id UUID NOT NULL,
    code TEXT NOT NULL,
    position INTEGER NOT NULL,
    chapter TEXT NOT NULL,
    title TEXT NOT NULL,
    function TEXT NOT NULL,
    text TEXT NOT NULL,
    comment TEXT NOT NULL,
    profile TEXT NOT NULL,
    former_profile TEXT NOT NULL,
    perimeter TEXT NOT NULL,
    criticality TEXT NOT NULL,
    socle TEXT,
    socle_fidelity VARCHAR(32),
    CONSTRAINT pk_requirement PRIMARY KEY (id),
    CONSTRAINT uq_requirement_version_id_code UNIQUE (version_id, code),
    CONSTRAINT ck_requirement_socle_with_fidelity CHECK ((socle IS NULL) = (socle_fidelity IS NULL)),
    CONSTRAINT fk_requirement_version_id_dsr_version FOREIGN KEY(version_id) REFERENCES dsr_version (id) ON DELETE CASCADE,
    CONSTRAINT ck_requirement_socle_fidelity CHECK (socle_fidelity IN ('identical', 'overridden'))
);

CREATE INDEX ix_requirement_position ON requirement (version_id, position);

CREATE TABLE solution (
    id UUID NOT NULL,
    software_id UUID NOT NULL,
    commercial_name TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_solution PRIMARY KEY (id),
    CONSTRAINT uq_solution_software_id_commercial_name UNIQUE (software_id, commercial_name),
    CONSTRAINT fk_solution_software_id_software FOREIGN KEY(software_id) REFERENCES software (id)
);

CREATE TABLE certificate (
    id UUID NOT NULL,
    software_id UUID NOT NULL,
    core_id UUID NOT NULL,
    kind TEXT NOT NULL,
    holder TEXT NOT NULL,
    number TEXT NOT NULL,
    valid_from DATE NOT NULL,
    valid_until DATE,
    revoked_on DATE,
    entered_by UUID,
    replaced_by UUID,
    original_id UUID,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_certificate PRIMARY KEY (id),
    CONSTRAINT fk_certificate_software_id_core_id_software FOREIGN KEY(software_id, core_id) REFERENCES software (id, core_id) ON UPDATE CASCADE DEFERRABLE,
    CONSTRAINT uq_certificate_id_core_id UNIQUE (id, core_id),
    CONSTRAINT ck_certificate_validity CHECK (valid_from < valid_until),
    CONSTRAINT fk_certificate_entered_by_account FOREIGN KEY(entered_by) REFERENCES account (id),
    CONSTRAINT fk_certificate_replaced_by_certificate FOREIGN KEY(replaced_by) REFERENCES certificate (id),
    CONSTRAINT fk_certificate_original_id_certificate FOREIGN KEY(original_id) REFERENCES certificate (id)
);

CREATE INDEX ix_certificate_original_id ON certificate (original_id) WHERE original_id IS NOT NULL;

CREATE UNIQUE INDEX uq_certificate_standing ON certificate (software_id, kind, holder, number, valid_from) WHERE revoked_on IS NULL;

CREATE INDEX ix_certificate_kind ON certificate (kind);

CREATE INDEX ix_certificate_core_id ON certificate (core_id);

CREATE INDEX ix_certificate_entered_by ON certificate (entered_by);

CREATE INDEX ix_certificate_valid_until ON certificate (valid_until);

CREATE TABLE identity (
    id UUID NOT NULL,
    first_id UUID NOT NULL,
    second_id UUID NOT NULL,
    accepted_by UUID NOT NULL,
    accepted_at TIMESTAMP WITH TIME ZONE NOT NULL,
    withdrawn_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_identity PRIMARY KEY (id),
    CONSTRAINT ck_identity_one_order CHECK (first_id < second_id),
    CONSTRAINT fk_identity_first_id_software FOREIGN KEY(first_id) REFERENCES software (id),
    CONSTRAINT fk_identity_second_id_software FOREIGN KEY(second_id) REFERENCES software (id),
    CONSTRAINT fk_identity_accepted_by_account FOREIGN KEY(accepted_by) REFERENCES account (id)
);

CREATE UNIQUE INDEX uq_identity_standing ON identity (first_id, second_id) WHERE withdrawn_at IS NULL;

CREATE INDEX ix_identity_second_id ON identity (second_id) WHERE withdrawn_at IS NULL;

CREATE TABLE edc_psc_declaration (
    id UUID NOT NULL,
    software_id UUID NOT NULL,
    component TEXT NOT NULL,
    counter VARCHAR(32) NOT NULL,
    operator TEXT,
    number TEXT NOT NULL,
    declared_on DATE NOT NULL,
    entered_by UUID NOT NULL,
    entered_at TIMESTAMP WITH TIME ZONE NOT NULL,
    withdrawn_at TIMESTAMP WITH TIME ZONE,
    withdrawn_reason TEXT,
    CONSTRAINT pk_edc_psc_declaration PRIMARY KEY (id),
    CONSTRAINT ck_edc_psc_declaration_operator CHECK ((counter = 'operator') = (operator IS NOT NULL)),
    CONSTRAINT fk_edc_psc_declaration_software_id_software FOREIGN KEY(software_id) REFERENCES software (id),
    CONSTRAINT ck_edc_psc_declaration_counter CHECK (counter IN ('editor', 'operator')),
    CONSTRAINT fk_edc_psc_declaration_entered_by_account FOREIGN KEY(entered_by) REFERENCES account (id)
);

CREATE UNIQUE INDEX uq_edc_psc_declaration_standing ON edc_psc_declaration (software_id, component, counter, operator) NULLS NOT DISTINCT WHERE withdrawn_at IS NULL;

CREATE TABLE issuer_list (
    id UUID NOT NULL,
    issuer_id UUID NOT NULL,
    number INTEGER NOT NULL,
    as_of DATE NOT NULL,
    kinds TEXT[] NOT NULL,
    rows INTEGER NOT NULL,
    entries INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    imported_at TIMESTAMP WITH TIME ZONE NOT NULL,
    imported_by UUID NOT NULL,
    superseded_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_issuer_list PRIMARY KEY (id),
    CONSTRAINT uq_issuer_list_issuer_id_number UNIQUE (issuer_id, number),
    CONSTRAINT fk_issuer_list_issuer_id_issuer FOREIGN KEY(issuer_id) REFERENCES issuer (id),
    CONSTRAINT fk_issuer_list_imported_by_account FOREIGN KEY(imported_by) REFERENCES account (id)
);

CREATE UNIQUE INDEX uq_issuer_list_current ON issuer_list (issuer_id) WHERE superseded_at IS NULL;

CREATE TABLE duo_availability (
    id UUID NOT NULL,
    verifier_id UUID NOT NULL,
    offered_by UUID NOT NULL,
    first_day DATE NOT NULL,
    last_day DATE NOT NULL,
    starts_at TIME WITHOUT TIME ZONE NOT NULL,
    ends_at TIME WITHOUT TIME ZONE NOT NULL,
    slot_minutes INTEGER NOT NULL,
    couloirs TEXT[] NOT NULL,
    chapters TEXT[] NOT NULL,
    excepted DATE[] NOT NULL,
    withdrawn_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_duo_availability PRIMARY KEY (id),
    CONSTRAINT ck_duo_availability_days CHECK (first_day <= last_day),
    CONSTRAINT ck_duo_availability_times CHECK (starts_at < ends_at),
    CONSTRAINT ck_duo_availability_slot_minutes CHECK (slot_minutes > 0 AND slot_minutes %% 15 = 0),
    CONSTRAINT fk_duo_availability_verifier_id_account FOREIGN KEY(verifier_id) REFERENCES account (id),
    CONSTRAINT fk_duo_availability_offered_by_account FOREIGN KEY(offered_by) REFERENCES account (id)
);

CREATE INDEX ix_duo_availability_verifier_id ON duo_availability (verifier_id, id);

CREATE TABLE simulation (
    id UUID NOT NULL,
    rulebook_id UUID NOT NULL,
    revision INTEGER NOT NULL,
    against_id UUID,
    applies_on DATE NOT NULL,
    state VARCHAR(32) NOT NULL,
    asked_by UUID NOT NULL,
    asked_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    position BIGINT NOT NULL,
    total INTEGER NOT NULL,
    done INTEGER NOT NULL,
    items INTEGER NOT NULL,
    figures JSONB NOT NULL,
    effort JSONB NOT NULL,
    CONSTRAINT pk_simulation PRIMARY KEY (id),
    CONSTRAINT fk_simulation_rulebook_id_rulebook FOREIGN KEY(rulebook_id) REFERENCES rulebook (id),
    CONSTRAINT fk_simulation_against_id_rulebook FOREIGN KEY(against_id) REFERENCES rulebook (id),
    CONSTRAINT ck_simulation_state CHECK (state IN ('running', 'finished', 'cancelled', 'outdated', 'failed')),
    CONSTRAINT fk_simulation_asked_by_account FOREIGN KEY(asked_by) REFERENCES account (id)
);

CREATE UNIQUE INDEX uq_simulation_running ON simulation (rulebook_id, revision, applies_on) WHERE state = 'running';

CREATE INDEX ix_simulation_rulebook_id ON simulation (rulebook_id, id);

CREATE TABLE correspondence_proposal (
    id UUID NOT NULL,
    rulebook_id UUID NOT NULL,
    revision INTEGER NOT NULL,
    code TEXT NOT NULL,
    sources TEXT[] NOT NULL,
    target TEXT NOT NULL,
    source_dsr TEXT NOT NULL,
    target_dsr TEXT NOT NULL,
    source_version_id UUID NOT NULL,
    target_version_id UUID NOT NULL,
    chapter TEXT NOT NULL,
    relation VARCHAR(32) NOT NULL,
    grounds JSONB NOT NULL,
    score DOUBLE PRECISION NOT NULL,
    likeness JSONB NOT NULL,
    differing JSONB NOT NULL,
    status VARCHAR(32) NOT NULL,
    decided_by UUID,
    decided_at TIMESTAMP WITH TIME ZONE,
    reason TEXT,
    decision JSONB,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_correspondence_proposal PRIMARY KEY (id),
    CONSTRAINT ck_correspondence_proposal_sources CHECK (cardinality(sources) > 0),
    CONSTRAINT ck_correspondence_proposal_decided CHECK ((status = 'proposed') = (decided_at IS NULL)),
    CONSTRAINT uq_correspondence_proposal_rulebook_id_code UNIQUE (rulebook_id, code),
    CONSTRAINT fk_correspondence_proposal_rulebook_id_rulebook FOREIGN KEY(rulebook_id) REFERENCES rulebook (id),
    CONSTRAINT fk_correspondence_proposal_source_version_id_dsr_version FOREIGN KEY(source_version_id) REFERENCES dsr_version (id),
    CONSTRAINT fk_correspondence_proposal_target_version_id_dsr_version FOREIGN KEY(target_version_id) REFERENCES dsr_version (id),
    CONSTRAINT ck_correspondence_proposal_relation CHECK (relation IN ('equal', 'superset', 'subset', 'intersects', 'none')),
    CONSTRAINT ck_correspondence_proposal_status CHECK (status IN ('proposed', 'accepted', 'changed', 'refused')),
    CONSTRAINT fk_correspondence_proposal_decided_by_account FOREIGN KEY(decided_by) REFERENCES account (id)
);

CREATE TABLE letter (
    id UUID NOT NULL,
    account_id UUID NOT NULL,
    subject_key TEXT NOT NULL,
    subject TEXT NOT NULL,
    text TEXT NOT NULL,
    calendar TEXT,
    method TEXT,
    useful_until TIMESTAMP WITH TIME ZONE,
    outcome VARCHAR(32) NOT NULL,
    attempts INTEGER NOT NULL,
    settled_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_letter PRIMARY KEY (id),
    CONSTRAINT uq_letter_account_id_subject_key UNIQUE (account_id, subject_key),
    CONSTRAINT ck_letter_settled CHECK ((outcome = 'waiting') = (settled_at IS NULL)),
    CONSTRAINT ck_letter_calendar_has_method CHECK ((calendar IS NULL) = (method IS NULL)),
    CONSTRAINT fk_letter_account_id_account FOREIGN KEY(account_id) REFERENCES account (id),
    CONSTRAINT ck_letter_outcome CHECK (outcome IN ('waiting', 'sent', 'no_server', 'no_address', 'refused', 'abandoned'))
);

CREATE INDEX ix_letter_account_id ON letter (account_id, id);

CREATE TABLE verifier (
    account_id UUID NOT NULL,
    chapters TEXT[] NOT NULL,
    guichets TEXT[] NOT NULL,
    most_in_hand INTEGER NOT NULL,
    CONSTRAINT pk_verifier PRIMARY KEY (account_id),
    CONSTRAINT ck_verifier_most_in_hand CHECK (most_in_hand > 0),
    CONSTRAINT fk_verifier_account_id_account FOREIGN KEY(account_id) REFERENCES account (id)
);

CREATE TABLE conflict_of_interest (
    id UUID NOT NULL,
    verifier_id UUID NOT NULL,
    organisation_id UUID NOT NULL,
    reason TEXT NOT NULL,
    declared_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_conflict_of_interest PRIMARY KEY (id),
    CONSTRAINT uq_conflict_of_interest_verifier_id_organisation_id UNIQUE (verifier_id, organisation_id),
    CONSTRAINT fk_conflict_of_interest_verifier_id_account FOREIGN KEY(verifier_id) REFERENCES account (id),
    CONSTRAINT fk_conflict_of_interest_organisation_id_organisation FOREIGN KEY(organisation_id) REFERENCES organisation (id)
);

CREATE TABLE absence (
    id UUID NOT NULL,
    verifier_id UUID NOT NULL,
    starts_on DATE NOT NULL,
    ends_on DATE NOT NULL,
    CONSTRAINT pk_absence PRIMARY KEY (id),
    CONSTRAINT ck_absence_days CHECK (starts_on <= ends_on),
    CONSTRAINT fk_absence_verifier_id_account FOREIGN KEY(verifier_id) REFERENCES account (id)
);

CREATE INDEX ix_absence_verifier_id ON absence (verifier_id, ends_on);

CREATE TABLE second_reading_rate (
    id UUID NOT NULL,
    chapter TEXT,
    verifier_id UUID,
    rate INTEGER NOT NULL,
    on_disagreement VARCHAR(32) NOT NULL,
    seed TEXT NOT NULL,
    CONSTRAINT pk_second_reading_rate PRIMARY KEY (id),
    CONSTRAINT uq_second_reading_rate_chapter_verifier_id UNIQUE NULLS NOT DISTINCT (chapter, verifier_id),
    CONSTRAINT ck_second_reading_rate_rate CHECK (rate BETWEEN 0 AND 100),
    CONSTRAINT fk_second_reading_rate_verifier_id_account FOREIGN KEY(verifier_id) REFERENCES account (id),
    CONSTRAINT ck_second_reading_rate_on_disagreement CHECK (on_disagreement IN ('third', 'lead'))
);

CREATE TABLE repeatable_request (
    account_id UUID NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    status INTEGER,
    headers JSONB,
    body BYTEA,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_repeatable_request PRIMARY KEY (account_id, key),
    CONSTRAINT fk_repeatable_request_account_id_account FOREIGN KEY(account_id) REFERENCES account (id)
);

CREATE TABLE expected_proof (
    id UUID NOT NULL,
    version_id UUID NOT NULL,
    requirement_id UUID NOT NULL,
    code TEXT NOT NULL,
    suffix TEXT NOT NULL,
    number TEXT NOT NULL,
    position INTEGER NOT NULL,
    text TEXT NOT NULL,
    wording TEXT NOT NULL,
    scenario_number TEXT NOT NULL,
    scenario_text TEXT NOT NULL,
    guichet VARCHAR(32) NOT NULL,
    kind VARCHAR(32) NOT NULL,
    roles TEXT[] NOT NULL,
    duo BOOLEAN NOT NULL,
    live_without_trace BOOLEAN DEFAULT false NOT NULL,
    corrected BOOLEAN NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_expected_proof PRIMARY KEY (id),
    CONSTRAINT uq_expected_proof_version_id_code UNIQUE (version_id, code),
    CONSTRAINT fk_expected_proof_version_id_dsr_version FOREIGN KEY(version_id) REFERENCES dsr_version (id) ON DELETE CASCADE,
    CONSTRAINT fk_expected_proof_requirement_id_requirement FOREIGN KEY(requirement_id) REFERENCES requirement (id) ON DELETE CASCADE,
    CONSTRAINT ck_expected_proof_guichet CHECK (guichet IN ('ANS', 'CNDA', 'EDC_PSC')),
    CONSTRAINT ck_expected_proof_kind CHECK (kind IN ('demonstration', 'log', 'document', 'test_report', 'certificate', 'pentest', 'other'))
);

CREATE INDEX ix_expected_proof_position ON expected_proof (requirement_id, position);

CREATE TABLE configuration (
    id UUID NOT NULL,
    solution_id UUID NOT NULL,
    software_version TEXT NOT NULL,
    composition JSONB NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_configuration PRIMARY KEY (id),
    CONSTRAINT fk_configuration_solution_id_solution FOREIGN KEY(solution_id) REFERENCES solution (id)
);

CREATE TABLE certificate_file (
    certificate_id UUID NOT NULL,
    id UUID NOT NULL,
    position INTEGER NOT NULL,
    filename TEXT NOT NULL,
    media_type TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    detected_type TEXT,
    remarks TEXT[] DEFAULT '{}' NOT NULL,
    identifiers INTEGER DEFAULT '0' NOT NULL,
    identifier_places JSONB DEFAULT '[]' NOT NULL,
    accepted_by UUID,
    accepted_reason TEXT,
    CONSTRAINT pk_certificate_file PRIMARY KEY (id),
    CONSTRAINT uq_certificate_file_certificate_id_position UNIQUE (certificate_id, position),
    CONSTRAINT fk_certificate_file_certificate_id_certificate FOREIGN KEY(certificate_id) REFERENCES certificate (id),
    CONSTRAINT fk_certificate_file_sha256_content FOREIGN KEY(sha256) REFERENCES content (sha256),
    CONSTRAINT fk_certificate_file_accepted_by_account FOREIGN KEY(accepted_by) REFERENCES account (id)
);

CREATE INDEX ix_certificate_file_sha256 ON certificate_file (sha256);

CREATE TABLE listed_certificate (
    id UUID NOT NULL,
    list_id UUID NOT NULL,
    kind TEXT NOT NULL,
    number TEXT NOT NULL,
    holder TEXT NOT NULL,
    valid_from DATE,
    valid_until DATE,
    CONSTRAINT pk_listed_certificate PRIMARY KEY (id),
    CONSTRAINT fk_listed_certificate_list_id_issuer_list FOREIGN KEY(list_id) REFERENCES issuer_list (id)
);

CREATE INDEX ix_listed_certificate_number ON listed_certificate (list_id, kind, lower(number));

CREATE TABLE duo_slot (
    id UUID NOT NULL,
    availability_id UUID NOT NULL,
    verifier_id UUID NOT NULL,
    starts_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ends_at TIMESTAMP WITH TIME ZONE NOT NULL,
    withdrawn_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_duo_slot PRIMARY KEY (id),
    CONSTRAINT ck_duo_slot_times CHECK (starts_at < ends_at),
    CONSTRAINT fk_duo_slot_availability_id_duo_availability FOREIGN KEY(availability_id) REFERENCES duo_availability (id),
    CONSTRAINT fk_duo_slot_verifier_id_account FOREIGN KEY(verifier_id) REFERENCES account (id)
);

CREATE INDEX ix_duo_slot_offered ON duo_slot (starts_at, id) WHERE withdrawn_at IS NULL;

CREATE INDEX ix_duo_slot_verifier_id ON duo_slot (verifier_id, starts_at);

CREATE INDEX ix_duo_slot_availability_id ON duo_slot (availability_id, starts_at);

CREATE TABLE correspondence (
    rulebook_id UUID NOT NULL,
    code TEXT NOT NULL,
    position INTEGER NOT NULL,
    sources TEXT[] NOT NULL,
    target TEXT NOT NULL,
    relation VARCHAR(32) NOT NULL,
    valid_from DATE,
    valid_until DATE,
    proposal_id UUID,
    CONSTRAINT pk_correspondence PRIMARY KEY (rulebook_id, code),
    CONSTRAINT ck_correspondence_sources CHECK (cardinality(sources) > 0),
    CONSTRAINT uq_correspondence_proposal_id UNIQUE (proposal_id),
    CONSTRAINT fk_correspondence_rulebook_id_rulebook FOREIGN KEY(rulebook_id) REFERENCES rulebook (id),
    CONSTRAINT ck_correspondence_relation CHECK (relation IN ('equal', 'superset', 'subset', 'intersects', 'none')),
    CONSTRAINT fk_correspondence_proposal_id_correspondence_proposal FOREIGN KEY(proposal_id) REFERENCES correspondence_proposal (id)
);

CREATE TABLE identity_declaration (
    id UUID NOT NULL,
    software_id UUID NOT NULL,
    other_id UUID NOT NULL,
    comment TEXT NOT NULL,
    declared_by UUID NOT NULL,
    declared_at TIMESTAMP WITH TIME ZONE NOT NULL,
    identity_id UUID,
    refusal TEXT,
    ended_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_identity_declaration PRIMARY KEY (id),
    CONSTRAINT ck_identity_declaration_two_softwares CHECK (software_id <> other_id),
    CONSTRAINT fk_identity_declaration_software_id_software FOREIGN KEY(software_id) REFERENCES software (id),
    CONSTRAINT fk_identity_declaration_declared_by_account FOREIGN KEY(declared_by) REFERENCES account (id),
    CONSTRAINT fk_identity_declaration_identity_id_identity FOREIGN KEY(identity_id) REFERENCES identity (id)
);

CREATE INDEX ix_identity_declaration_identity_id ON identity_declaration (identity_id);

CREATE UNIQUE INDEX uq_identity_declaration_standing ON identity_declaration (software_id, other_id) WHERE ended_at IS NULL;

CREATE TABLE simulated_dossier (
    simulation_id UUID NOT NULL,
    position INTEGER NOT NULL,
    candidature_id UUID NOT NULL,
    decided BOOLEAN NOT NULL,
    CONSTRAINT pk_simulated_dossier PRIMARY KEY (simulation_id, position),
    CONSTRAINT fk_simulated_dossier_simulation_id_simulation FOREIGN KEY(simulation_id) REFERENCES simulation (id)
);

CREATE TABLE simulated_change (
    simulation_id UUID NOT NULL,
    dossier INTEGER NOT NULL,
    position INTEGER NOT NULL,
    decided BOOLEAN NOT NULL,
    candidature_id UUID NOT NULL,
    item_id UUID NOT NULL,
    code TEXT NOT NULL,
    dispositif TEXT NOT NULL,
    chapter TEXT NOT NULL,
    before VARCHAR(32) NOT NULL,
    after VARCHAR(32) NOT NULL,
    told_before TEXT[] NOT NULL,
    told_after TEXT[] NOT NULL,
    derivation_before JSONB,
    derivation_after JSONB,
    CONSTRAINT pk_simulated_change PRIMARY KEY (simulation_id, dossier, position),
    CONSTRAINT fk_simulated_change_simulation_id_simulation FOREIGN KEY(simulation_id) REFERENCES simulation (id),
    CONSTRAINT ck_simulated_change_before CHECK (before IN ('covered', 'to_confirm', 'awaiting', 'required')),
    CONSTRAINT ck_simulated_change_after CHECK (after IN ('covered', 'to_confirm', 'awaiting', 'required'))
);

CREATE TABLE candidature (
    id UUID NOT NULL,
    organisation_id UUID NOT NULL,
    software_id UUID NOT NULL,
    core_id UUID NOT NULL,
    configuration_id UUID NOT NULL,
    version_id UUID NOT NULL,
    profiles TEXT[] NOT NULL,
    mode VARCHAR(32) NOT NULL,
    state VARCHAR(32) NOT NULL,
    deposited_on DATE,
    closed_on DATE,
    rulebook_id UUID,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_candidature PRIMARY KEY (id),
    CONSTRAINT fk_candidature_software_id_core_id_software FOREIGN KEY(software_id, core_id) REFERENCES software (id, core_id) ON UPDATE CASCADE DEFERRABLE,
    CONSTRAINT uq_candidature_id_core_id UNIQUE (id, core_id),
    CONSTRAINT fk_candidature_organisation_id_organisation FOREIGN KEY(organisation_id) REFERENCES organisation (id),
    CONSTRAINT fk_candidature_configuration_id_configuration FOREIGN KEY(configuration_id) REFERENCES configuration (id),
    CONSTRAINT fk_candidature_version_id_dsr_version FOREIGN KEY(version_id) REFERENCES dsr_version (id),
    CONSTRAINT ck_candidature_mode CHECK (mode IN ('async', 'duo')),
    CONSTRAINT ck_candidature_state CHECK (state IN ('draft', 'submitted', 'incomplete', 'in_review', 'deliberation', 'referenced', 'refused', 'withdrawn', 'suspended', 'delisted')),
    CONSTRAINT fk_candidature_rulebook_id_rulebook FOREIGN KEY(rulebook_id) REFERENCES rulebook (id)
);

CREATE INDEX ix_candidature_open_core ON candidature (core_id) WHERE state IN ('deliberation', 'draft', 'in_review', 'incomplete', 'submitted');

CREATE INDEX ix_candidature_organisation_id ON candidature (organisation_id, id);

CREATE TABLE attestation_file (
    declaration_id UUID NOT NULL,
    id UUID NOT NULL,
    position INTEGER NOT NULL,
    filename TEXT NOT NULL,
    media_type TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    detected_type TEXT,
    remarks TEXT[] DEFAULT '{}' NOT NULL,
    identifiers INTEGER DEFAULT '0' NOT NULL,
    identifier_places JSONB DEFAULT '[]' NOT NULL,
    accepted_by UUID,
    accepted_reason TEXT,
    CONSTRAINT pk_attestation_file PRIMARY KEY (id),
    CONSTRAINT uq_attestation_file_declaration_id_position UNIQUE (declaration_id, position),
    CONSTRAINT fk_attestation_file_declaration_id_identity_declaration FOREIGN KEY(declaration_id) REFERENCES identity_declaration (id),
    CONSTRAINT fk_attestation_file_sha256_content FOREIGN KEY(sha256) REFERENCES content (sha256),
    CONSTRAINT fk_attestation_file_accepted_by_account FOREIGN KEY(accepted_by) REFERENCES account (id)
);

CREATE INDEX ix_attestation_file_sha256 ON attestation_file (sha256);

CREATE TABLE permission (
    id UUID NOT NULL,
    candidature_id UUID NOT NULL,
    account_id UUID NOT NULL,
    revoked_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_permission PRIMARY KEY (id),
    CONSTRAINT fk_permission_candidature_id_candidature FOREIGN KEY(candidature_id) REFERENCES candidature (id),
    CONSTRAINT fk_permission_account_id_account FOREIGN KEY(account_id) REFERENCES account (id)
);

CREATE INDEX ix_permission_candidature_id ON permission (candidature_id, id);

CREATE UNIQUE INDEX uq_permission_standing ON permission (account_id, candidature_id) WHERE revoked_at IS NULL;

CREATE TABLE equivalence_grant (
    id UUID NOT NULL,
    candidature_id UUID NOT NULL,
    core_id UUID NOT NULL,
    rulebook_id UUID,
    proof_code TEXT NOT NULL,
    state VARCHAR(32) NOT NULL,
    strength VARCHAR(32) NOT NULL,
    derivation JSONB NOT NULL,
    clauses TEXT[] DEFAULT '{}' NOT NULL,
    cases TEXT[] NOT NULL,
    confirm TEXT[] NOT NULL,
    decided_by UUID,
    decided_at TIMESTAMP WITH TIME ZONE,
    comment TEXT,
    ended_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_equivalence_grant PRIMARY KEY (id),
    CONSTRAINT fk_equivalence_grant_candidature_id_core_id_candidature FOREIGN KEY(candidature_id, core_id) REFERENCES candidature (id, core_id) ON UPDATE CASCADE DEFERRABLE,
    CONSTRAINT uq_equivalence_grant_id_core_id UNIQUE (id, core_id),
    CONSTRAINT fk_equivalence_grant_rulebook_id_rulebook FOREIGN KEY(rulebook_id) REFERENCES rulebook (id),
    CONSTRAINT ck_equivalence_grant_state CHECK (state IN ('proposed', 'granted', 'confirmed', 'refused', 'stands_in', 'ended')),
    CONSTRAINT ck_equivalence_grant_strength CHECK (strength IN ('full', 'partial')),
    CONSTRAINT fk_equivalence_grant_decided_by_account FOREIGN KEY(decided_by) REFERENCES account (id)
);

CREATE INDEX ix_equivalence_grant_candidature_id ON equivalence_grant (candidature_id);

CREATE INDEX ix_equivalence_grant_clauses ON equivalence_grant USING gin (clauses) WHERE state <> 'ended';

CREATE TABLE ball_interval (
    id UUID NOT NULL,
    candidature_id UUID NOT NULL,
    holder VARCHAR(32) NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_ball_interval PRIMARY KEY (id),
    CONSTRAINT fk_ball_interval_candidature_id_candidature FOREIGN KEY(candidature_id) REFERENCES candidature (id),
    CONSTRAINT ck_ball_interval_holder CHECK (holder IN ('agency', 'editor', 'third_party'))
);

CREATE INDEX ix_ball_interval_candidature_id ON ball_interval (candidature_id, id);

CREATE UNIQUE INDEX uq_ball_interval_open ON ball_interval (candidature_id) WHERE ended_at IS NULL;

CREATE TABLE audit (
    id UUID NOT NULL,
    candidature_id UUID NOT NULL,
    organisation_id UUID NOT NULL,
    state VARCHAR(32) NOT NULL,
    reason TEXT NOT NULL,
    seed TEXT NOT NULL,
    size INTEGER NOT NULL,
    population JSONB NOT NULL,
    created_by UUID NOT NULL,
    opened_at TIMESTAMP WITH TIME ZONE,
    notified_at TIMESTAMP WITH TIME ZONE,
    answer_by DATE,
    closed_at TIMESTAMP WITH TIME ZONE,
    conclusions TEXT,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_audit PRIMARY KEY (id),
    CONSTRAINT fk_audit_candidature_id_candidature FOREIGN KEY(candidature_id) REFERENCES candidature (id),
    CONSTRAINT fk_audit_organisation_id_organisation FOREIGN KEY(organisation_id) REFERENCES organisation (id),
    CONSTRAINT ck_audit_state CHECK (state IN ('planned', 'in_progress', 'contradictory', 'follow_up', 'closed', 'abandoned')),
    CONSTRAINT fk_audit_created_by_account FOREIGN KEY(created_by) REFERENCES account (id)
);

CREATE INDEX ix_audit_organisation_id ON audit (organisation_id, id);

CREATE UNIQUE INDEX uq_audit_standing ON audit (candidature_id) WHERE state IN ('contradictory', 'follow_up', 'in_progress', 'planned');

CREATE INDEX ix_audit_state ON audit (state, id);

CREATE TABLE boost (
    id UUID NOT NULL,
    queue VARCHAR(32),
    chapter TEXT,
    dispositif TEXT,
    vague INTEGER,
    candidature_id UUID,
    weight INTEGER NOT NULL,
    reason TEXT NOT NULL,
    ends_on DATE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_boost PRIMARY KEY (id),
    CONSTRAINT ck_boost_names_something CHECK (num_nonnulls(queue, chapter, dispositif, vague, candidature_id) > 0),
    CONSTRAINT ck_boost_weight CHECK (weight > 0),
    CONSTRAINT ck_boost_queue CHECK (queue IN ('admissibility', 'proof_review', 'equivalence', 'second_reading', 'expert_opinion', 'duo_follow_up')),
    CONSTRAINT fk_boost_candidature_id_candidature FOREIGN KEY(candidature_id) REFERENCES candidature (id)
);

CREATE TABLE duo_session (
    id UUID NOT NULL,
    candidature_id UUID NOT NULL,
    organisation_id UUID NOT NULL,
    slot_id UUID NOT NULL,
    follows_id UUID,
    booked_by UUID NOT NULL,
    phase VARCHAR(32) NOT NULL,
    revision INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    last_event INTEGER NOT NULL,
    starts_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ends_at TIMESTAMP WITH TIME ZONE NOT NULL,
    opened_at TIMESTAMP WITH TIME ZONE,
    ended_at TIMESTAMP WITH TIME ZONE,
    ended_by UUID,
    absent VARCHAR(32),
    reason TEXT,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_duo_session PRIMARY KEY (id),
    CONSTRAINT ck_duo_session_times CHECK (starts_at < ends_at),
    CONSTRAINT fk_duo_session_candidature_id_candidature FOREIGN KEY(candidature_id) REFERENCES candidature (id),
    CONSTRAINT fk_duo_session_organisation_id_organisation FOREIGN KEY(organisation_id) REFERENCES organisation (id),
    CONSTRAINT fk_duo_session_slot_id_duo_slot FOREIGN KEY(slot_id) REFERENCES duo_slot (id),
    CONSTRAINT fk_duo_session_follows_id_duo_session FOREIGN KEY(follows_id) REFERENCES duo_session (id),
    CONSTRAINT fk_duo_session_booked_by_account FOREIGN KEY(booked_by) REFERENCES account (id),
    CONSTRAINT ck_duo_session_phase CHECK (phase IN ('scheduled', 'open', 'paused', 'closed', 'signed', 'cancelled', 'no_show', 'interrupted')),
    CONSTRAINT fk_duo_session_ended_by_account FOREIGN KEY(ended_by) REFERENCES account (id),
    CONSTRAINT ck_duo_session_absent CHECK (absent IN ('agency', 'editor'))
);

CREATE INDEX ix_duo_session_candidature_id ON duo_session (candidature_id, id);

CREATE INDEX ix_duo_session_starts_at ON duo_session (starts_at, id);

CREATE TABLE duo_hold (
    id UUID NOT NULL,
    slot_id UUID NOT NULL,
    candidature_id UUID NOT NULL,
    held_by UUID NOT NULL,
    starts_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ends_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_duo_hold PRIMARY KEY (id),
    CONSTRAINT fk_duo_hold_slot_id_duo_slot FOREIGN KEY(slot_id) REFERENCES duo_slot (id),
    CONSTRAINT fk_duo_hold_candidature_id_candidature FOREIGN KEY(candidature_id) REFERENCES candidature (id),
    CONSTRAINT fk_duo_hold_held_by_account FOREIGN KEY(held_by) REFERENCES account (id)
);

CREATE INDEX ix_duo_hold_candidature_id ON duo_hold (candidature_id);

CREATE TABLE item (
    id UUID NOT NULL,
    candidature_id UUID NOT NULL,
    core_id UUID NOT NULL,
    expected_proof_id UUID NOT NULL,
    position INTEGER NOT NULL,
    state VARCHAR(32) NOT NULL,
    track VARCHAR(32) NOT NULL,
    round INTEGER DEFAULT '1' NOT NULL,
    reason TEXT,
    external_reference TEXT,
    grant_id UUID,
    session_id UUID,
    CONSTRAINT pk_item PRIMARY KEY (id),
    CONSTRAINT fk_item_candidature_id_core_id_candidature FOREIGN KEY(candidature_id, core_id) REFERENCES candidature (id, core_id) ON UPDATE CASCADE DEFERRABLE,
    CONSTRAINT fk_item_grant_id_core_id_equivalence_grant FOREIGN KEY(grant_id, core_id) REFERENCES equivalence_grant (id, core_id) ON UPDATE CASCADE DEFERRABLE,
    CONSTRAINT uq_item_candidature_id_position UNIQUE (candidature_id, position),
    CONSTRAINT uq_item_candidature_id_expected_proof_id UNIQUE (candidature_id, expected_proof_id),
    CONSTRAINT uq_item_candidature_id_external_reference UNIQUE (candidature_id, external_reference) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT uq_item_id_track UNIQUE (id, track),
    CONSTRAINT ck_item_one_track CHECK (session_id IS NULL OR track = 'duo'),
    CONSTRAINT fk_item_expected_proof_id_expected_proof FOREIGN KEY(expected_proof_id) REFERENCES expected_proof (id),
    CONSTRAINT ck_item_state CHECK (state IN ('required', 'supplied', 'under_review', 'conform', 'nonconform', 'complement_requested', 'not_applicable', 'covered', 'to_confirm', 'awaiting')),
    CONSTRAINT ck_item_track CHECK (track IN ('async', 'duo')),
    CONSTRAINT fk_item_session_id_duo_session FOREIGN KEY(session_id) REFERENCES duo_session (id)
);

CREATE INDEX ix_item_grant_id ON item (grant_id);

CREATE INDEX ix_item_session_id ON item (session_id) WHERE session_id IS NOT NULL;

CREATE TABLE sanction (
    id UUID NOT NULL,
    audit_id UUID NOT NULL,
    measure VARCHAR(32) NOT NULL,
    state VARCHAR(32) NOT NULL,
    grounds TEXT NOT NULL,
    urgent_reason TEXT,
    answer_by DATE,
    announced_by UUID NOT NULL,
    announced_at TIMESTAMP WITH TIME ZONE NOT NULL,
    answer TEXT,
    answered_by UUID,
    answered_at TIMESTAMP WITH TIME ZONE,
    decision TEXT,
    decided_by UUID,
    decided_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_sanction PRIMARY KEY (id),
    CONSTRAINT fk_sanction_audit_id_audit FOREIGN KEY(audit_id) REFERENCES audit (id),
    CONSTRAINT ck_sanction_measure CHECK (measure IN ('suspension', 'delisting', 'reinstatement')),
    CONSTRAINT ck_sanction_state CHECK (state IN ('announced', 'answered', 'applied', 'dropped')),
    CONSTRAINT fk_sanction_announced_by_account FOREIGN KEY(announced_by) REFERENCES account (id),
    CONSTRAINT fk_sanction_answered_by_account FOREIGN KEY(answered_by) REFERENCES account (id),
    CONSTRAINT fk_sanction_decided_by_account FOREIGN KEY(decided_by) REFERENCES account (id)
);

CREATE INDEX ix_sanction_audit_id ON sanction (audit_id, id);

CREATE UNIQUE INDEX uq_sanction_pending ON sanction (audit_id) WHERE state IN ('announced', 'answered');

CREATE TABLE duo_participant (
    session_id UUID NOT NULL,
    account_id UUID NOT NULL,
    side VARCHAR(32) NOT NULL,
    added_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_duo_participant PRIMARY KEY (session_id, account_id),
    CONSTRAINT fk_duo_participant_session_id_duo_session FOREIGN KEY(session_id) REFERENCES duo_session (id),
    CONSTRAINT fk_duo_participant_account_id_account FOREIGN KEY(account_id) REFERENCES account (id),
    CONSTRAINT ck_duo_participant_side CHECK (side IN ('agency', 'editor'))
);

CREATE INDEX ix_duo_participant_account_id ON duo_participant (account_id, session_id);

CREATE TABLE duo_check (
    session_id UUID NOT NULL,
    kind VARCHAR(32) NOT NULL,
    passed BOOLEAN NOT NULL,
    comment TEXT NOT NULL,
    checked_by UUID NOT NULL,
    checked_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_duo_check PRIMARY KEY (session_id, kind),
    CONSTRAINT fk_duo_check_session_id_duo_session FOREIGN KEY(session_id) REFERENCES duo_session (id),
    CONSTRAINT ck_duo_check_kind CHECK (kind IN ('room', 'test_cards', 'test_patients')),
    CONSTRAINT fk_duo_check_checked_by_account FOREIGN KEY(checked_by) REFERENCES account (id)
);

CREATE TABLE duo_event (
    session_id UUID NOT NULL,
    seq INTEGER NOT NULL,
    kind TEXT NOT NULL,
    body JSONB NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_duo_event PRIMARY KEY (session_id, seq),
    CONSTRAINT fk_duo_event_session_id_duo_session FOREIGN KEY(session_id) REFERENCES duo_session (id)
);

CREATE TABLE duo_minutes (
    session_id UUID NOT NULL,
    document BYTEA NOT NULL,
    sha256 TEXT NOT NULL,
    fixed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_duo_minutes PRIMARY KEY (session_id),
    CONSTRAINT fk_duo_minutes_session_id_duo_session FOREIGN KEY(session_id) REFERENCES duo_session (id)
);

CREATE TABLE duo_signature (
    id UUID NOT NULL,
    session_id UUID NOT NULL,
    side VARCHAR(32) NOT NULL,
    account_id UUID NOT NULL,
    sha256 TEXT NOT NULL,
    decision VARCHAR(32) NOT NULL,
    reserves TEXT NOT NULL,
    signed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_duo_signature PRIMARY KEY (id),
    CONSTRAINT ck_duo_signature_refusal_says_why CHECK (decision = 'signed' OR reserves <> ''),
    CONSTRAINT fk_duo_signature_session_id_duo_session FOREIGN KEY(session_id) REFERENCES duo_session (id),
    CONSTRAINT ck_duo_signature_side CHECK (side IN ('agency', 'editor')),
    CONSTRAINT fk_duo_signature_account_id_account FOREIGN KEY(account_id) REFERENCES account (id),
    CONSTRAINT ck_duo_signature_decision CHECK (decision IN ('signed', 'refused'))
);

CREATE INDEX ix_duo_signature_session_id ON duo_signature (session_id, id);

CREATE UNIQUE INDEX uq_duo_signature_signed ON duo_signature (session_id, side) WHERE decision = 'signed';

CREATE TABLE duo_room (
    id UUID NOT NULL,
    session_id UUID NOT NULL,
    number INTEGER NOT NULL,
    provider TEXT NOT NULL,
    name TEXT NOT NULL,
    reference TEXT NOT NULL,
    address TEXT,
    opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    opened_by UUID,
    left_at TIMESTAMP WITH TIME ZONE,
    reason TEXT,
    CONSTRAINT pk_duo_room PRIMARY KEY (id),
    CONSTRAINT uq_duo_room_session_id_number UNIQUE (session_id, number),
    CONSTRAINT fk_duo_room_session_id_duo_session FOREIGN KEY(session_id) REFERENCES duo_session (id),
    CONSTRAINT fk_duo_room_opened_by_account FOREIGN KEY(opened_by) REFERENCES account (id)
);

CREATE UNIQUE INDEX uq_duo_room_current ON duo_room (session_id) WHERE left_at IS NULL;

CREATE TABLE duo_quarter (
    account_id UUID NOT NULL,
    starts_at TIMESTAMP WITH TIME ZONE NOT NULL,
    session_id UUID,
    hold_id UUID,
    CONSTRAINT pk_duo_quarter PRIMARY KEY (account_id, starts_at),
    CONSTRAINT ck_duo_quarter_taken_by CHECK (num_nonnulls(session_id, hold_id) = 1),
    CONSTRAINT fk_duo_quarter_account_id_account FOREIGN KEY(account_id) REFERENCES account (id),
    CONSTRAINT fk_duo_quarter_session_id_duo_session FOREIGN KEY(session_id) REFERENCES duo_session (id),
    CONSTRAINT fk_duo_quarter_hold_id_duo_hold FOREIGN KEY(hold_id) REFERENCES duo_hold (id) ON DELETE CASCADE
);

CREATE INDEX ix_duo_quarter_session_id ON duo_quarter (session_id);

CREATE INDEX ix_duo_quarter_hold_id ON duo_quarter (hold_id);

CREATE TABLE signal (
    id UUID NOT NULL,
    receipt TEXT NOT NULL,
    state VARCHAR(32) NOT NULL,
    channel VARCHAR(32) NOT NULL,
    solution TEXT NOT NULL,
    editor TEXT NOT NULL,
    description TEXT NOT NULL,
    observed_on DATE,
    received_on DATE NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    recorded_by UUID,
    assessment TEXT,
    assessed_at TIMESTAMP WITH TIME ZONE,
    assessed_by UUID,
    candidature_id UUID,
    audit_id UUID,
    request_key TEXT,
    CONSTRAINT pk_signal PRIMARY KEY (id),
    CONSTRAINT ck_signal_recorded CHECK ((channel = 'form') = (recorded_by IS NULL)),
    CONSTRAINT ck_signal_audited CHECK (audit_id IS NULL OR state = 'qualified'),
    CONSTRAINT uq_signal_receipt UNIQUE (receipt),
    CONSTRAINT ck_signal_state CHECK (state IN ('received', 'qualified', 'dismissed')),
    CONSTRAINT ck_signal_channel CHECK (channel IN ('form', 'letter', 'email', 'telephone', 'other')),
    CONSTRAINT fk_signal_recorded_by_account FOREIGN KEY(recorded_by) REFERENCES account (id),
    CONSTRAINT fk_signal_assessed_by_account FOREIGN KEY(assessed_by) REFERENCES account (id),
    CONSTRAINT fk_signal_candidature_id_candidature FOREIGN KEY(candidature_id) REFERENCES candidature (id),
    CONSTRAINT fk_signal_audit_id_audit FOREIGN KEY(audit_id) REFERENCES audit (id),
    CONSTRAINT uq_signal_request_key UNIQUE (request_key)
);

CREATE INDEX ix_signal_audit_id ON signal (audit_id) WHERE audit_id IS NOT NULL;

CREATE INDEX ix_signal_state ON signal (state, id);

CREATE TABLE proof (
    id UUID NOT NULL,
    item_id UUID NOT NULL,
    number INTEGER NOT NULL,
    software_id UUID NOT NULL,
    core_id UUID NOT NULL,
    organisation_id UUID NOT NULL,
    expected_proof_id UUID NOT NULL,
    configuration_id UUID NOT NULL,
    state VARCHAR(32) NOT NULL,
    supplied_at TIMESTAMP WITH TIME ZONE NOT NULL,
    supplied_by UUID NOT NULL,
    submitted_on DATE,
    performed_on DATE,
    journal_position BIGINT,
    CONSTRAINT pk_proof PRIMARY KEY (id),
    CONSTRAINT uq_proof_item_id_number UNIQUE (item_id, number),
    CONSTRAINT uq_proof_id_core_id UNIQUE (id, core_id),
    CONSTRAINT fk_proof_software_id_core_id_software FOREIGN KEY(software_id, core_id) REFERENCES software (id, core_id) ON UPDATE CASCADE DEFERRABLE,
    CONSTRAINT fk_proof_item_id_item FOREIGN KEY(item_id) REFERENCES item (id),
    CONSTRAINT fk_proof_organisation_id_organisation FOREIGN KEY(organisation_id) REFERENCES organisation (id),
    CONSTRAINT fk_proof_expected_proof_id_expected_proof FOREIGN KEY(expected_proof_id) REFERENCES expected_proof (id),
    CONSTRAINT fk_proof_configuration_id_configuration FOREIGN KEY(configuration_id) REFERENCES configuration (id),
    CONSTRAINT ck_proof_state CHECK (state IN ('held', 'submitted', 'decided', 'dropped')),
    CONSTRAINT fk_proof_supplied_by_account FOREIGN KEY(supplied_by) REFERENCES account (id)
);

CREATE INDEX ix_proof_submitted ON proof (core_id) WHERE state = 'submitted';

CREATE TABLE item_standing (
    id UUID NOT NULL,
    item_id UUID NOT NULL,
    state VARCHAR(32) NOT NULL,
    grant_id UUID,
    reason TEXT,
    answer JSONB,
    rulebook_id UUID,
    started_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_item_standing PRIMARY KEY (id),
    CONSTRAINT fk_item_standing_item_id_item FOREIGN KEY(item_id) REFERENCES item (id),
    CONSTRAINT ck_item_standing_state CHECK (state IN ('required', 'supplied', 'under_review', 'conform', 'nonconform', 'complement_requested', 'not_applicable', 'covered', 'to_confirm', 'awaiting')),
    CONSTRAINT fk_item_standing_grant_id_equivalence_grant FOREIGN KEY(grant_id) REFERENCES equivalence_grant (id),
    CONSTRAINT fk_item_standing_rulebook_id_rulebook FOREIGN KEY(rulebook_id) REFERENCES rulebook (id)
);

CREATE UNIQUE INDEX uq_item_standing_open ON item_standing (item_id) WHERE ended_at IS NULL;

CREATE INDEX ix_item_standing_item_id_started_at ON item_standing (item_id, started_at);

CREATE TABLE sampled_item (
    id UUID NOT NULL,
    audit_id UUID NOT NULL,
    item_id UUID NOT NULL,
    position INTEGER NOT NULL,
    requirement TEXT NOT NULL,
    code TEXT NOT NULL,
    weight INTEGER NOT NULL,
    reused BOOLEAN NOT NULL,
    added_reason TEXT,
    finding VARCHAR(32),
    comment TEXT NOT NULL,
    found_by UUID,
    found_at TIMESTAMP WITH TIME ZONE,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_sampled_item PRIMARY KEY (id),
    CONSTRAINT uq_sampled_item_audit_id_item_id UNIQUE (audit_id, item_id),
    CONSTRAINT ck_sampled_item_found CHECK ((finding IS NULL) = (found_at IS NULL)),
    CONSTRAINT fk_sampled_item_audit_id_audit FOREIGN KEY(audit_id) REFERENCES audit (id),
    CONSTRAINT fk_sampled_item_item_id_item FOREIGN KEY(item_id) REFERENCES item (id),
    CONSTRAINT ck_sampled_item_finding CHECK (finding IN ('conform', 'nonconform')),
    CONSTRAINT fk_sampled_item_found_by_account FOREIGN KEY(found_by) REFERENCES account (id)
);

CREATE INDEX ix_sampled_item_position ON sampled_item (audit_id, position);

CREATE TABLE task (
    id UUID NOT NULL,
    queue VARCHAR(32) NOT NULL,
    candidature_id UUID NOT NULL,
    item_id UUID,
    organisation_id UUID NOT NULL,
    code TEXT,
    chapter TEXT,
    guichet VARCHAR(32),
    budget INTEGER NOT NULL,
    due_on DATE NOT NULL,
    last_day DATE NOT NULL,
    boost_id UUID,
    rank INTEGER NOT NULL,
    opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    third_party_since TIMESTAMP WITH TIME ZONE,
    closed_at TIMESTAMP WITH TIME ZONE,
    closed_by UUID,
    days_used INTEGER,
    outcome TEXT,
    track TEXT GENERATED ALWAYS AS (CASE WHEN closed_at IS NULL AND item_id IS NOT NULL THEN 'async'::text ELSE NULL::text END) STORED,
    CONSTRAINT pk_task PRIMARY KEY (id),
    CONSTRAINT fk_task_item_id_track_item FOREIGN KEY(item_id, track) REFERENCES item (id, track),
    CONSTRAINT ck_task_queue CHECK (queue IN ('admissibility', 'proof_review', 'equivalence', 'second_reading', 'expert_opinion', 'duo_follow_up')),
    CONSTRAINT fk_task_candidature_id_candidature FOREIGN KEY(candidature_id) REFERENCES candidature (id),
    CONSTRAINT fk_task_item_id_item FOREIGN KEY(item_id) REFERENCES item (id),
    CONSTRAINT fk_task_organisation_id_organisation FOREIGN KEY(organisation_id) REFERENCES organisation (id),
    CONSTRAINT ck_task_guichet CHECK (guichet IN ('ANS', 'CNDA', 'EDC_PSC')),
    CONSTRAINT fk_task_boost_id_boost FOREIGN KEY(boost_id) REFERENCES boost (id),
    CONSTRAINT fk_task_closed_by_account FOREIGN KEY(closed_by) REFERENCES account (id)
);

CREATE INDEX ix_task_candidature_id ON task (candidature_id, item_id);

CREATE UNIQUE INDEX uq_task_open_dossier ON task (candidature_id) WHERE closed_at IS NULL AND item_id IS NULL;

CREATE INDEX ix_task_last_day ON task (last_day, opened_at, id) WHERE closed_at IS NULL AND third_party_since IS NULL;

CREATE INDEX ix_task_closed_at ON task (closed_at) WHERE closed_at IS NOT NULL;

CREATE INDEX ix_task_order ON task (queue, rank, last_day, opened_at, id) WHERE closed_at IS NULL AND third_party_since IS NULL;

CREATE UNIQUE INDEX uq_task_open_item ON task (item_id) WHERE closed_at IS NULL AND item_id IS NOT NULL;

CREATE TABLE duo_presence (
    id UUID NOT NULL,
    session_id UUID NOT NULL,
    account_id UUID NOT NULL,
    side VARCHAR(32) NOT NULL,
    arrived_at TIMESTAMP WITH TIME ZONE NOT NULL,
    left_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_duo_presence PRIMARY KEY (id),
    CONSTRAINT fk_duo_presence_session_id_account_id_duo_participant FOREIGN KEY(session_id, account_id) REFERENCES duo_participant (session_id, account_id),
    CONSTRAINT ck_duo_presence_side CHECK (side IN ('agency', 'editor'))
);

CREATE UNIQUE INDEX uq_duo_presence_there ON duo_presence (account_id) WHERE left_at IS NULL;

CREATE INDEX ix_duo_presence_session_id ON duo_presence (session_id, id);

CREATE TABLE message (
    id UUID NOT NULL,
    candidature_id UUID NOT NULL,
    item_id UUID,
    position BIGINT NOT NULL,
    account_id UUID NOT NULL,
    of_agency BOOLEAN NOT NULL,
    internal BOOLEAN NOT NULL,
    text TEXT NOT NULL,
    sent_at TIMESTAMP WITH TIME ZONE NOT NULL,
    read_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_message PRIMARY KEY (id),
    CONSTRAINT uq_message_candidature_id_position UNIQUE (candidature_id, position),
    CONSTRAINT ck_message_notes_of_agency CHECK (of_agency OR NOT internal),
    CONSTRAINT ck_message_notes_have_no_mark CHECK (read_at IS NULL OR NOT internal),
    CONSTRAINT fk_message_candidature_id_candidature FOREIGN KEY(candidature_id) REFERENCES candidature (id),
    CONSTRAINT fk_message_item_id_item FOREIGN KEY(item_id) REFERENCES item (id),
    CONSTRAINT fk_message_account_id_account FOREIGN KEY(account_id) REFERENCES account (id)
);

CREATE INDEX ix_message_item ON message (item_id, position) WHERE item_id IS NOT NULL;

CREATE TABLE signal_author (
    signal_id UUID NOT NULL,
    name TEXT NOT NULL,
    organisation TEXT NOT NULL,
    email TEXT NOT NULL,
    telephone TEXT NOT NULL,
    CONSTRAINT pk_signal_author PRIMARY KEY (signal_id),
    CONSTRAINT fk_signal_author_signal_id_signal FOREIGN KEY(signal_id) REFERENCES signal (id)
);

CREATE TABLE proof_file (
    proof_id UUID NOT NULL,
    id UUID NOT NULL,
    position INTEGER NOT NULL,
    filename TEXT NOT NULL,
    media_type TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    detected_type TEXT,
    remarks TEXT[] DEFAULT '{}' NOT NULL,
    identifiers INTEGER DEFAULT '0' NOT NULL,
    identifier_places JSONB DEFAULT '[]' NOT NULL,
    accepted_by UUID,
    accepted_reason TEXT,
    CONSTRAINT pk_proof_file PRIMARY KEY (id),
    CONSTRAINT uq_proof_file_proof_id_position UNIQUE (proof_id, position),
    CONSTRAINT fk_proof_file_proof_id_proof FOREIGN KEY(proof_id) REFERENCES proof (id),
    CONSTRAINT fk_proof_file_sha256_content FOREIGN KEY(sha256) REFERENCES content (sha256),
    CONSTRAINT fk_proof_file_accepted_by_account FOREIGN KEY(accepted_by) REFERENCES account (id)
);

CREATE INDEX ix_proof_file_sha256 ON proof_file (sha256);

CREATE TABLE verification (
    id UUID NOT NULL,
    proof_id UUID NOT NULL,
    software_id UUID NOT NULL,
    core_id UUID NOT NULL,
    proof_code TEXT NOT NULL,
    wording TEXT NOT NULL,
    solution TEXT NOT NULL,
    composition JSONB NOT NULL,
    mode TEXT NOT NULL,
    finding VARCHAR(32) NOT NULL,
    found_on DATE NOT NULL,
    verifier_id UUID NOT NULL,
    file_sha256 TEXT NOT NULL,
    comment TEXT NOT NULL,
    round INTEGER NOT NULL,
    dsr_version INTEGER NOT NULL,
    rulebook_id UUID,
    revoked_on DATE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_verification PRIMARY KEY (id),
    CONSTRAINT fk_verification_software_id_core_id_software FOREIGN KEY(software_id, core_id) REFERENCES software (id, core_id) ON UPDATE CASCADE DEFERRABLE,
    CONSTRAINT fk_verification_proof_id_core_id_proof FOREIGN KEY(proof_id, core_id) REFERENCES proof (id, core_id) ON UPDATE CASCADE DEFERRABLE,
    CONSTRAINT uq_verification_id_core_id UNIQUE (id, core_id),
    CONSTRAINT ck_verification_finding CHECK (finding IN ('verified', 'rejected', 'complement')),
    CONSTRAINT fk_verification_verifier_id_account FOREIGN KEY(verifier_id) REFERENCES account (id),
    CONSTRAINT fk_verification_rulebook_id_rulebook FOREIGN KEY(rulebook_id) REFERENCES rulebook (id)
);

CREATE INDEX ix_verification_core_id ON verification (core_id);

CREATE INDEX ix_verification_proof_id ON verification (proof_id);

CREATE TABLE nonconformity (
    id UUID NOT NULL,
    audit_id UUID NOT NULL,
    number INTEGER NOT NULL,
    requirement TEXT NOT NULL,
    severity VARCHAR(32) NOT NULL,
    description TEXT NOT NULL,
    sampled_item_id UUID,
    state VARCHAR(32) NOT NULL,
    outcome TEXT,
    raised_by UUID NOT NULL,
    raised_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    reminded INTEGER,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_nonconformity PRIMARY KEY (id),
    CONSTRAINT uq_nonconformity_audit_id_number UNIQUE (audit_id, number),
    CONSTRAINT fk_nonconformity_audit_id_audit FOREIGN KEY(audit_id) REFERENCES audit (id),
    CONSTRAINT ck_nonconformity_severity CHECK (severity IN ('mineure', 'majeure', 'critique')),
    CONSTRAINT fk_nonconformity_sampled_item_id_sampled_item FOREIGN KEY(sampled_item_id) REFERENCES sampled_item (id),
    CONSTRAINT ck_nonconformity_state CHECK (state IN ('open', 'lifted', 'withdrawn')),
    CONSTRAINT fk_nonconformity_raised_by_account FOREIGN KEY(raised_by) REFERENCES account (id)
);

CREATE TABLE third_party_wait (
    id UUID NOT NULL,
    task_id UUID NOT NULL,
    party TEXT NOT NULL,
    reason TEXT NOT NULL,
    expected_on DATE NOT NULL,
    asked_by UUID NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    ended_by UUID,
    answer TEXT,
    overdue_noted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_third_party_wait PRIMARY KEY (id),
    CONSTRAINT ck_third_party_wait_ended CHECK ((ended_at IS NULL) = (ended_by IS NULL) AND (answer IS NULL OR ended_at IS NOT NULL)),
    CONSTRAINT fk_third_party_wait_task_id_task FOREIGN KEY(task_id) REFERENCES task (id),
    CONSTRAINT fk_third_party_wait_asked_by_account FOREIGN KEY(asked_by) REFERENCES account (id),
    CONSTRAINT fk_third_party_wait_ended_by_account FOREIGN KEY(ended_by) REFERENCES account (id)
);

CREATE UNIQUE INDEX uq_third_party_wait_open ON third_party_wait (task_id) WHERE ended_at IS NULL;

CREATE INDEX ix_third_party_wait_task_id ON third_party_wait (task_id, started_at);

CREATE INDEX ix_third_party_wait_expected_on ON third_party_wait (expected_on, id);

CREATE TABLE opinion (
    id UUID NOT NULL,
    task_id UUID NOT NULL,
    expert_id UUID NOT NULL,
    asked_by UUID NOT NULL,
    question TEXT NOT NULL,
    due_on DATE NOT NULL,
    asked_at TIMESTAMP WITH TIME ZONE NOT NULL,
    answered_at TIMESTAMP WITH TIME ZONE,
    declined_at TIMESTAMP WITH TIME ZONE,
    reply TEXT,
    reminded_at TIMESTAMP WITH TIME ZONE,
    overdue_noted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_opinion PRIMARY KEY (id),
    CONSTRAINT uq_opinion_task_id_expert_id UNIQUE (task_id, expert_id),
    CONSTRAINT ck_opinion_reply CHECK (num_nonnulls(answered_at, declined_at) <= 1 AND (reply IS NULL) = (num_nonnulls(answered_at, declined_at) = 0)),
    CONSTRAINT fk_opinion_task_id_task FOREIGN KEY(task_id) REFERENCES task (id),
    CONSTRAINT fk_opinion_expert_id_account FOREIGN KEY(expert_id) REFERENCES account (id),
    CONSTRAINT fk_opinion_asked_by_account FOREIGN KEY(asked_by) REFERENCES account (id)
);

CREATE INDEX ix_opinion_expert_id ON opinion (expert_id, id);

CREATE INDEX ix_opinion_awaited ON opinion (due_on, id) WHERE reply IS NULL;

CREATE TABLE message_file (
    message_id UUID NOT NULL,
    id UUID NOT NULL,
    position INTEGER NOT NULL,
    filename TEXT NOT NULL,
    media_type TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    detected_type TEXT,
    remarks TEXT[] DEFAULT '{}' NOT NULL,
    identifiers INTEGER DEFAULT '0' NOT NULL,
    identifier_places JSONB DEFAULT '[]' NOT NULL,
    accepted_by UUID,
    accepted_reason TEXT,
    CONSTRAINT pk_message_file PRIMARY KEY (id),
    CONSTRAINT uq_message_file_message_id_position UNIQUE (message_id, position),
    CONSTRAINT fk_message_file_message_id_message FOREIGN KEY(message_id) REFERENCES message (id),
    CONSTRAINT fk_message_file_sha256_content FOREIGN KEY(sha256) REFERENCES content (sha256),
    CONSTRAINT fk_message_file_accepted_by_account FOREIGN KEY(accepted_by) REFERENCES account (id)
);

CREATE INDEX ix_message_file_sha256 ON message_file (sha256);

CREATE TABLE read_mark (
    candidature_id UUID NOT NULL,
    account_id UUID NOT NULL,
    message_id UUID NOT NULL,
    position BIGINT NOT NULL,
    read_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_read_mark PRIMARY KEY (candidature_id, account_id),
    CONSTRAINT fk_read_mark_candidature_id_candidature FOREIGN KEY(candidature_id) REFERENCES candidature (id),
    CONSTRAINT fk_read_mark_account_id_account FOREIGN KEY(account_id) REFERENCES account (id),
    CONSTRAINT fk_read_mark_message_id_message FOREIGN KEY(message_id) REFERENCES message (id)
);

CREATE TABLE claim (
    task_id UUID NOT NULL,
    verifier_id UUID NOT NULL,
    claimed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_claim PRIMARY KEY (task_id),
    CONSTRAINT fk_claim_task_id_task FOREIGN KEY(task_id) REFERENCES task (id),
    CONSTRAINT fk_claim_verifier_id_account FOREIGN KEY(verifier_id) REFERENCES account (id)
);

CREATE INDEX ix_claim_verifier_id ON claim (verifier_id, expires_at);

CREATE TABLE second_reading (
    task_id UUID NOT NULL,
    proof_id UUID NOT NULL,
    round INTEGER NOT NULL,
    on_disagreement VARCHAR(32) NOT NULL,
    CONSTRAINT pk_second_reading PRIMARY KEY (task_id),
    CONSTRAINT fk_second_reading_task_id_task FOREIGN KEY(task_id) REFERENCES task (id),
    CONSTRAINT fk_second_reading_proof_id_proof FOREIGN KEY(proof_id) REFERENCES proof (id),
    CONSTRAINT ck_second_reading_on_disagreement CHECK (on_disagreement IN ('third', 'lead'))
);

CREATE TABLE upload (
    id UUID NOT NULL,
    account_id UUID NOT NULL,
    organisation_id UUID NOT NULL,
    candidature_id UUID NOT NULL,
    item_id UUID NOT NULL,
    metadata TEXT NOT NULL,
    filename TEXT NOT NULL,
    media_type TEXT NOT NULL,
    sha256 TEXT,
    performed_on DATE,
    length BIGINT NOT NULL,
    "offset" BIGINT NOT NULL,
    name TEXT NOT NULL,
    state VARCHAR(32) NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    proof_id UUID,
    refusal JSONB,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_upload PRIMARY KEY (id),
    CONSTRAINT ck_upload_offset CHECK ("offset" BETWEEN 0 AND length),
    CONSTRAINT fk_upload_account_id_account FOREIGN KEY(account_id) REFERENCES account (id),
    CONSTRAINT fk_upload_organisation_id_organisation FOREIGN KEY(organisation_id) REFERENCES organisation (id),
    CONSTRAINT fk_upload_candidature_id_candidature FOREIGN KEY(candidature_id) REFERENCES candidature (id),
    CONSTRAINT fk_upload_item_id_item FOREIGN KEY(item_id) REFERENCES item (id),
    CONSTRAINT ck_upload_state CHECK (state IN ('receiving', 'received', 'kept', 'refused', 'expired', 'terminated', 'lost')),
    CONSTRAINT fk_upload_proof_id_proof FOREIGN KEY(proof_id) REFERENCES proof (id)
);

CREATE INDEX ix_upload_unfinished ON upload (organisation_id, expires_at) WHERE state IN ('received', 'receiving');

CREATE TABLE grant_source (
    id UUID NOT NULL,
    grant_id UUID NOT NULL,
    core_id UUID,
    verification_id UUID,
    certificate_id UUID,
    CONSTRAINT pk_grant_source PRIMARY KEY (id),
    CONSTRAINT fk_grant_source_grant_id_core_id_equivalence_grant FOREIGN KEY(grant_id, core_id) REFERENCES equivalence_grant (id, core_id) ON UPDATE CASCADE DEFERRABLE,
    CONSTRAINT fk_grant_source_verification_id_core_id_verification FOREIGN KEY(verification_id, core_id) REFERENCES verification (id, core_id) ON UPDATE CASCADE DEFERRABLE,
    CONSTRAINT fk_grant_source_certificate_id_core_id_certificate FOREIGN KEY(certificate_id, core_id) REFERENCES certificate (id, core_id) ON UPDATE CASCADE DEFERRABLE,
    CONSTRAINT ck_grant_source_one_fact CHECK (num_nonnulls(verification_id, certificate_id) = 1),
    CONSTRAINT uq_grant_source_grant_id_verification_id_certificate_id UNIQUE NULLS NOT DISTINCT (grant_id, verification_id, certificate_id),
    CONSTRAINT fk_grant_source_grant_id_equivalence_grant FOREIGN KEY(grant_id) REFERENCES equivalence_grant (id),
    CONSTRAINT fk_grant_source_verification_id_verification FOREIGN KEY(verification_id) REFERENCES verification (id),
    CONSTRAINT fk_grant_source_certificate_id_certificate FOREIGN KEY(certificate_id) REFERENCES certificate (id)
);

CREATE INDEX ix_grant_source_verification_id ON grant_source (verification_id);

CREATE INDEX ix_grant_source_certificate_id ON grant_source (certificate_id);

CREATE TABLE verdict (
    id UUID NOT NULL,
    item_id UUID NOT NULL,
    task_id UUID,
    round INTEGER NOT NULL,
    finding VARCHAR(32) NOT NULL,
    comment TEXT NOT NULL,
    missing TEXT[] NOT NULL,
    due_on DATE,
    reminded INTEGER,
    steps JSONB NOT NULL,
    claim TEXT,
    verification_id UUID,
    grant_id UUID,
    verifier_id UUID NOT NULL,
    given_at TIMESTAMP WITH TIME ZONE NOT NULL,
    undone_at TIMESTAMP WITH TIME ZONE,
    undone_reason TEXT,
    CONSTRAINT pk_verdict PRIMARY KEY (id),
    CONSTRAINT fk_verdict_item_id_item FOREIGN KEY(item_id) REFERENCES item (id),
    CONSTRAINT uq_verdict_task_id UNIQUE (task_id),
    CONSTRAINT fk_verdict_task_id_task FOREIGN KEY(task_id) REFERENCES task (id),
    CONSTRAINT ck_verdict_finding CHECK (finding IN ('verified', 'rejected', 'complement')),
    CONSTRAINT fk_verdict_verification_id_verification FOREIGN KEY(verification_id) REFERENCES verification (id),
    CONSTRAINT fk_verdict_grant_id_equivalence_grant FOREIGN KEY(grant_id) REFERENCES equivalence_grant (id),
    CONSTRAINT fk_verdict_verifier_id_account FOREIGN KEY(verifier_id) REFERENCES account (id)
);

CREATE INDEX ix_verdict_due_on ON verdict (due_on) WHERE undone_at IS NULL;

CREATE INDEX ix_verdict_given_at ON verdict (given_at) WHERE undone_at IS NULL AND grant_id IS NULL AND claim IS NULL;

CREATE INDEX ix_verdict_item_id ON verdict (item_id, id);

CREATE TABLE sampled_fact (
    id UUID NOT NULL,
    sampled_item_id UUID NOT NULL,
    verification_id UUID,
    certificate_id UUID,
    CONSTRAINT pk_sampled_fact PRIMARY KEY (id),
    CONSTRAINT ck_sampled_fact_one_fact CHECK (num_nonnulls(verification_id, certificate_id) = 1),
    CONSTRAINT fk_sampled_fact_sampled_item_id_sampled_item FOREIGN KEY(sampled_item_id) REFERENCES sampled_item (id),
    CONSTRAINT fk_sampled_fact_verification_id_verification FOREIGN KEY(verification_id) REFERENCES verification (id),
    CONSTRAINT fk_sampled_fact_certificate_id_certificate FOREIGN KEY(certificate_id) REFERENCES certificate (id)
);

CREATE INDEX ix_sampled_fact_certificate_id ON sampled_fact (certificate_id);

CREATE INDEX ix_sampled_fact_verification_id ON sampled_fact (verification_id);

CREATE INDEX ix_sampled_fact_sampled_item_id ON sampled_fact (sampled_item_id);

CREATE TABLE action_plan (
    id UUID NOT NULL,
    nonconformity_id UUID NOT NULL,
    number INTEGER NOT NULL,
    description TEXT NOT NULL,
    state VARCHAR(32) NOT NULL,
    asked_on DATE,
    asked_days INTEGER,
    due_on DATE,
    proposed_by UUID NOT NULL,
    proposed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    report TEXT,
    carried_out_at TIMESTAMP WITH TIME ZONE,
    comment TEXT,
    commented_at TIMESTAMP WITH TIME ZONE,
    reminded INTEGER,
    CONSTRAINT pk_action_plan PRIMARY KEY (id),
    CONSTRAINT uq_action_plan_nonconformity_id_number UNIQUE (nonconformity_id, number),
    CONSTRAINT ck_action_plan_asked CHECK (num_nonnulls(asked_on, asked_days) = 1),
    CONSTRAINT fk_action_plan_nonconformity_id_nonconformity FOREIGN KEY(nonconformity_id) REFERENCES nonconformity (id),
    CONSTRAINT ck_action_plan_state CHECK (state IN ('proposed', 'accepted', 'carried_out', 'verified', 'refused', 'withdrawn')),
    CONSTRAINT fk_action_plan_proposed_by_account FOREIGN KEY(proposed_by) REFERENCES account (id)
);

CREATE UNIQUE INDEX uq_action_plan_standing ON action_plan (nonconformity_id) WHERE state IN ('accepted', 'carried_out', 'proposed', 'verified');

CREATE INDEX ix_action_plan_due_on ON action_plan (due_on) WHERE state = 'accepted';

CREATE TABLE third_party_rescheduling (
    id UUID NOT NULL,
    wait_id UUID NOT NULL,
    previously DATE NOT NULL,
    expected_on DATE NOT NULL,
    reason TEXT NOT NULL,
    decided_by UUID NOT NULL,
    decided_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_third_party_rescheduling PRIMARY KEY (id),
    CONSTRAINT fk_third_party_rescheduling_wait_id_third_party_wait FOREIGN KEY(wait_id) REFERENCES third_party_wait (id),
    CONSTRAINT fk_third_party_rescheduling_decided_by_account FOREIGN KEY(decided_by) REFERENCES account (id)
);

CREATE INDEX ix_third_party_rescheduling_wait_id ON third_party_rescheduling (wait_id, id);

CREATE TABLE reading (
    id UUID NOT NULL,
    task_id UUID NOT NULL,
    proof_id UUID NOT NULL,
    verifier_id UUID NOT NULL,
    round INTEGER NOT NULL,
    finding VARCHAR(32) NOT NULL,
    comment TEXT NOT NULL,
    steps JSONB NOT NULL,
    file_sha256 TEXT NOT NULL,
    given_at TIMESTAMP WITH TIME ZONE NOT NULL,
    verification_id UUID,
    undone_at TIMESTAMP WITH TIME ZONE,
    undone_reason TEXT,
    CONSTRAINT pk_reading PRIMARY KEY (id),
    CONSTRAINT uq_reading_task_id UNIQUE (task_id),
    CONSTRAINT fk_reading_task_id_task FOREIGN KEY(task_id) REFERENCES task (id),
    CONSTRAINT fk_reading_proof_id_proof FOREIGN KEY(proof_id) REFERENCES proof (id),
    CONSTRAINT fk_reading_verifier_id_account FOREIGN KEY(verifier_id) REFERENCES account (id),
    CONSTRAINT ck_reading_finding CHECK (finding IN ('verified', 'rejected', 'complement')),
    CONSTRAINT fk_reading_verification_id_verification FOREIGN KEY(verification_id) REFERENCES verification (id)
);

CREATE UNIQUE INDEX uq_reading_waiting ON reading (proof_id, verifier_id) WHERE verification_id IS NULL AND undone_at IS NULL;

CREATE INDEX ix_reading_verification_id ON reading (verification_id, round);

CREATE INDEX ix_reading_proof_id ON reading (proof_id, round);

CREATE TABLE revocation (
    id UUID NOT NULL,
    core_id UUID,
    verification_id UUID,
    certificate_id UUID,
    identity_id UUID,
    rulebook_id UUID,
    rule JSONB,
    rule_digest TEXT,
    reason TEXT NOT NULL,
    revoked_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revoked_by UUID,
    audit_id UUID,
    CONSTRAINT pk_revocation PRIMARY KEY (id),
    CONSTRAINT fk_revocation_verification_id_core_id_verification FOREIGN KEY(verification_id, core_id) REFERENCES verification (id, core_id) ON UPDATE CASCADE DEFERRABLE,
    CONSTRAINT fk_revocation_certificate_id_core_id_certificate FOREIGN KEY(certificate_id, core_id) REFERENCES certificate (id, core_id) ON UPDATE CASCADE DEFERRABLE,
    CONSTRAINT ck_revocation_one_cause CHECK (num_nonnulls(verification_id, certificate_id, identity_id, rulebook_id) = 1),
    CONSTRAINT ck_revocation_core_of_fact CHECK ((core_id IS NULL) = (num_nonnulls(verification_id, certificate_id) = 0)),
    CONSTRAINT ck_revocation_rule CHECK (num_nonnulls(rulebook_id, rule, rule_digest) IN (0, 3)),
    CONSTRAINT uq_revocation_verification_id UNIQUE (verification_id),
    CONSTRAINT uq_revocation_identity_id UNIQUE (identity_id),
    CONSTRAINT fk_revocation_identity_id_identity FOREIGN KEY(identity_id) REFERENCES identity (id),
    CONSTRAINT fk_revocation_rulebook_id_rulebook FOREIGN KEY(rulebook_id) REFERENCES rulebook (id),
    CONSTRAINT fk_revocation_revoked_by_account FOREIGN KEY(revoked_by) REFERENCES account (id),
    CONSTRAINT fk_revocation_audit_id_audit FOREIGN KEY(audit_id) REFERENCES audit (id)
);

CREATE UNIQUE INDEX uq_revocation_expired_rule ON revocation (rule_digest) WHERE revoked_by IS NULL;

CREATE UNIQUE INDEX uq_revocation_certificate ON revocation (certificate_id, (revoked_by IS NULL));

CREATE INDEX ix_revocation_audit_id ON revocation (audit_id) WHERE audit_id IS NOT NULL;

CREATE TABLE evidence (
    audit_id UUID NOT NULL,
    sampled_item_id UUID,
    nonconformity_id UUID,
    plan_id UUID,
    sanction_id UUID,
    comment TEXT NOT NULL,
    account_id UUID NOT NULL,
    of_agency BOOLEAN NOT NULL,
    added_at TIMESTAMP WITH TIME ZONE NOT NULL,
    id UUID NOT NULL,
    position INTEGER NOT NULL,
    filename TEXT NOT NULL,
    media_type TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    detected_type TEXT,
    remarks TEXT[] DEFAULT '{}' NOT NULL,
    identifiers INTEGER DEFAULT '0' NOT NULL,
    identifier_places JSONB DEFAULT '[]' NOT NULL,
    accepted_by UUID,
    accepted_reason TEXT,
    CONSTRAINT pk_evidence PRIMARY KEY (id),
    CONSTRAINT uq_evidence_audit_id_position UNIQUE (audit_id, position),
    CONSTRAINT ck_evidence_about CHECK (num_nonnulls(sampled_item_id, nonconformity_id, plan_id, sanction_id) <= 1),
    CONSTRAINT fk_evidence_audit_id_audit FOREIGN KEY(audit_id) REFERENCES audit (id),
    CONSTRAINT fk_evidence_sampled_item_id_sampled_item FOREIGN KEY(sampled_item_id) REFERENCES sampled_item (id),
    CONSTRAINT fk_evidence_nonconformity_id_nonconformity FOREIGN KEY(nonconformity_id) REFERENCES nonconformity (id),
    CONSTRAINT fk_evidence_plan_id_action_plan FOREIGN KEY(plan_id) REFERENCES action_plan (id),
    CONSTRAINT fk_evidence_sanction_id_sanction FOREIGN KEY(sanction_id) REFERENCES sanction (id),
    CONSTRAINT fk_evidence_account_id_account FOREIGN KEY(account_id) REFERENCES account (id),
    CONSTRAINT fk_evidence_sha256_content FOREIGN KEY(sha256) REFERENCES content (sha256),
    CONSTRAINT fk_evidence_accepted_by_account FOREIGN KEY(accepted_by) REFERENCES account (id)
);

CREATE INDEX ix_evidence_sha256 ON evidence (sha256);

CREATE TABLE duo_line (
    id UUID NOT NULL,
    session_id UUID NOT NULL,
    item_id UUID NOT NULL,
    position INTEGER NOT NULL,
    minutes INTEGER NOT NULL,
    state VARCHAR(32) NOT NULL,
    revision INTEGER NOT NULL,
    shown_at TIMESTAMP WITH TIME ZONE,
    decided_at TIMESTAMP WITH TIME ZONE,
    timecode INTEGER,
    note TEXT DEFAULT '' NOT NULL,
    recording TEXT,
    steps JSONB DEFAULT '[]' NOT NULL,
    verdict_id UUID,
    CONSTRAINT pk_duo_line PRIMARY KEY (id),
    CONSTRAINT uq_duo_line_session_id_item_id UNIQUE (session_id, item_id),
    CONSTRAINT uq_duo_line_session_id_position UNIQUE (session_id, position) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT ck_duo_line_minutes CHECK (minutes > 0),
    CONSTRAINT ck_duo_line_decided CHECK ((state = 'decided') = (verdict_id IS NOT NULL)),
    CONSTRAINT fk_duo_line_session_id_duo_session FOREIGN KEY(session_id) REFERENCES duo_session (id),
    CONSTRAINT fk_duo_line_item_id_item FOREIGN KEY(item_id) REFERENCES item (id),
    CONSTRAINT ck_duo_line_state CHECK (state IN ('planned', 'shown', 'decided', 'covered', 'withdrawn', 'to_queue', 'to_next')),
    CONSTRAINT fk_duo_line_verdict_id_verdict FOREIGN KEY(verdict_id) REFERENCES verdict (id)
);

CREATE INDEX ix_duo_line_verdict_id ON duo_line (verdict_id) WHERE verdict_id IS NOT NULL;

CREATE UNIQUE INDEX uq_duo_line_pending ON duo_line (item_id) WHERE state IN ('planned', 'shown');

CREATE INDEX ix_duo_line_item_id ON duo_line (item_id, id);

CREATE TABLE consequence (
    id UUID NOT NULL,
    revocation_id UUID NOT NULL,
    candidature_id UUID NOT NULL,
    item_id UUID NOT NULL,
    code TEXT NOT NULL,
    fate VARCHAR(32),
    state VARCHAR(32),
    derivation JSONB,
    CONSTRAINT pk_consequence PRIMARY KEY (id),
    CONSTRAINT uq_consequence_revocation_id_item_id UNIQUE (revocation_id, item_id),
    CONSTRAINT fk_consequence_revocation_id_revocation FOREIGN KEY(revocation_id) REFERENCES revocation (id),
    CONSTRAINT fk_consequence_candidature_id_candidature FOREIGN KEY(candidature_id) REFERENCES candidature (id),
    CONSTRAINT fk_consequence_item_id_item FOREIGN KEY(item_id) REFERENCES item (id),
    CONSTRAINT ck_consequence_fate CHECK (fate IN ('covered_otherwise', 'reopened', 'flagged', 'closed', 'gained')),
    CONSTRAINT ck_consequence_state CHECK (state IN ('required', 'supplied', 'under_review', 'conform', 'nonconform', 'complement_requested', 'not_applicable', 'covered', 'to_confirm', 'awaiting'))
);

CREATE INDEX ix_consequence_candidature_id ON consequence (candidature_id);

CREATE TABLE flag (
    id UUID NOT NULL,
    revocation_id UUID NOT NULL,
    candidature_id UUID NOT NULL,
    item_id UUID NOT NULL,
    raised_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_flag PRIMARY KEY (id),
    CONSTRAINT uq_flag_revocation_id_item_id UNIQUE (revocation_id, item_id),
    CONSTRAINT fk_flag_revocation_id_revocation FOREIGN KEY(revocation_id) REFERENCES revocation (id),
    CONSTRAINT fk_flag_candidature_id_candidature FOREIGN KEY(candidature_id) REFERENCES candidature (id),
    CONSTRAINT fk_flag_item_id_item FOREIGN KEY(item_id) REFERENCES item (id)
);

CREATE INDEX ix_flag_candidature_id ON flag (candidature_id);

CREATE TABLE duo_capture (
    line_id UUID NOT NULL,
    taken_by UUID NOT NULL,
    taken_at TIMESTAMP WITH TIME ZONE NOT NULL,
    timecode INTEGER,
    proof_id UUID,
    id UUID NOT NULL,
    position INTEGER NOT NULL,
    filename TEXT NOT NULL,
    media_type TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    detected_type TEXT,
    remarks TEXT[] DEFAULT '{}' NOT NULL,
    identifiers INTEGER DEFAULT '0' NOT NULL,
    identifier_places JSONB DEFAULT '[]' NOT NULL,
    accepted_by UUID,
    accepted_reason TEXT,
    CONSTRAINT pk_duo_capture PRIMARY KEY (id),
    CONSTRAINT uq_duo_capture_line_id_position UNIQUE (line_id, position),
    CONSTRAINT fk_duo_capture_line_id_duo_line FOREIGN KEY(line_id) REFERENCES duo_line (id),
    CONSTRAINT fk_duo_capture_taken_by_account FOREIGN KEY(taken_by) REFERENCES account (id),
    CONSTRAINT fk_duo_capture_proof_id_proof FOREIGN KEY(proof_id) REFERENCES proof (id),
    CONSTRAINT fk_duo_capture_sha256_content FOREIGN KEY(sha256) REFERENCES content (sha256),
    CONSTRAINT fk_duo_capture_accepted_by_account FOREIGN KEY(accepted_by) REFERENCES account (id)
);

CREATE INDEX ix_duo_capture_sha256 ON duo_capture (sha256);
