#!/bin/sh
# Make the secrets of compose.yaml, a file each, in the folder that is named: at the first start all
# of them, later only those that are missing. Nothing here is ever part of the repository.
#
#   sh docker/make-secrets.sh docker/secrets
#
# The folder is for its owner alone. The files can be read by everyone who gets there, since the
# users inside the containers that they are mounted into are not this machine's.
set -eu
folder=${1:?name the folder for the secrets}
(umask 077 && mkdir -p "$folder")
cd "$folder"

keep() {  # keep NAME: standard input without a newline at its end, unless there is such a file
    if [ -s "$1" ]; then
        cat >/dev/null
    else
        printf '%s' "$(cat)" >".$1.partial"  # Airflow takes a command's output as it is
        chmod 444 ".$1.partial"
        mv -f ".$1.partial" "$1"
    fi
}
random() {  # letters and digits alone: they stand in URLs and in SQL
    LC_ALL=C tr -dc 'A-Za-z0-9' </dev/urandom | head -c 40
}

# a Fernet key is 32 bytes in URL-safe base64
head -c 32 /dev/urandom | base64 | tr '+/' '-_' | keep airflow_fernet_key
for name in airflow_jwt_secret airflow_session_key airflow_admin_password postgres_password \
    airflow_database_password warehouse_password valkey_password objects_access_key \
    objects_secret_key; do
    random | keep "$name"
done

airflow="airflow:$(cat airflow_database_password)@postgres:5432/airflow"
echo "postgresql+psycopg://$airflow" | keep airflow_database_url
echo "db+postgresql+psycopg://$airflow" | keep celery_result_url
echo "redis://:$(cat valkey_password)@valkey:6379/0" | keep celery_broker_url
echo "postgresql://silkwire:$(cat warehouse_password)@postgres:5432/silkwire" | keep warehouse_url
keep valkey_conf <<END
requirepass $(cat valkey_password)
maxmemory-policy noeviction
END
keep objects_credentials <<END
[default]
aws_access_key_id = $(cat objects_access_key)
aws_secret_access_key = $(cat objects_secret_key)
END
keep objects_identities <<END
{"identities": [{"name": "silkwire", "actions": ["Admin", "Read", "Write", "List", "Tagging"],
  "credentials": [{"accessKey": "$(cat objects_access_key)",
    "secretKey": "$(cat objects_secret_key)"}]}]}
END
