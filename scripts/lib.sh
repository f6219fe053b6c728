# Shared by the scripts beside it: source it, do not run it. Expects bash with `set -euo pipefail`.
# Callers set SCRIPT (the name in front of each line) and, before the first `stage`, STAGES (how many there will be).
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
STAGE=0
STAGE_NAME='start'

say() { printf '%s: %s\n' "$SCRIPT" "$*" >&2; }

# fail MESSAGE: one line that names the stage, then exit 1.
fail() {
  printf '%s: FAILED in "%s": %s\n' "$SCRIPT" "$STAGE_NAME" "$*" >&2
  exit 1
}

# stage NAME: announces the next step.
stage() {
  STAGE=$((STAGE + 1))
  STAGE_NAME=$1
  printf '\n== [%d/%d] %s\n' "$STAGE" "$STAGES" "$1" >&2
}

# install_packages GROUP…: Debian packages through install_deps.sh; ROICAST_SKIP_INSTALL=1 leaves the machine as it is.
install_packages() {
  if [[ ${ROICAST_SKIP_INSTALL:-0} == 1 ]]; then
    say 'ROICAST_SKIP_INSTALL=1: taking the packages as they are'
    return
  fi
  "$ROOT/scripts/install_deps.sh" "$@" || fail 'packages are missing and could not be installed (see above)'
}

# configure_and_build PRESET [TARGET…]: without targets, everything. Quiet when there is nothing to do.
configure_and_build() {
  local preset=$1 target targets=() log
  shift
  for target in "$@"; do targets+=(--target "$target"); done
  log=$ROOT/build/$preset/configure.log
  mkdir -p "$ROOT/build/$preset"
  (cd "$ROOT" && cmake --preset "$preset") >"$log" 2>&1 || {
    tail -25 "$log" >&2
    fail "cmake --preset $preset failed (whole output: $log)"
  }
  (cd "$ROOT" && cmake --build --preset "$preset" --parallel "${ROICAST_JOBS:-$(nproc)}" "${targets[@]}") >&2 ||
    fail "cmake --build --preset $preset failed: the first error is above"
}

# seconds_since START: whole seconds since START, a value of $SECONDS.
seconds_since() { printf '%d s' "$((SECONDS - $1))"; }
