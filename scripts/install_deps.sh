#!/usr/bin/env bash
# Installs the Debian packages that roicast needs. Safe to run again: does nothing if all are installed.
#   install_deps.sh [--list] [build|runtime|test|more|lint]…   default: build test
# build    compilers, libraries and headers       runtime  only what the installed binaries need
# test     additional tools for the tests         lint     clang-format and clang-tidy
# more     what a few tests skip aloud without: nginx (its package starts a server on port 80) and clang (scripts/fuzz.sh)
# --list   prints the packages' names and installs nothing
# Tried on Debian 12 (bookworm) and 13 (trixie).
set -euo pipefail

say() { printf 'install_deps: %s\n' "$*" >&2; }

build_packages=(g++ cmake ninja-build ccache pkg-config git ca-certificates
  libgrpc++-dev libgrpc-dev protobuf-compiler protobuf-compiler-grpc libprotobuf-dev libprotoc-dev
  libeigen3-dev libabsl-dev prometheus-cpp-dev libboost-dev
  libcli11-dev libspdlog-dev nlohmann-json3-dev libsqlite3-dev libutfcpp-dev libssl-dev zlib1g-dev libzstd-dev libnghttp2-dev
  libgtest-dev libgmock-dev libbenchmark-dev)
test_packages=(openssl prometheus python3 python3-yaml python3-grpcio python3-protobuf curl sqlite3 iproute2 procps)
more_packages=(nginx-light clang)
lint_packages=(clang-format clang-tidy)

# Libraries carry their versions in their names, so these differ from one release to the next.
release=$(. /etc/os-release && echo "${VERSION_CODENAME:-${ID:-unknown}}")
runtime_packages=(libprometheus-cpp-core1.0 libsqlite3-0 zlib1g libzstd1 libnghttp2-14)
case $release in
  bookworm) more_packages+=(libclang-rt-14-dev); runtime_packages+=(libgrpc++1.51 libgrpc29 libprotobuf32 libabsl20220623 libspdlog1.10 libfmt9 libssl3) ;;
  trixie) more_packages+=(libclang-rt-19-dev); runtime_packages+=(libgrpc++1.51t64 libgrpc29t64 libprotobuf32t64 libabsl20240722 libspdlog1.15 libfmt10 libssl3t64) ;;
  buster | bullseye | bionic | focal | jammy)
    say "$release is too old: roicast needs gRPC 1.51 and CMake 3.25, as Debian 12 (bookworm) has them"
    exit 1 ;;
  *)
    say "$release has not been tried: roicast is tested on Debian 12 (bookworm) and 13 (trixie); going on"
    # The development packages depend on the libraries, whatever these are called here.
    runtime_packages=(libgrpc++-dev libprotobuf-dev libabsl-dev prometheus-cpp-dev libsqlite3-dev libspdlog-dev
      libssl-dev zlib1g-dev libzstd-dev libnghttp2-dev) ;;
esac

list_only=false
if [[ ${1:-} == --list ]]; then list_only=true; shift; fi
wanted=()
[[ $# -gt 0 ]] || set -- build test
for group in "$@"; do
  case $group in
    build) wanted+=("${build_packages[@]}") ;;
    runtime) wanted+=("${runtime_packages[@]}") ;;
    test) wanted+=("${test_packages[@]}") ;;
    more) wanted+=("${more_packages[@]}") ;;
    lint) wanted+=("${lint_packages[@]}") ;;
    *) say "unknown group \"$group\": expected build, runtime, test, more or lint"; exit 2 ;;
  esac
done

if $list_only; then printf '%s\n' "${wanted[@]}"; exit 0; fi

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
"${as_root[@]}" apt-get update -qq || { say 'apt-get update failed: is there a network, and does this system have apt?'; exit 1; }
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
  { say 'apt-get install failed (see above): roicast needs the packages of Debian 12 (bookworm) or 13 (trixie)'; exit 1; }
