#!/usr/bin/env bash
# Installs missing packages, builds, and runs every test with ctest. Stops at the first stage that fails and names it.
#   scripts/test.sh                       the release preset, as CI does
#   scripts/test.sh --preset asan         another preset: dev, release, asan or tsan
#   scripts/test.sh --filter 'model_.*'   only tests whose name matches the regular expression
#   scripts/test.sh --fast                skips tests that take longer than 5 s (label "slow")
# ROICAST_SKIP_INSTALL=1 installs no packages; ROICAST_JOBS=N builds with N parallel jobs (default: all cores).
set -euo pipefail
SCRIPT=test.sh
STAGES=3
# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/lib.sh"

usage() { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0"; }

preset=release
ctest_args=()
while [[ $# -gt 0 ]]; do
  case $1 in
    --preset) preset=${2:?--preset needs a name}; shift ;;
    --filter) ctest_args+=(-R "${2:?--filter needs a regular expression}"); shift ;;
    --fast) ctest_args+=(-LE slow) ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; say "unknown argument \"$1\""; exit 2 ;;
  esac
  shift
done
case $preset in dev | release | asan | tsan) ;; *) say "--preset: expected dev, release, asan or tsan, got \"$preset\""; exit 2 ;; esac

stage 'packages (Debian)'
install_packages build test

stage "build (preset $preset)"
build_start=$SECONDS
configure_and_build "$preset"
say "built in $(seconds_since "$build_start")"

stage "tests (preset $preset)"
test_start=$SECONDS
log=$ROOT/build/$preset/ctest.log
(cd "$ROOT" && ctest --preset "$preset" -j2 "${ctest_args[@]}") 2>&1 | tee "$log" |
  { grep --line-buffered -vE '^ *[0-9]+/[0-9]+ Test +#[0-9]+: .* Passed |^ +Start +[0-9]+:' || true; } >&2 || true
summary=$(grep -E '^[0-9]+% tests passed' "$log" || true)
if [[ $summary != 100%* ]]; then
  fail "${summary:-ctest printed no summary} (full output: $log; to rerun: ctest --preset $preset --rerun-failed)"
fi
skipped=$(grep -cE 'Test +#[0-9]+:.*\*\*\*Skipped' "$log" || true)
say "PASSED: $(grep -cE 'Test +#[0-9]+:.* Passed ' "$log") tests in $(seconds_since "$test_start"), preset $preset;" \
  "$skipped skipped"
