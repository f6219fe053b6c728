// Something that a person should know about a table, or about what was learnt from it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace roicast {

struct DataWarning {
  bool serious = false;        // the result may be wrong; else only a remark
  std::string column;          // empty: the whole table
  std::vector<int64_t> lines;  // of the file where it shows, up to 5
  std::string message;         // what was found, and what was done about it; plain English, without flags
  // Flags of the command `roicast` that change it, ready for a shell, each an alternative to the others.
  std::vector<std::string> flags;

  friend bool operator==(const DataWarning&, const DataWarning&) = default;
};

}  // namespace roicast
