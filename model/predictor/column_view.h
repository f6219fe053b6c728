// Columns in the caller's representation. Plain data, because the kernels include it.
#pragma once

#include <stdint.h>

namespace roicast {

// One feature's values for n rows. At most one of floats, doubles, codes and times is set; none = missing throughout.
struct ColumnView {
  const float* floats = nullptr;    // numeric, or already in raw row form
  const double* doubles = nullptr;  // numeric
  const int32_t* codes = nullptr;   // categorical: index into code_map, or −1 = missing
  const float* code_map = nullptr;  // dictionary index → raw code (kUnseenCode outside the vocabulary)
  int32_t code_map_size = 0;        // codes outside [−1, code_map_size) count as missing
  const int64_t* times = nullptr;   // unix seconds, INT64_MIN = missing
};

}  // namespace roicast
