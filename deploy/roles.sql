-- Run once, where the database is made: the site's own role is no superuser.

\set password `cat /run/secrets/postgres_password`

CREATE ROLE appointments LOGIN PASSWORD :'password';
CREATE DATABASE appointments OWNER appointments;
REVOKE ALL ON DATABASE appointments FROM public;
