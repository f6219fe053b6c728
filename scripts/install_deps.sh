#!/usr/bin/env bash
# Installs the Debian packages that roicast needs. Safe to run again: does nothing if all are installed.
#   install_deps.sh [build|runtime|test|lint]…   default: build test
# build    compilers, libraries and headers       runtime  only what the installed binaries need
# test     additional tools for the tests         lint     clang-format and clang-tidy
set -euo pipefail

build_packages=(g++ cmake ninja-build ccache pkg-config git ca-certificates
  libgrpc++-dev libgrpc-dev protobuf-compiler protobuf-compiler-grpc libprotobuf-dev libprotoc-dev
  libeigen3-dev libabsl-dev prometheus-cpp-dev libcivetweb-dev
  libcli11-dev libspdlog-dev nlohmann-json3-dev libsqlite3-dev libcsv-dev libssl-dev zlib1g-dev
  libgtest-dev libgmock-dev libbenchmark-dev)
runtime_packages=(libgrpc++1.51 libgrpc29 libprotobuf32 libabsl20220623 libprometheus-cpp-core1.0 libsqlite3-0 libcsv3
  libspdlog1.10 libfmt9 libssl3 libcivetweb1 zlib1g)
test_packages=(prometheus python3 python3-yaml python3-grpcio python3-protobuf curl sqlite3 iproute2 procps)
lint_packages=(clang-format clang-tidy)

say() { printf 'install_deps: %s\n' "$*" >&2; }

wanted=()
[[ $# -gt 0 ]] || set -- build test
for group in "$@"; do
  case $group in
    build) wanted+=("${build_packages[@]}") ;;
    runtime) wanted+=("${runtime_packages[@]}") ;;
    test) wanted+=("${test_packages[@]}") ;;
    lint) wanted+=("${lint_packages[@]}") ;;
    *) say "unknown group \"$group\": expected build, runtime, test or lint"; exit 2 ;;
  esac
done

missing=()
for package in "${wanted[@]}"; do
  status=$(dpkg-query -W -f='${Status}' "$package" 2>/dev/null || true)
  [[ $status == 'install ok installed' ]] || missing+=("$package")
done
[[ ${#missing[@]} -gt 0 ]] || exit 0

as_root=()
if [[ $(id -u) -ne 0 ]]; then
  command -v sudo >/dev/null || {
    say "missing: ${missing[*]}"
    say 'neither root nor sudo: as root, run: apt-get update && apt-get install --no-install-recommends' "${missing[@]}"
    exit 1
  }
  as_root=(sudo)
fi
say "installing ${#missing[@]} packages: ${missing[*]}"
"${as_root[@]}" apt-get update -qq || { say 'apt-get update failed: is there a network, and is this Debian 12?'; exit 1; }
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
  { say 'apt-get install failed: roicast needs the packages of Debian 12 (bookworm)'; exit 1; }
