// How long a training, an InspectDataset and an EvaluateModel go on at most after they were told to stop: the longest
// processor time between two questions whether they should, by phase. Epochs end with the first question of each fit,
// for what is between fits counts. Then the longest gaps, each with the functions that asked before and after it, the
// innermost first.
//
//   stop_gaps [--json FILE] [--rows 400000] [--columns 30] [--preset compact] [--target number] [--folds 0]
//             [--places 10] [--least_ms 50]
#include <execinfo.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>
#include <iostream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/debugging/symbolize.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "absl/types/span.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "bench/report.h"
#include "model/data/csv_table.h"
#include "model/training/evaluate_artifact.h"
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
  int rows = 400'000, columns = 30, folds = 0, threads = 1, places = 10;
  double least_ms = 50.0;
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
    // Its mean on asinh is fitted.
    if (options.target == "refunds") target = random.Below(12) == 0 ? -0.2 * std::exp(target) : std::exp(target);
    absl::StrAppend(&text, "202", 3 + random.Below(2), "-0", 1 + random.Below(9), "-1", random.Below(10), ",", spend,
                    ",", target, cells, "\n");
  }
  return text;
}

// Who asked.
class CallStack {
 public:
  void Take() { depth_ = ::backtrace(frames_.data(), static_cast<int>(frames_.size())); }

  // "Innermost < its caller < …", without those that only pass the question on.
  std::string Describe() const {
    constexpr size_t kNamed = 4;
    std::vector<std::string> names;
    char text[1024];
    for (int i = 0; i < depth_ && names.size() < kNamed; ++i) {
      // A return address may be that of the next function.
      const char* const before = static_cast<const char*>(frames_[static_cast<size_t>(i)]) - 1;
      if (!absl::Symbolize(before, text, sizeof(text))) continue;
      const std::string name = Plain(text);
      if (!absl::StartsWith(name, "roicast::") || absl::StrContains(name, "bench::") ||
          absl::StrContains(name, "StopWhenCancelled") || absl::StrContains(name, "CheckStop") ||
          absl::StrContains(name, "RareStopCheck") || (!names.empty() && names.back() == name)) {
        continue;
      }
      names.push_back(name);
    }
    for (std::string& name : names) name.erase(0, 9);
    return absl::StrJoin(names, " < ");
  }

 private:
  // Without "(anonymous namespace)::" and parameters.
  static std::string Plain(absl::string_view name) {
    std::string plain;
    constexpr absl::string_view kUnnamed = "(anonymous namespace)::";
    while (!name.empty()) {
      if (absl::ConsumePrefix(&name, kUnnamed)) continue;
      if (name.front() == '(') break;
      plain += name.front();
      name.remove_prefix(1);
    }
    return plain;
  }

  std::array<void*, 40> frames_;
  int depth_ = 0;
};

class GapObserver final : public TrainingObserver {
 public:
  explicit GapObserver(const GapOptions& options) : options_(options), last_(Now()) {}

  void OnPhase(TrainingPhase phase) override {
    static const char* const kNames[] = {"reading", "preparing", "training", "evaluating", "publishing"};
    Begin(kNames[static_cast<int>(phase)]);
  }
  void OnStep(absl::string_view step) override { step_ = std::string(step); }
  TrainingSignal Poll() override {
    const double now = Now();
    const double gap = now - last_;
    Gap& longest = longest_[phase_];
    if (gap > longest.seconds) longest = {gap, step_};
    const CallStack before = stack_;
    stack_.Take();
    if (1e3 * gap > options_.least_ms) Keep(gap, before.Describe());
    // Taking a stack is no part of the training.
    last_ = Now();
    return TrainingSignal::kTimeLimit;
  }

  // From here on, gaps are of this.
  void Begin(absl::string_view phase) {
    phase_ = std::string(phase);
    step_.clear();
  }
  void TellPlaces() const {
    std::vector<std::pair<double, std::string>> places;
    for (const auto& [place, longest] : places_) places.emplace_back(longest, place);
    std::sort(places.rbegin(), places.rend());
    if (places.size() > static_cast<size_t>(options_.places)) places.resize(static_cast<size_t>(options_.places));
    for (const auto& [seconds, place] : places) std::cout << absl::StrFormat("%5.0f ms %s\n", 1e3 * seconds, place);
  }
  void Tell(Report& report) const {
    for (const auto& [phase, gap] : longest_) {
      std::string name = absl::StrCat(options_.preset, ", ", options_.target, ", ", phase);
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

  // gap: that has just ended.
  void Keep(double gap, const std::string& from) {
    double& longest = places_[absl::StrCat(phase_, ": after ", from, "\n         before ", stack_.Describe())];
    longest = std::max(longest, gap);
  }

  const GapOptions& options_;
  double last_;
  std::string phase_, step_;
  CallStack stack_;
  std::map<std::string, double> places_;
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
  GapObserver observer(options);
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
  if (!artifact.ok()) return artifact.status();
  observer.Begin("InspectDataset");
  const StopCheck stop = StopWhenCancelled(observer);
  ROICAST_RETURN_IF_ERROR(InspectDataset(*table, spec, stop).status());
  observer.Poll();
  observer.Begin("EvaluateModel");
  ROICAST_RETURN_IF_ERROR(EvaluateArtifact(*artifact, *table, artifact->provenance.spec.target, 0.0, stop).status());
  observer.Poll();
  Report report(options.json);
  observer.Tell(report);
  observer.TellPlaces();
  return absl::OkStatus();
}

}  // namespace
}  // namespace roicast::bench

int main(int argc, char** argv) {
  absl::InitializeSymbolizer(argv[0]);
  roicast::bench::GapOptions options;
  CLI::App app("The longest time between two questions whether a training should stop.");
  app.add_option("--json", options.json, "Append the results to this file.");
  app.add_option("--rows", options.rows)->check(CLI::Range(1'000, 10'000'000));
  app.add_option("--columns", options.columns)->check(CLI::Range(4, 1'000));
  app.add_option("--folds", options.folds)->check(CLI::Range(0, 20));
  app.add_option("--places", options.places, "So many of the longest gaps are listed with where they are.")
      ->check(CLI::Range(0, 1'000));
  app.add_option("--least_ms", options.least_ms, "Shorter gaps are not listed.")->check(CLI::Range(1.0, 1e6));
  app.add_option("--threads", options.threads)->check(CLI::Range(1, 64));
  app.add_option("--preset", options.preset)
      ->check(CLI::IsMember({"compact", "classic", "accurate", "attention", "auto"}));
  app.add_option("--target", options.target)->check(CLI::IsMember({"number", "refunds", "two-valued", "zero-heavy"}));
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = roicast::bench::Measure(options);
  if (!status.ok()) std::cerr << status << "\n";
  return status.ok() ? 0 : 1;
}
