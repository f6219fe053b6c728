#!/usr/bin/env bash
# Builds the fuzz targets with libFuzzer, AddressSanitizer and UndefinedBehaviorSanitizer, and feeds them changed inputs; fails
# with the input that a target did not survive.
#   scripts/fuzz.sh [TARGET…] [--seconds 600]
# TARGET: table_reader, grpc_port, artifact, batch; all of them if none is given, one after the other.
# --seconds: for each target.
# Needs clang with its runtime (scripts/install_deps.sh more). What it finds interesting is kept in build/fuzz/found/TARGET,
# where the next run goes on; an input that fails is left in build/fuzz/failed, and belongs into tests/fuzz/corpus once the fault is
# mended.
set -euo pipefail
cd "$(dirname "$0")/.."

all=(table_reader grpc_port artifact batch)
targets=()
seconds=600
while [[ $# -gt 0 ]]; do
  case $1 in
    -h | --help) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0"; exit 0 ;;
    --seconds)
      seconds=${2:?--seconds needs a number}
      [[ $seconds =~ ^[1-9][0-9]*$ ]] || { echo "fuzz.sh: --seconds: expected a whole number from 1, got \"$seconds\"" >&2; exit 2; }
      shift
      ;;
    *)
      [[ " ${all[*]} " == *" $1 "* ]] || { echo "fuzz.sh: TARGET: expected one of ${all[*]}, got \"$1\"" >&2; exit 2; }
      targets+=("$1")
      ;;
  esac
  shift
done
[[ ${#targets[@]} -gt 0 ]] || targets=("${all[@]}")

compiler=$(compgen -c clang++ | grep -xE 'clang\+\+(-[0-9]+)?' | sort -V | tail -n 1)
[[ -n $compiler ]] || { echo "fuzz.sh: there is no clang++ (scripts/install_deps.sh more)" >&2; exit 1; }
[[ -f build/fuzz/build.ninja ]] || cmake --preset fuzz -DCMAKE_CXX_COMPILER="$compiler" >&2
cmake --build --preset fuzz --parallel "${ROICAST_JOBS:-$(nproc)}" --target "${targets[@]/%/_fuzz}" >&2
mkdir -p build/fuzz/failed
for target in "${targets[@]}"; do
  mkdir -p "build/fuzz/found/$target"
  echo "== $target: ${seconds} s" >&2
  build/fuzz/tests/fuzz/"${target}_fuzz" -max_total_time="$seconds" -max_len=4096 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix=build/fuzz/failed/ "build/fuzz/found/$target" "tests/fuzz/corpus/$target"
done
