#!/usr/bin/env bash
# Installs the peer of bench/explanation.cc (shap, with numpy, at fixed versions) and prints the Python interpreter that has it. The
# build does not need it.
#
#   PYTHON=$(bench/peers/setup_explanation.sh)
set -euo pipefail

venv=${ROICAST_EXPLANATION_PEERS:-${XDG_CACHE_HOME:-$HOME/.cache}/roicast/explanation-peers}
pins=(shap==0.48.0 numpy==1.26.4)
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
