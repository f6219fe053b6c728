#!/usr/bin/env bash
# Fuzzes the reader of tables with libFuzzer, AddressSanitizer and UndefinedBehaviorSanitizer.
#   tests/fuzz/run.sh [SECONDS]   default: 600
# Needs clang with its runtime (Debian: clang, libclang-rt-14-dev). What it finds is kept in build/fuzz/found; a failing input is
# left in build/fuzz.
set -euo pipefail
cd "$(dirname "$0")/../.."

compiler=$(command -v clang++ clang++-14 | head -n 1)
mkdir -p build/fuzz/found
"$compiler" -std=c++20 -O1 -g -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined -I. \
  tests/fuzz/table_reader_fuzz.cc base/tables/*.cc base/tables/*/*.cc \
  base/{check,nearest_name,one_line,printable,utf8}.cc \
  -I/usr/include/utf8cpp -o build/fuzz/table_reader \
  $(pkg-config --libs absl_flat_hash_map absl_flat_hash_set absl_status absl_statusor absl_str_format absl_strings absl_span zlib libzstd)
build/fuzz/table_reader -max_total_time="${1:-600}" -max_len=4096 -print_final_stats=1 -artifact_prefix=build/fuzz/ \
  build/fuzz/found tests/fuzz/corpus/table_reader
