#!/usr/bin/env bash
# Installs the peers of bench/reading.cc (polars, DuckDB, pandas, pyarrow) and prints the Python interpreter that has them. The build does
# not need them.
#
#   PYTHON=$(bench/peers/setup_reading.sh)
set -euo pipefail

venv=${ROICAST_READING_PEERS:-${XDG_CACHE_HOME:-$HOME/.cache}/roicast/reading-peers}
if ! "$venv/bin/python" -c 'import polars, duckdb, pandas, pyarrow' 2>/dev/null; then
  echo "creating $venv" >&2
  /usr/bin/python3 -m venv "$venv" >&2
  "$venv/bin/pip" install -q polars duckdb pandas pyarrow >&2
  "$venv/bin/python" -c 'import polars, duckdb, pandas, pyarrow' >&2
fi
echo "$venv/bin/python"
