#!/bin/sh
# Make the secrets of compose.yaml, one file each, in the given folder. Secrets that exist are kept.
# The repository never contains one.
#
#   sh docker/make-secrets.sh docker/secrets
#
# Only its owner can enter the folder. The files in it are readable by all, because the users in the
# containers that mount them are not users of this machine.
set -eu
folder=${1:?name the folder for the secrets}
mkdir -p "$folder"
chmod 700 "$folder"  # also if somebody made it before
cd "$folder"

keep() {  # keep NAME: write standard input to it without a final newline, unless it exists
    if [ -s "$1" ]; then
        cat >/dev/null
    else
        printf '%s' "$(cat)" >".$1.partial"  # Airflow does not strip a command's output
        chmod 444 ".$1.partial"
        mv -f ".$1.partial" "$1"
    fi
}
random() {  # only letters and digits: they are used in URLs and in SQL
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
