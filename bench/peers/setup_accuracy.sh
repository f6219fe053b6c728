#!/usr/bin/env bash
# Installs the peers of bench/accuracy_peers.py (scikit-learn, pandas, numpy, at fixed versions) and prints the Python interpreter that
# has them. The build does not need them.
#
#   PYTHON=$(bench/peers/setup_accuracy.sh)
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/python_peers.sh"
python_peers "${ROICAST_ACCURACY_PEERS:-${XDG_CACHE_HOME:-$HOME/.cache}/roicast/accuracy-peers}" scikit-learn==1.9.1 pandas==3.1.1 numpy==2.4.6
