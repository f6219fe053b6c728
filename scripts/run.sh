#!/usr/bin/env bash
# Runs the whole workflow on your machine: installs missing packages, builds, generates 20,000 campaigns, starts a server
# with an empty store, trains a model through the training RPC, predicts one campaign, scores 4,000 campaigns that the
# model has never seen into a CSV file, prints a summary, and stops the server.
#   scripts/run.sh           all of that; later runs take less than half a minute
#   scripts/run.sh --keep    leaves the server running, and prints how to use it and how to stop it
# All output is in build/run/. ROICAST_SKIP_INSTALL=1 installs no packages; ROICAST_JOBS=N builds with N parallel jobs
# (default: all cores); ROICAST_BUILD_DIR=DIR uses the binaries of an existing build; ROICAST_RUN_DIR=DIR replaces
# build/run.
set -euo pipefail
SCRIPT=run.sh
STAGES=7
# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/lib.sh"

usage() { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0"; }

keep=false
while [[ $# -gt 0 ]]; do
  case $1 in
    --keep) keep=true ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; say "unknown argument \"$1\""; exit 2 ;;
  esac
  shift
done

run_folder=${ROICAST_RUN_DIR:-$ROOT/build/run}
train_rows=16000
score_rows=4000
server_pid=''

# The server's log is more useful than the command that failed.
on_exit() {
  local code=$?
  if [[ $code -ne 0 && $code -lt 128 && -s $run_folder/server.log ]]; then
    printf '\n%s: last lines of the server log (%s):\n' "$SCRIPT" "$run_folder/server.log" >&2
    tail -15 "$run_folder/server.log" >&2
  fi
  if [[ $server_pid ]] && { ! $keep || [[ $code -ne 0 ]]; }; then
    kill -TERM "$server_pid" 2>/dev/null || true
    wait "$server_pid" 2>/dev/null || true
  fi
}
trap on_exit EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'say "FAILED in \"$STAGE_NAME\": $BASH_COMMAND"' ERR

# A server from an earlier --keep would still hold the store.
stop_earlier_server() {
  local pid
  pid=$(cat "$run_folder/server.pid" 2>/dev/null || true)
  if [[ $pid && $(readlink "/proc/$pid/exe" 2>/dev/null || true) == */roicast-server ]]; then
    say "stopping the server that an earlier --keep left running (pid $pid)"
    kill -TERM "$pid"
    while [[ -e /proc/$pid ]]; do sleep 0.1; done
  fi
}

port() { sed -nE "s/.*\"$1\" *: *([0-9]+).*/\1/p" "$run_folder/ports.json"; }

# table FILE COUNT: COUNT rows spread over a scored CSV, predicted and true ROI side by side; then R² over all rows.
table() {
  awk -F, -v count="$2" '
    NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
    $at["roi"] == "" { next }
    {
      n++; prediction[n] = $at["roi"]; expected[n] = $at["true_roi"]
      actual[n] = ($at["revenue"] - $at["spend"]) / $at["spend"]
      what[n] = sprintf("  %-10s %-12s %-8s %10.2f", $at["channel"], $at["product_category"], $at["device"], $at["spend"])
    }
    function r2(truth,   i, mean, sse, sst) {
      for (i = 1; i <= n; i++) mean += truth[i] / n
      for (i = 1; i <= n; i++) { sse += (truth[i] - prediction[i]) ^ 2; sst += (truth[i] - mean) ^ 2 }
      return 1 - sse / sst
    }
    END {
      printf "  %-10s %-12s %-8s %10s %10s %10s %10s\n", "channel", "category", "device", "spend", "predicted", "expected", "actual"
      for (k = 0; k < count; k++) {
        i = 1 + int(k * n / count)
        printf "%s %+10.2f %+10.2f %+10.2f\n", what[i], prediction[i], expected[i], actual[i]
      }
      printf "  R² over %d campaigns: %.3f against the expected ROI, %.3f against the actual ROI, which has noise\n",
        n, r2(expected), r2(actual)
    }' "$1"
}

start=$SECONDS
stage 'packages (Debian)'
install_packages build

if [[ ${ROICAST_BUILD_DIR:-} ]]; then
  build=$ROICAST_BUILD_DIR
  stage "build (using $build)"
else
  build=$ROOT/build/release
  stage 'build (preset release)'
  configure_and_build release roicast_server roicast
fi
server=$build/server/roicast-server
roicast=$build/client/cli/roicast
[[ -x $server && -x $roicast ]] || fail "$build has no roicast-server or no roicast"

stop_earlier_server
# Only a directory of an earlier run is cleared.
if [[ -e $run_folder && ! -e $run_folder/server.pid && $(ls -A "$run_folder") ]]; then
  fail "$run_folder exists and is not from an earlier run: move it, or set ROICAST_RUN_DIR to another directory"
fi
rm -rf "$run_folder"
mkdir -p "$run_folder"
: >"$run_folder/server.pid"

stage "data: $((train_rows + score_rows)) campaigns; training does not see the last $score_rows"
"$roicast" generate --rows $((train_rows + score_rows)) --seed 42 --true-roi \
  --missing 0.01 --duplicates 0.01 --outliers 0.002 --output "$run_folder/campaigns.csv" >&2
head -n $((train_rows + 1)) "$run_folder/campaigns.csv" >"$run_folder/train.csv"
{
  head -n 1 "$run_folder/campaigns.csv"
  tail -n "$score_rows" "$run_folder/campaigns.csv"
} >"$run_folder/rest.csv"

stage 'server, with an empty store and on ports that the system chooses'
# In its own session: Ctrl-C reaches only the script, which then shuts the server down gracefully.
setsid "$server" --store "$run_folder/store" --listen 127.0.0.1:0 --http_listen 127.0.0.1:0 --lame_duck 0s \
  --port_file "$run_folder/ports.json" >"$run_folder/server.log" 2>&1 &
server_pid=$!
echo "$server_pid" >"$run_folder/server.pid"
waited=0
until [[ -s $run_folder/ports.json ]]; do
  kill -0 "$server_pid" 2>/dev/null || fail 'the server exited before it was ready'
  ((++waited <= 600)) || fail 'the server was not ready within 30 s'
  sleep 0.05
done
ROICAST_SERVER=127.0.0.1:$(port grpc_port)
export ROICAST_SERVER
metrics_url=http://127.0.0.1:$(port http_port)/metrics
"$roicast" health >&2

stage "training through the RPC, on $train_rows campaigns"
"$roicast" train "$run_folder/train.csv" --exclude true_roi >"$run_folder/training.txt"

stage "predictions: one campaign, then $score_rows"
{
  "$roicast" predict channel=search product_category=electronics device=mobile region=western_europe spend=2500 price=199 \
    audience_size=80000 start_time=2024-11-25T08:00:00Z
  "$roicast" score "$run_folder/rest.csv" --output "$run_folder/predictions.csv"
} >&2

stage 'summary'
cat "$run_folder/training.txt"
printf '\nFive of the campaigns that the model has never seen\n'
table "$run_folder/predictions.csv" 5
printf '\nPredictions  %s\nServer log   %s\n' "$run_folder/predictions.csv" "$run_folder/server.log"
if $keep; then
  disown "$server_pid"
  printf 'Metrics      %s\n\nThe server is still running. To use it:\n' "$metrics_url"
  printf '  export ROICAST_SERVER=%s\n  %s models list\nTo stop it:\n  kill %s\n' "$ROICAST_SERVER" "$roicast" "$server_pid"
else
  printf 'Metrics      %s, while the server runs (--keep)\n' "$metrics_url"
  kill -TERM "$server_pid"
  wait "$server_pid" || fail "the server exited with code $?"
  server_pid=''
fi
say "PASSED in $(seconds_since "$start")"
