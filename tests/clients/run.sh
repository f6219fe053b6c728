#!/usr/bin/env bash
# Runs the tests with clients of others: gRPC's interoperability cases, h2spec, and clients in several languages.
#   tests/clients/run.sh [BUILD_FOLDER]   default: build/dev
# Fetches what it needs from package registries into the build folder; skips what it cannot have, and says so.
set -euo pipefail
cd "$(dirname "$0")/../.."
ROICAST_CLIENTS=1 ctest --test-dir "${1:-build/dev}" --label-regex '^clients$' --no-tests=error --verbose
