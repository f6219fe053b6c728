// The results of a benchmark: a line for humans, and one JSON object per line for --json FILE.
#pragma once

#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace roicast::bench {

struct Result {
  std::string name;  // Such as "rpc_predict".
  std::string test_case;
  double value = 0;
  std::string unit;
  std::string peer;
  double peer_value = 0;
  // > 1: roicast is better than the peer.
  double ratio = 0;
  // The project's target; 0: none.
  double target_ratio = 0;
};

class Report {
 public:
  // Appends to the file. Empty: writes no file.
  explicit Report(const std::string& json_file);
  void Add(const Result& result);

 private:
  std::ofstream json_;
};

double Median(std::vector<double> values);

}  // namespace roicast::bench
