// How long a training goes on at most after it was told to stop: the longest processor time between two questions
// whether it should, by phase. Epochs end with the first question of each fit, for what is between fits counts.
//
//   stop_gaps [--json FILE] [--rows 400000] [--columns 30] [--preset compact] [--target number] [--folds 0]
#include <algorithm>
#include <cmath>
#include <ctime>
#include <iostream>
#include <map>
#include <string>
#include <utility>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "bench/report.h"
#include "model/data/csv_table.h"
#include "model/training/train_model.h"

namespace roicast::bench {
namespace {

// Processor time, to which other load adds nothing.
double Now() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// docs/benchmarks.md: a cancelled job ends within a second.
constexpr double kBoundSeconds = 1.0;

struct GapOptions {
  int rows = 400'000, columns = 30, folds = 0, threads = 1;
  std::string preset = "compact", target = "number", json;
};

// Columns in turn: four of numbers, one of few words, one of many; a time, a spend and the target.
std::string MakeCsv(const GapOptions& options) {
  Random random(1);
  std::string text = "start,spend,target";
  for (int c = 3; c < options.columns; ++c) absl::StrAppend(&text, ",", c % 6 < 4 ? "number" : "word", c);
  text += '\n';
  for (int row = 0; row < options.rows; ++row) {
    const double spend = std::exp(random.Normal());
    double target = std::log(spend) + 0.1 * random.Normal();
    std::string cells;
    for (int c = 3; c < options.columns; ++c) {
      if (c % 6 < 4) {
        const double value = random.Normal();
        target += value / (c + 1);
        absl::StrAppend(&cells, ",", value);
      } else {
        const auto word = random.Below(c % 6 == 4 ? 8 : 3'000);
        target += static_cast<double>(word % 5) / (c + 1);
        absl::StrAppend(&cells, ",w", word);
      }
    }
    if (options.target == "two-valued") target = target > 1.0 ? 1.0 : 0.0;
    if (options.target == "zero-heavy") target = target > 1.0 ? target : 0.0;
    absl::StrAppend(&text, "202", 3 + random.Below(2), "-0", 1 + random.Below(9), "-1", random.Below(10), ",", spend,
                    ",", target, cells, "\n");
  }
  return text;
}

class GapObserver final : public TrainingObserver {
 public:
  void OnPhase(TrainingPhase phase) override {
    static const char* const kNames[] = {"reading", "preparing", "training", "evaluating", "publishing"};
    phase_ = kNames[static_cast<int>(phase)];
    step_.clear();
  }
  void OnStep(absl::string_view step) override { step_ = std::string(step); }
  TrainingSignal Poll() override {
    const double now = Now();
    const double gap = now - last_;
    Gap& longest = longest_[phase_];
    if (gap > longest.seconds) longest = {gap, step_};
    last_ = now;
    return TrainingSignal::kTimeLimit;
  }

  void Start() { last_ = Now(); }
  void Tell(const GapOptions& options, Report& report) const {
    for (const auto& [phase, gap] : longest_) {
      std::string name = absl::StrCat(options.preset, ", ", options.target, ", ", phase);
      if (!gap.step.empty()) absl::StrAppend(&name, " (", gap.step, ")");
      report.Add({"stop_gaps", std::move(name), 1e3 * gap.seconds, "ms", "bound", 1e3 * kBoundSeconds,
                  kBoundSeconds / gap.seconds});
    }
  }

 private:
  struct Gap {
    double seconds = 0.0;
    std::string step;
  };
  std::string phase_, step_;
  double last_ = 0.0;
  std::map<std::string, Gap> longest_;
};

absl::Status Measure(const GapOptions& options) {
  const std::map<std::string, Preset> presets = {{"compact", Preset::kCompact},
                                                 {"classic", Preset::kClassic},
                                                 {"accurate", Preset::kAccurate},
                                                 {"attention", Preset::kAttention},
                                                 {"auto", Preset::kAuto}};
  TrainingSpec spec = SpecFromPreset(presets.at(options.preset));
  spec.target.column = "target";
  spec.extra.folds = options.folds;
  if (options.preset == "classic") spec.choose_capacity = false;
  if (options.target == "two-valued") spec.target.kind = TargetKind::kTwoValued;
  const std::string text = MakeCsv(options);
  GapObserver observer;
  observer.Start();
  observer.OnPhase(TrainingPhase::kReading);
  CsvTableOptions reading;
  reading.kinds = KnownKinds(spec);
  reading.stop = StopWhenCancelled(observer);
  const absl::StatusOr<CsvTable> table = ReadCsvText(text, reading);
  if (!table.ok()) return table.status();
  TrainModelInputs inputs;
  inputs.threads = options.threads;
  const absl::StatusOr<Artifact> artifact = TrainModel(*table, spec, inputs, &observer);
  observer.Poll();
  Report report(options.json);
  observer.Tell(options, report);
  return artifact.status();
}

}  // namespace
}  // namespace roicast::bench

int main(int argc, char** argv) {
  roicast::bench::GapOptions options;
  CLI::App app("The longest time between two questions whether a training should stop.");
  app.add_option("--json", options.json, "Append the results to this file.");
  app.add_option("--rows", options.rows)->check(CLI::Range(1'000, 10'000'000));
  app.add_option("--columns", options.columns)->check(CLI::Range(4, 1'000));
  app.add_option("--folds", options.folds)->check(CLI::Range(0, 20));
  app.add_option("--threads", options.threads)->check(CLI::Range(1, 64));
  app.add_option("--preset", options.preset)
      ->check(CLI::IsMember({"compact", "classic", "accurate", "attention", "auto"}));
  app.add_option("--target", options.target)->check(CLI::IsMember({"number", "two-valued", "zero-heavy"}));
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = roicast::bench::Measure(options);
  if (!status.ok()) std::cerr << status << "\n";
  return status.ok() ? 0 : 1;
}
