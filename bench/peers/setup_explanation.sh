#!/usr/bin/env bash
# Installs the peer of bench/explanation.cc (shap, with numpy, at fixed versions) and prints the Python interpreter that has it. The
# build does not need it.
#
#   PYTHON=$(bench/peers/setup_explanation.sh)
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/python_peers.sh"
python_peers "${ROICAST_EXPLANATION_PEERS:-${XDG_CACHE_HOME:-$HOME/.cache}/roicast/explanation-peers}" shap==0.48.0 numpy==1.26.4
