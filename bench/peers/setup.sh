#!/usr/bin/env bash
# Installs the benchmarks' peers (scikit-learn, PyTorch, ONNX Runtime) and prints the Python interpreter that has them.
# The build does not need them.
#
#   PYTHON=$(bench/peers/setup.sh)
set -euo pipefail

venv=${ROICAST_PEERS:-${XDG_CACHE_HOME:-$HOME/.cache}/roicast/peers}
sudo=$([[ $(id -u) == 0 ]] || echo sudo)

# Debian's packages support only the CPU; PyTorch's own wheels contain gigabytes of GPU code.
packages=(python3-venv python3-pip python3-numpy python3-sklearn python3-torch)
missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
if ((${#missing[@]})); then
  echo "installing ${missing[*]}" >&2
  $sudo apt-get update -qq >&2
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${missing[@]}" >&2
fi

if ! "$venv/bin/python" -c 'import numpy, sklearn, torch, onnxruntime' 2>/dev/null; then
  echo "creating $venv" >&2
  /usr/bin/python3 -m venv --system-site-packages "$venv" >&2
  # The last ONNX Runtime release built for Debian 12's numpy 1.24; torch.onnx writes its models.
  "$venv/bin/pip" install -q 'onnxruntime==1.17.3' 'numpy<2' >&2
  "$venv/bin/python" -c 'import numpy, sklearn, torch, onnxruntime' >&2
fi
echo "$venv/bin/python"
