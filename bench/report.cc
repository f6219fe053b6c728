#include "bench/report.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace roicast::bench {

Report::Report(const std::string& json_file) {
  if (!json_file.empty()) json_.open(json_file, std::ios::app);
}

void Report::Add(const Result& result) {
  std::printf("%-12s %-44s %12.5g %-8s | %s %.5g | ratio %.3f", result.name.c_str(), result.test_case.c_str(),
              result.value, result.unit.c_str(), result.peer.c_str(), result.peer_value, result.ratio);
  if (result.target_ratio > 0)
    std::printf(" (target %.2f%s)", result.target_ratio, result.ratio >= result.target_ratio ? ", met" : "");
  std::printf("\n");
  std::fflush(stdout);
  if (!json_.is_open()) return;
  json_ << nlohmann::json{{"name", result.name},  {"case", result.test_case}, {"value", result.value},
                          {"unit", result.unit},  {"peer", result.peer},      {"peer_value", result.peer_value},
                          {"ratio", result.ratio}}
        << std::endl;
}

double Median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace roicast::bench
