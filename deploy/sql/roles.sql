-- Makes the roles of a Postgate cell and its empty schema, for a server on which `postgate migrate` may not make them itself.
-- Run it once for each cell, in the database of the store, as a superuser or as a user with CREATEROLE that may create schemas:
--
--     psql -v ON_ERROR_STOP=1 -v schema=postgate -f roles.sql DATABASE
--
-- Running it again changes nothing. Then make the login users and grant each of them one role, such as
--
--     CREATE ROLE gate_migrate LOGIN PASSWORD '...' IN ROLE postgate_migrator;   -- runs `postgate migrate`
--     CREATE ROLE gate_run LOGIN PASSWORD '...' IN ROLE postgate_writer;         -- runs everything else
--     CREATE ROLE gate_look LOGIN PASSWORD '...' IN ROLE postgate_reader;        -- views and events
--     CREATE ROLE gate_audit LOGIN PASSWORD '...' IN ROLE postgate_auditor;      -- everything, to read: verify and reconcile
--
-- A server has one list of roles for all its databases: two databases with a schema of the same name share them.

\if :{?schema}
\else
\set schema postgate
\endif
\set ON_ERROR_STOP 1

BEGIN;

-- Groups that nobody logs in as. The migrator says SET ROLE before it acts as the owner, so that nothing is owned by a user.
SELECT format('CREATE ROLE %I NOLOGIN NOINHERIT', :'schema' || '_' || role)
FROM unnest(ARRAY['owner', 'migrator', 'writer', 'reader', 'auditor']) AS role
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'schema' || '_' || role)
\gexec

SELECT format('GRANT %I TO %I', :'schema' || '_owner', :'schema' || '_migrator')
WHERE NOT EXISTS (
    SELECT FROM pg_auth_members
    WHERE roleid = to_regrole(quote_ident(:'schema' || '_owner')) AND member = to_regrole(quote_ident(:'schema' || '_migrator'))
)
\gexec

-- To give a schema to the owner one must be able to act as the owner.
SELECT format('GRANT %I TO %I', :'schema' || '_migrator', current_user)
WHERE NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
\gexec

SELECT format('CREATE SCHEMA %I AUTHORIZATION %I', :'schema', :'schema' || '_owner')
WHERE NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = :'schema')
\gexec

COMMIT;
