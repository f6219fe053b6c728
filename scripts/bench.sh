#!/usr/bin/env bash
# Builds the benchmarks (release preset) and runs them, each compared with its peer.
#   scripts/bench.sh [--json FILE] [--quick] [--baseline SERVER] [NAME…]
# NAME: rpc_predict, rpc_stream, rpc_batch, rpc_row, predictor, training, accuracy, explanation, isolation, reading, footprint,
# transport, decision; all of them if none is given.
# accuracy also trains through the server, beside scikit-learn on the same splits (bench/accuracy_peers.py), if ../shared/data is
# there; with --quick, of that only the preset compact on one split of each set.
# decision trains in 200 generated worlds, which takes about 20 minutes (6 s a world on one core); with --quick in 16.
# SERVER is another roicast-server, such as one of an older release, which transport measures in turns with this one: streams,
# batches and clients other than h2load only then.
# FILE gets one JSON object per line: name, case, value, unit, peer, peer_value, ratio (above 1: roicast is better).
set -euo pipefail
cd "$(dirname "$0")/.."

names=()
json=()
quick=()
baseline=()
while [[ $# -gt 0 ]]; do
  case $1 in
    --json) json=(--json "$(realpath -m "${2:?--json needs a file}")"); shift ;;
    --quick) quick=(--quick) ;;
    --baseline)
      baseline=(--baseline "$(realpath -m "${2:?--baseline needs a roicast-server}")")
      [[ -x ${baseline[1]} ]] || { echo "bench.sh: --baseline: $2 is no program" >&2; exit 2; }
      shift
      ;;
    -h | --help) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0"; exit 0 ;;
    rpc_predict | rpc_stream | rpc_batch | rpc_row | predictor | training | accuracy | explanation | isolation | reading | footprint | transport | decision) names+=("$1") ;;
    *) echo "bench.sh: unknown benchmark \"$1\"; --help lists them" >&2; exit 2 ;;
  esac
  shift
done
[[ ${#names[@]} -gt 0 ]] || names=(rpc_predict rpc_stream rpc_batch rpc_row predictor training accuracy explanation isolation reading footprint transport decision)

# The program for a name: a script bench/NAME.py, an executable build/release/bench/NAME, or one that runs several names.
runner() {
  case $1 in
    rpc_predict | rpc_stream | rpc_batch | rpc_row) echo "build/release/bench/rpc_bench" ;;
    footprint | transport) echo "bench/$1.py" ;;
    *) echo "build/release/bench/$1" ;;
  esac
}

[[ -f build/release/build.ninja || -f build/release/Makefile ]] || cmake --preset release >&2
cmake --build --preset release --parallel "${ROICAST_JOBS:-$(nproc)}" --target roicast roicast_server bench >&2
for name in "${names[@]}"; do
  run=$(runner "$name")
  if [[ ! -x $run ]]; then
    echo "bench.sh: $name: $run does not exist" >&2
    exit 1
  fi
  arguments=("${json[@]}")
  case $name in
    rpc_*) arguments+=("$name") ;;
    transport) arguments+=("${baseline[@]}") ;;
    predictor | training) arguments+=(--peers "$(bench/peers/setup.sh)") ;;
    reading) arguments+=(--peers "$(bench/peers/setup_reading.sh)") ;;
    explanation) arguments+=(--peers "$(bench/peers/setup_explanation.sh)") ;;
    decision)
      [[ ! -d ../shared/data ]] || arguments+=(--data ../shared/data)
      [[ ${#quick[@]} -eq 0 ]] || arguments+=(--worlds 16 --refits 6)
      ;;
    accuracy) [[ ! -d ../shared/data ]] || arguments+=(--data ../shared/data) ;;
  esac
  "$run" "${arguments[@]}"
  if [[ $name == accuracy ]]; then
    if [[ -d ../shared/data ]]; then
      "$(bench/peers/setup_accuracy.sh)" bench/accuracy_peers.py --build build/release --data ../shared/data "${quick[@]}" "${json[@]}"
    else
      echo "bench.sh: accuracy beside scikit-learn is skipped: no folder ../shared/data" >&2
    fi
  fi
done
