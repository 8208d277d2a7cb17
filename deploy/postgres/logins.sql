-- The logins of compose.yaml, made once with the empty database: roles.sql makes the groups, this file who may log in as which.
-- Passwords come from the files that compose puts into the container as secrets.
\set ON_ERROR_STOP 1
\set migrate_password `cat "${POSTGATE_SECRETS:-/run/secrets}/migrate_password"`
\set run_password `cat "${POSTGATE_SECRETS:-/run/secrets}/run_password"`
\set check_password `cat "${POSTGATE_SECRETS:-/run/secrets}/check_password"`

CREATE ROLE gate_migrate LOGIN PASSWORD :'migrate_password' IN ROLE postgate_migrator;
CREATE ROLE gate_run LOGIN PASSWORD :'run_password' IN ROLE postgate_writer;
CREATE ROLE gate_check LOGIN PASSWORD :'check_password' IN ROLE postgate_auditor;

-- Nobody else has business in this database.
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database())
\gexec
SELECT format('GRANT CONNECT ON DATABASE %I TO gate_migrate, gate_run, gate_check', current_database())
\gexec
