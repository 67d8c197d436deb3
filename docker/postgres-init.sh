#!/bin/sh
# Make Airflow's database and the warehouse, each with an owner that cannot reach the other. The
# PostgreSQL image runs this once, on an empty server.
set -eu
make_database() {  # make_database NAME PASSWORD_FILE [ROLE OPTION]
    psql -v ON_ERROR_STOP=1 --quiet --username "$POSTGRES_USER" --dbname postgres \
        -v name="$1" -v password="$(cat "$2")" <<END
CREATE ROLE :"name" LOGIN ${3:-} PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name" TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8';
REVOKE CONNECT ON DATABASE :"name" FROM PUBLIC;
END
}
make_database airflow "${AIRFLOW_PASSWORD_FILE:-/run/secrets/airflow_database_password}"
# CREATEROLE: silkwire makes its loader's and its reader's role
make_database silkwire "${WAREHOUSE_PASSWORD_FILE:-/run/secrets/warehouse_password}" CREATEROLE
