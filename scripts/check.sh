#!/usr/bin/env bash
# Runs clang-format (layout) and clang-tidy (defects) on our C++ files.
#   scripts/check.sh                  the whole tree; clang-tidy takes about 10 s per source file
#   scripts/check.sh FILE…            only these files
#   scripts/check.sh --changed [REF]  only files that differ from REF (default: main), and untracked files
#   scripts/check.sh --format         only clang-format; needs no build directory
#   scripts/check.sh --fix            lets clang-format rewrite the files, then checks
# ROICAST_SKIP_INSTALL=1 installs no packages; ROICAST_JOBS=N runs N jobs in parallel (default: one per core).
# clang-tidy reads build/dev/compile_commands.json and the generated proto headers; both are created if missing.
set -euo pipefail
SCRIPT=check.sh
STAGES=3
# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/lib.sh"
HERE=$PWD
cd "$ROOT"

usage() { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0"; }

since='' format_only=false fix=false given=()
while [[ $# -gt 0 ]]; do
  case $1 in
    --changed) since=main; if [[ ${2:-} && ${2:-} != --* ]]; then since=$2; shift; fi ;;
    --format) format_only=true; STAGES=2 ;;
    --fix) fix=true ;;
    -h | --help) usage; exit 0 ;;
    -*) usage >&2; say "unknown argument \"$1\""; exit 2 ;;
    *.cc | *.h)
      file=$(realpath --relative-to=. "$HERE/$1" 2>/dev/null || true)
      [[ $1 == /* ]] && file=$(realpath --relative-to=. "$1")
      [[ -f $file ]] || { say "$1: no such file"; exit 2; }
      given+=("$file") ;;
    *) say "$1: expected a .cc or .h file"; exit 2 ;;
  esac
  shift
done

stage 'packages (Debian)'
if $format_only; then install_packages lint; else install_packages build lint; fi

list_files() {
  if [[ ${#given[@]} -gt 0 ]]; then
    printf '%s\n' "${given[@]}"
  elif [[ $since ]]; then
    git diff --name-only --diff-filter=d "$since" -- '*.cc' '*.h'
    git ls-files --others --exclude-standard -- '*.cc' '*.h'
  else
    git ls-files --cached --others --exclude-standard -- '*.cc' '*.h'
  fi | sort -u | while read -r file; do [[ -f $file ]] && printf '%s\n' "$file"; done
}
mapfile -t files < <(list_files)
if [[ ${#files[@]} -eq 0 ]]; then say 'PASSED: no C++ files to check'; exit 0; fi

stage "clang-format (${#files[@]} files)"
if $fix; then clang-format -i "${files[@]}"; fi
clang-format --dry-run -Werror "${files[@]}" || fail 'files are not formatted: run scripts/check.sh --fix'
if $format_only; then say "PASSED: layout of ${#files[@]} files"; exit 0; fi

sources=()
for file in "${files[@]}"; do [[ $file == *.cc ]] && sources+=("$file"); done
stage "clang-tidy (${#sources[@]} sources)"
if [[ ${#sources[@]} -gt 0 ]]; then
  configure_and_build dev roicast_proto roicast_artifact_proto roicast_health_proto roicast_grpc
  printf '%s\0' "${sources[@]}" |
    xargs -0 -n 1 -P "${ROICAST_JOBS:-$(nproc)}" clang-tidy -p build/dev --quiet --extra-arg=-Wno-unknown-warning-option 2> >(grep -v 'warnings generated' >&2) ||
    fail 'clang-tidy found problems (see above)'
fi
say "PASSED: ${#files[@]} files"
