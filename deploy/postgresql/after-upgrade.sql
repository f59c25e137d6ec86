-- After each `referencing db upgrade`, by referencing_owner: what the default privileges cannot say of single tables.

-- The record is added to, never changed: what its triggers refuse, the role may not even try.
REVOKE UPDATE, DELETE, TRUNCATE ON journal_entry, journal_head, journal_head_stamp FROM referencing;
REVOKE DELETE, TRUNCATE ON journal_stream, journal_tile FROM referencing;
-- Digests of keys, of browsers' sessions and of links to invitations with whom they went to, answers kept to be repeated
-- (that to who made a key tells it), and who told a signal.
REVOKE SELECT ON account_key, browser_session, external_identity, invitation, repeatable_request, signal_author,
    signal_salt FROM referencing_reader;
-- Only an upgrade says which schema this is.
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON alembic_version FROM referencing;
