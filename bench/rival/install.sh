#!/usr/bin/env bash
# Installs what bench/rival/run.sh needs, at the versions of requirements.txt, into a folder outside git; quick when it is there.
#   bench/rival/install.sh          installs (Python 3.11 or later with venv, about 700 MB)
#   bench/rival/install.sh check    exit 0 when it is installed
# Folder: rival in $SHOPLAKE_TEST_CACHE, default ~/.cache/shoplake-test.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
folder=${SHOPLAKE_TEST_CACHE:-$HOME/.cache/shoplake-test}/rival

installed() { cmp -s "$here/requirements.txt" "$folder/requirements.txt"; }

if installed; then exit 0; fi
if [ "${1:-}" = check ]; then exit 1; fi
command -v python3 >/dev/null || { echo "install.sh: 'python3' is not on the PATH; the rival is made of Python packages" >&2; exit 1; }
echo "installing dlt, dbt-duckdb and ConnectorX into $folder" >&2
mkdir -p "$folder"
python3 -m venv --clear "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
# The package calls the extension by its short name; DuckDB looks for the entry point by the file's name.
cp "$folder"/venv/lib/python3*/site-packages/duckdb_extension_postgres/extensions/*/postgres.duckdb_extension \
  "$folder/postgres_scanner.duckdb_extension"
cp "$here/requirements.txt" "$folder/requirements.txt"
