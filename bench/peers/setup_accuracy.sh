#!/usr/bin/env bash
# Installs the peers of bench/accuracy_peers.py (scikit-learn, pandas, numpy, at fixed versions) and prints the Python interpreter that
# has them. The build does not need them.
#
#   PYTHON=$(bench/peers/setup_accuracy.sh)
set -euo pipefail

venv=${ROICAST_ACCURACY_PEERS:-${XDG_CACHE_HOME:-$HOME/.cache}/roicast/accuracy-peers}
pins=(scikit-learn==1.9.1 pandas==3.1.1 numpy==2.4.6)
check='import sys
from importlib.metadata import version
wanted = [word.split("==") for word in sys.argv[1:]]
sys.exit([name for name, number in wanted if version(name) != number] or None)'
if ! "$venv/bin/python" -c "$check" "${pins[@]}" 2>/dev/null; then
  echo "creating $venv" >&2
  /usr/bin/python3 -m venv "$venv" >&2
  "$venv/bin/pip" install -q "${pins[@]}" >&2
  "$venv/bin/python" -c "$check" "${pins[@]}" >&2
fi
echo "$venv/bin/python"
