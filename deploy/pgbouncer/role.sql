-- What a pooler that lends connections by the transaction keeps the application from asking for itself, set for its role.
-- psql --dbname referencing --file role.sql, by a superuser, after deploy/postgresql/roles.sql.
ALTER ROLE referencing SET timezone = 'UTC';
ALTER ROLE referencing SET jit = off;
ALTER ROLE referencing SET lock_timeout = '10s';
-- The bound of jobs; a request gives up sooner, and its statement ends when nobody waits for it.
ALTER ROLE referencing SET statement_timeout = '600s';
ALTER ROLE referencing SET client_connection_check_interval = '5s';
