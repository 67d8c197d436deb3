#!/bin/sh
# Upgrade both databases; make the login, the pool and the archive's bucket. Safe to run again.
set -eu
airflow db migrate
airflow users create --role Admin --username admin --firstname silkwire --lastname admin \
    --email admin@localhost --password "$(cat "$AIRFLOW_ADMIN_PASSWORD_FILE")"
# an existing pool keeps the slots that an operator has chosen
airflow pools get silkwire_fetch >/dev/null 2>&1 ||
    airflow pools set silkwire_fetch 8 "Shards of feeds that are fetched at once"
silkwire db upgrade
python - <<'END'
import fsspec
from silkwire.config import read_settings

fs, root = fsspec.core.url_to_fs(read_settings().data_root)
fs.makedirs(root, exist_ok=True)
END
