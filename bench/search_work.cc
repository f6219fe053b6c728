// Whether the work that a search counts is the time that it takes: measured seconds of one core beside those of
// model/training/search/work.h, which are those of the reference machine.
//
//   search_work [--json FILE] [--repeats 3]
#include <algorithm>
#include <ctime>
#include <iostream>
#include <limits>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "bench/report.h"
#include "model/network/trainer.h"
#include "model/training/capacity/linear_path.h"
#include "model/training/capacity/select_capacity.h"
#include "model/training/search/work.h"
#include "model/training/training_spec.h"

namespace roicast::bench {
namespace {

constexpr int kRows = 824;

struct Data {
  RowMajorMatrix x;
  std::vector<float> y;
};

Data RandomData(int rows, int inputs) {
  Random random(1);
  Data data;
  data.x.resize(rows, inputs);
  for (float& value : data.x.reshaped()) value = static_cast<float>(random.Normal());
  for (int i = 0; i < rows; ++i) data.y.push_back(static_cast<float>(random.Normal()));
  return data;
}

template <typename Function>
double FastestSeconds(int repeats, const Function& function) {
  double fastest = std::numeric_limits<double>::infinity();
  for (int repeat = 0; repeat < repeats; ++repeat) {
    const std::clock_t start = std::clock();
    function();
    fastest = std::min(fastest, static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
  }
  return fastest;
}

void Add(Report& report, std::string name, double seconds, double counted) {
  report.Add({"search_work", std::move(name), 1e6 * seconds, "us", "counted", 1e6 * counted, counted / seconds});
}

void MeasureSteps(int repeats, Report& report) {
  for (const int inputs : {6, 20, 72, 170, 400}) {
    for (const std::vector<int>& hidden : {std::vector<int>{14, 6}, std::vector<int>{30, 14}, std::vector<int>{62, 30},
                                           std::vector<int>{126, 62}, std::vector<int>{254, 126}}) {
      const Data data = RandomData(kRows, inputs);
      const TrainingSpec spec = SpecFromPreset(Preset::kAuto);
      NetworkOptions network = spec.network;
      network.hidden = hidden;
      TrainingOptions options = spec.training;
      ApplyCapacity({2'000, 0.1, 0.03}, kRows, network, options);
      const double steps = options.epochs * ((kRows + 31) / 32);
      const TrainingRows rows{&data.x, data.y};
      const double seconds =
          FastestSeconds(repeats, [&] { (void)Train(rows, {}, network, options, {}).status(); }) / steps;
      Add(report, absl::StrCat("step, ", inputs, " → ", hidden[0], " → ", hidden[1]), seconds,
          StepSeconds(inputs, hidden, true));
    }
  }
}

void MeasureLinearPaths(int repeats, Report& report) {
  for (const int inputs : {72, 170, 500}) {
    for (const int rows : {kRows, 12'000}) {
      const Data data = RandomData(rows, inputs);
      const double seconds = FastestSeconds(repeats, [&] { (void)FitRidge(data.x, data.y, {}); });
      Add(report, absl::StrCat("linear path, ", rows, " rows, ", inputs, " inputs"), seconds,
          LinearPathSeconds(Loss::kSquared, rows, inputs));
    }
  }
}

}  // namespace
}  // namespace roicast::bench

int main(int argc, char** argv) {
  CLI::App app("Whether the work that a search counts is the time that it takes.");
  std::string json;
  int repeats = 3;
  app.add_option("--json", json, "Append one JSON object per line to this file");
  app.add_option("--repeats", repeats, "The fastest of so many counts")->check(CLI::Range(1, 100));
  CLI11_PARSE(app, argc, argv);
  roicast::bench::Report report(json);
  roicast::bench::MeasureSteps(repeats, report);
  roicast::bench::MeasureLinearPaths(repeats, report);
  return 0;
}
