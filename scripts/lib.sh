# Functions shared by the scripts in this directory. Source it from bash with `set -euo pipefail`; do not run it.
# Callers set SCRIPT (the prefix of each output line) and, before the first `stage`, STAGES (the total number of stages).
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
STAGE=0
STAGE_NAME='start'

say() { printf '%s: %s\n' "$SCRIPT" "$*" >&2; }

# fail MESSAGE: prints one line with the current stage, then exits with 1.
fail() {
  printf '%s: FAILED in "%s": %s\n' "$SCRIPT" "$STAGE_NAME" "$*" >&2
  exit 1
}

# stage NAME: announces the next stage.
stage() {
  STAGE=$((STAGE + 1))
  STAGE_NAME=$1
  printf '\n== [%d/%d] %s\n' "$STAGE" "$STAGES" "$1" >&2
}

# install_packages GROUP…: installs Debian packages with install_deps.sh. ROICAST_SKIP_INSTALL=1 skips this.
install_packages() {
  if [[ ${ROICAST_SKIP_INSTALL:-0} == 1 ]]; then
    say 'ROICAST_SKIP_INSTALL=1: not installing packages'
    return
  fi
  "$ROOT/scripts/install_deps.sh" "$@" || fail 'packages are missing and could not be installed (see above)'
}

# configure_and_build PRESET [TARGET…]: builds the targets, or everything without targets.
configure_and_build() {
  local preset=$1 target targets=() log
  shift
  for target in "$@"; do targets+=(--target "$target"); done
  log=$ROOT/build/$preset/configure.log
  mkdir -p "$ROOT/build/$preset"
  (cd "$ROOT" && cmake --preset "$preset") >"$log" 2>&1 || {
    tail -25 "$log" >&2
    fail "cmake --preset $preset failed (full output: $log)"
  }
  (cd "$ROOT" && cmake --build --preset "$preset" --parallel "${ROICAST_JOBS:-$(nproc)}" "${targets[@]}") >&2 ||
    fail "cmake --build --preset $preset failed (see the first error above)"
}

# seconds_since START: whole seconds since START, an earlier value of $SECONDS.
seconds_since() { printf '%d s' "$((SECONDS - $1))"; }
