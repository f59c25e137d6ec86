-- Three roles on one database, by a superuser connected to it: psql --dbname referencing --file roles.sql
-- Then give each a password: \password referencing_owner, referencing, referencing_reader.
--
--   referencing_owner   owns the tables and runs `referencing db upgrade`; nothing else works as it
--   referencing         what `serve` and `worker` work as, with MIGRATE=never: rows, no tables
--   referencing_reader  reports: reads all but what opens a door
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['referencing_owner', 'referencing', 'referencing_reader'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
            EXECUTE format('CREATE ROLE %I LOGIN NOINHERIT', name);
        END IF;
    END LOOP;
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format(
        'GRANT CONNECT, TEMPORARY ON DATABASE %I TO referencing_owner, referencing, referencing_reader',
        current_database()
    );
END
$$;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO referencing_owner;
GRANT USAGE ON SCHEMA public TO referencing, referencing_reader;

-- What the owner makes from now on, the tables of every migration to come included.
ALTER DEFAULT PRIVILEGES FOR ROLE referencing_owner IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO referencing;
ALTER DEFAULT PRIVILEGES FOR ROLE referencing_owner IN SCHEMA public
    GRANT USAGE, SELECT ON SEQUENCES TO referencing;
ALTER DEFAULT PRIVILEGES FOR ROLE referencing_owner IN SCHEMA public
    GRANT EXECUTE ON FUNCTIONS TO referencing;
ALTER DEFAULT PRIVILEGES FOR ROLE referencing_owner IN SCHEMA public
    GRANT SELECT ON TABLES TO referencing_reader;
