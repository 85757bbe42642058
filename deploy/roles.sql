-- Run once, where the database is made: the site's own role is no superuser. It makes
-- databases, for each backup is restored into one to prove it.

\set password `cat /run/secrets/postgres_password`

CREATE ROLE appointments LOGIN CREATEDB PASSWORD :'password';
CREATE DATABASE appointments OWNER appointments;
REVOKE ALL ON DATABASE appointments FROM public;
