#!/bin/sh
# The roles and the database, made by the postgres image at its first start.
set -eu
psql --username="$POSTGRES_USER" --set=ON_ERROR_STOP=1 \
    --set=owner="$OWNER_PASSWORD" --set=app="$APP_PASSWORD" --set=portal="$PORTAL_PASSWORD" <<'SQL'
CREATE ROLE tongxin_owner LOGIN PASSWORD :'owner';
CREATE ROLE tongxin_app LOGIN PASSWORD :'app';
CREATE ROLE tongxin_portal LOGIN PASSWORD :'portal';
CREATE DATABASE tongxin OWNER tongxin_owner ENCODING 'UTF8' TEMPLATE template0;
REVOKE TEMPORARY ON DATABASE tongxin FROM PUBLIC;
SQL
