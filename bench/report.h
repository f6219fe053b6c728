// What a benchmark has to say: a line for humans, and a JSON object a line for --json FILE.
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
  // > 1: we are ahead of the peer.
  double ratio = 0;
  // What the project set itself; 0: nothing.
  double target_ratio = 0;
};

class Report {
 public:
  // Appends to the file; empty: no file.
  explicit Report(const std::string& json_file);
  void Add(const Result& result);

 private:
  std::ofstream json_;
};

double Median(std::vector<double> values);

}  // namespace roicast::bench
