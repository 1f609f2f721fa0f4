#!/usr/bin/env bash
# The rival: PostgreSQL -> bronze (dlt) -> silver and gold with their tests (dbt-duckdb) -> PostgreSQL. Exit code 1 when a test fails.
#   bench/rival/run.sh FROM_URL TO_URL WORKDIR
# WORKDIR keeps bronze/ and silver/ (Parquet), shop.duckdb (gold) and what dlt and dbt remember. bench/rival/install.sh comes first.
set -euo pipefail

[ $# = 3 ] || { sed -n '2,4p' "$0" | sed 's/^# \{0,3\}//' >&2; exit 1; }
here=$(cd "$(dirname "$0")" && pwd)
folder=${SHOPLAKE_TEST_CACHE:-$HOME/.cache/shoplake-test}/rival
"$here/install.sh" check || { echo "run.sh: the rival is not installed; run: bench/rival/install.sh" >&2; exit 1; }
mkdir -p "$3/silver"

RIVAL_DIR=$(cd "$3" && pwd)
RIVAL_THREADS=$(nproc)
export RIVAL_DIR RIVAL_THREADS
export RIVAL_EXTENSION=$folder/postgres_scanner.duckdb_extension
export DBT_TARGET_PATH=$RIVAL_DIR/target DBT_LOG_PATH=$RIVAL_DIR/logs
export RUNTIME__DLTHUB_TELEMETRY=false RUNTIME__LOG_LEVEL=ERROR DBT_SEND_ANONYMOUS_USAGE_STATS=false
export PATH=$folder/venv/bin:$PATH

python "$here/bronze.py" "$1"
dbt --quiet build --project-dir "$here/dbt" --profiles-dir "$here/dbt"
python "$here/publish.py" "$2"
