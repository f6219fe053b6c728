// Columns of text, aligned.
#pragma once

#include <cstdio>
#include <string>
#include <vector>

namespace roicast::client {

// Cells that look like numbers are aligned to the right.
class TextTable {
 public:
  explicit TextTable(std::vector<std::string> header);
  // As many cells as the header has.
  void AddRow(std::vector<std::string> cells);
  // Each line starts with `indent`.
  std::string ToString(const std::string& indent = "") const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace roicast::client
