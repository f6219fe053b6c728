#include "bench/recovered_roas.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "model/data/csv_table.h"
#include "model/predictor/predictor.h"
#include "model/training/train_model.h"

namespace roicast::bench {
namespace {

constexpr size_t kWeeksOfBlock = 11;
constexpr double kQuantile90 = 1.6448536269514722;  // of a normal distribution, at 0.95

struct Weeks {
  std::vector<std::string> lines;  // date,x1,x2,y
  std::array<std::vector<double>, 2> spend, without;
  std::vector<double> sales;
};

absl::StatusOr<Weeks> ReadWeeks(const std::string& path) {
  std::ifstream file(path);
  if (!file) return absl::NotFoundError(path);
  Weeks weeks;
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    const std::vector<std::string> cells = absl::StrSplit(line, ',');
    std::array<double, 5> numbers = {};
    for (size_t i = 0; i < numbers.size(); ++i) {
      if (cells.size() != 6 || !absl::SimpleAtod(cells[i + 1], &numbers[i])) {
        return absl::InvalidArgumentError(absl::StrCat(path, ": expected a date and five numbers, got ", line));
      }
    }
    weeks.lines.push_back(absl::StrCat(cells[0], ",", cells[1], ",", cells[2], ",", cells[3], "\n"));
    for (size_t channel = 0; channel < 2; ++channel) {
      weeks.spend[channel].push_back(numbers[channel]);
      weeks.without[channel].push_back(numbers[3 + channel]);
    }
    weeks.sales.push_back(numbers[2]);
  }
  return weeks;
}

double Sum(const std::vector<double>& values) {
  double sum = 0.0;
  for (const double value : values) sum += value;
  return sum;
}

std::string CsvOf(const Weeks& weeks, const std::vector<bool>& kept) {
  std::string csv = "date,x1,x2,y\n";
  for (size_t i = 0; i < weeks.lines.size(); ++i) {
    if (kept[i]) csv += weeks.lines[i];
  }
  return csv;
}

// Of both channels, as a model of the kept weeks predicts all of them.
absl::StatusOr<std::array<double, 2>> PredictedRoas(const Weeks& weeks, const std::vector<bool>& kept) {
  ROICAST_ASSIGN_OR_RETURN(const CsvTable table, ReadCsvText(CsvOf(weeks, kept), {}));
  TrainingSpec spec = SpecFromPreset(Preset::kCompact);
  spec.target.column = "y";
  ROICAST_ASSIGN_OR_RETURN(const Artifact artifact, TrainModel(table, spec));
  ROICAST_ASSIGN_OR_RETURN(const std::unique_ptr<const Predictor> predictor, Predictor::Compile(artifact));
  ROICAST_ASSIGN_OR_RETURN(const CsvTable all,
                           ReadCsvText(CsvOf(weeks, std::vector<bool>(weeks.lines.size(), true)), {}));
  const RowMajorMatrix rows = ToRawRows(all.table, artifact.schema);
  const auto sum_of = [&](const RowMajorMatrix& asked) {
    std::vector<float> predictions(static_cast<size_t>(asked.rows()));
    predictor->Predict(asked.data(), asked.rows(), absl::MakeSpan(predictions), {});
    return Sum(std::vector<double>(predictions.begin(), predictions.end()));
  };
  std::array<double, 2> roas = {};
  const double with_both = sum_of(rows);
  for (size_t channel = 0; channel < 2; ++channel) {
    RowMajorMatrix without = rows;
    without.col(artifact.schema.IndexOf(absl::StrCat("x", channel + 1))).setZero();
    roas[channel] = (with_both - sum_of(without)) / Sum(weeks.spend[channel]);
  }
  return roas;
}

}  // namespace

absl::Status MeasureRecoveredRoas(const std::string& data_folder, int refits, Report& report) {
  ROICAST_ASSIGN_OR_RETURN(const Weeks weeks, ReadWeeks(data_folder + "/pymc_roas/mmm_roas_data_reduced.csv"));
  const size_t n = weeks.lines.size(), blocks = (n + kWeeksOfBlock - 1) / kWeeksOfBlock;
  ROICAST_ASSIGN_OR_RETURN(const auto predicted, PredictedRoas(weeks, std::vector<bool>(n, true)));
  std::array<std::vector<double>, 2> refitted;
  Random random(11);
  for (int refit = 0; refit < refits; ++refit) {
    std::vector<size_t> order(blocks);
    for (size_t i = 0; i < blocks; ++i) order[i] = i;
    random.Shuffle(order);
    std::vector<bool> kept(n, true);
    for (size_t i = 0; i < blocks / 3; ++i) {
      for (size_t week = order[i] * kWeeksOfBlock; week < std::min(n, (order[i] + 1) * kWeeksOfBlock); ++week) {
        kept[week] = false;
      }
    }
    ROICAST_ASSIGN_OR_RETURN(const auto roas, PredictedRoas(weeks, kept));
    for (size_t channel = 0; channel < 2; ++channel) refitted[channel].push_back(roas[channel]);
  }
  for (size_t channel = 0; channel < 2; ++channel) {
    const double truth = (Sum(weeks.sales) - Sum(weeks.without[channel])) / Sum(weeks.spend[channel]);
    double squares = 0.0;
    const double mean = Sum(refitted[channel]) / refits;
    for (const double roas : refitted[channel]) squares += (roas - mean) * (roas - mean);
    const double half = kQuantile90 * std::sqrt(2.0 * squares / refits);
    const std::string name = absl::StrCat("ROAS of x", channel + 1, " (131 weeks)");
    report.Add({"decision", name, predicted[channel], "y/x", "truth", truth, predicted[channel] / truth});
    report.Add({"decision", absl::StrCat(name, ", 90 % from"), predicted[channel] - half, "y/x", "truth", truth, 0.0});
    report.Add({"decision", absl::StrCat(name, ", to"), predicted[channel] + half, "y/x", "truth", truth, 0.0});
  }
  return absl::OkStatus();
}

}  // namespace roicast::bench
