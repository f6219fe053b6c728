#!/usr/bin/env bash
# Builds the release preset and keeps a server under all kinds of traffic, or does small things over and over; fails if memory,
# descriptors or threads grow.
#   scripts/soak.sh [--minutes 60 | --rounds 1000]
set -euo pipefail
cd "$(dirname "$0")/.."
case ${1:-} in -h | --help) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0"; exit 0 ;; esac
[[ -f build/release/build.ninja || -f build/release/Makefile ]] || cmake --preset release >&2
cmake --build --preset release --parallel "${ROICAST_JOBS:-$(nproc)}" --target roicast roicast_server >&2
kind=soak
[[ ${1:-} != --rounds ]] || kind=rounds
exec python3 "tests/soak/$kind.py" --build build/release "$@"
