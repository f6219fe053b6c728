#!/usr/bin/env bash
# Fuzzes a target with libFuzzer, AddressSanitizer and UndefinedBehaviorSanitizer.
#   tests/fuzz/run.sh [TARGET] [SECONDS]   TARGET: table_reader (default) or grpc_port; default: 600
# Needs clang with its runtime (Debian: clang, libclang-rt-14-dev). What it finds is kept in build/fuzz/found; a failing input is
# left in build/fuzz.
set -euo pipefail
cd "$(dirname "$0")/../.."

target=table_reader
if [[ ${1:-} =~ ^[a-z] ]]; then
  target=$1
  shift
fi
sources=(base/{check,nearest_name,one_line,printable,utf8}.cc)
packages=(absl_flat_hash_map absl_flat_hash_set absl_status absl_statusor absl_str_format absl_strings absl_span zlib libzstd)
folders=(-I. -I/usr/include/utf8cpp)
case $target in
  table_reader) sources+=(base/tables/*.cc base/tables/*/*.cc) ;;
  grpc_port)
    mkdir -p build/fuzz/proto
    protos=(google/rpc/{status,error_details}.proto roicast/v1/error.proto)
    (cd proto && protoc -I. --cpp_out=../build/fuzz/proto "${protos[@]}")
    for proto in "${protos[@]}"; do sources+=("build/fuzz/proto/${proto%.proto}.pb.cc"); done
    sources+=(server/errors/errors.cc server/telemetry/transport_metrics.cc server/transport/{loop,http2}/*.cc
              server/transport/connection/{connection,socket_stream}.cc
              server/transport/grpc/{grpc_requests,message_reader,server_call,stream_method,unary_method,wire}.cc)
    packages+=(absl_cord absl_inlined_vector absl_synchronization absl_time libnghttp2 protobuf)
    folders+=(-isystem build/fuzz/proto)
    ;;
  *)
    echo "TARGET: expected table_reader or grpc_port, got \"$target\"" >&2
    exit 2
    ;;
esac

compiler=$(command -v clang++ clang++-14 | head -n 1)
mkdir -p "build/fuzz/found/$target"
# shellcheck disable=SC2046
"$compiler" -std=c++20 -O1 -g -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined "${folders[@]}" \
  "tests/fuzz/${target}_fuzz.cc" "${sources[@]}" -o "build/fuzz/$target" $(pkg-config --cflags --libs "${packages[@]}")
"build/fuzz/$target" -max_total_time="${1:-600}" -max_len=4096 -print_final_stats=1 -artifact_prefix=build/fuzz/ \
  "build/fuzz/found/$target" "tests/fuzz/corpus/$target"
