#include "model/data/structure/repeated_exports.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "base/random.h"
#include "base/stoppable_sort.h"
#include "model/data/structure/beside_words_and_spend.h"

namespace roicast {
namespace {

constexpr size_t kFewestRepeated = 40;
constexpr size_t kMostExports = 50;
constexpr size_t kFewestRowsOfExport = 5;
constexpr double kShareOfRepeated = 0.8;
constexpr double kShareOfOwnSpends = 0.8;
constexpr double kShareOfOwnInputs = 0.95;
constexpr double kMostOfNextSpend = 0.25;

double MedianSize(std::vector<double> values) {
  for (double& value : values) value = std::abs(value);
  if (values.empty()) return 0.0;
  const auto middle = values.begin() + static_cast<int64_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

double MedianOfDifferences(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<int64_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

class ExportSearch {
 public:
  ExportSearch(const ExportQuestion& question, const StopCheck& stop) : question_(question), stop_(stop) {
    sums_.assign(question.rows.size(), 0);
    for (size_t i = 0; i < question.features.columns().size() && CheckStop(stop_).ok(); ++i) {
      for (size_t at = 0; at < sums_.size(); ++at) sums_[at] += HashOf(i, question.rows[at]);
    }
  }

  std::optional<RepeatedExports> Find() {
    std::optional<RepeatedExports> best;
    for (size_t i = 0; i < question_.features.columns().size(); ++i) {
      if (!CheckStop(stop_).ok()) return std::nullopt;
      const Column& column = question_.features.columns()[i];
      if (column.name == question_.spend->name || !HasFewValues(i)) continue;
      std::optional<RepeatedExports> found = Try(i);
      if (found.has_value() && (!best.has_value() || found->rows > best->rows)) best = std::move(found);
    }
    return best;
  }

 private:
  using Place = std::pair<uint64_t, int64_t>;  // hash, row

  uint64_t BitsOf(const Column& column, int64_t row) const {
    if (column.kind == FeatureKind::kCategorical) return static_cast<uint64_t>(column.codes[static_cast<size_t>(row)]);
    const double unit = column.kind == FeatureKind::kTime ? 3600.0 : 1.0;
    const auto value = static_cast<float>(column.numbers[static_cast<size_t>(row)] / unit);
    return std::bit_cast<uint32_t>(std::isnan(value) ? -1e38f : value == 0.0f ? 0.0f : value);
  }

  // Sums of these are hashes of rows, from which a column can be taken away.
  uint64_t HashOf(size_t column, int64_t row) const {
    uint64_t state = BitsOf(question_.features.columns()[column], row) ^ (0x9e3779b97f4a7c15ULL * (column + 1));
    return SplitMix64(state);
  }

  bool HasFewValues(size_t column) const {
    absl::flat_hash_map<uint64_t, size_t> rows_of;
    for (const int64_t row : question_.rows) {
      ++rows_of[HashOf(column, row)];
      if (rows_of.size() > kMostExports) return false;
    }
    return rows_of.size() >= 2 && std::all_of(rows_of.begin(), rows_of.end(),
                                              [](const auto& entry) { return entry.second >= kFewestRowsOfExport; });
  }

  std::optional<RepeatedExports> Try(size_t column) const {
    RepeatedExports found;
    found.column = question_.features.columns()[column].name;
    std::vector<Place> places;  // by what the rows have beside the column
    absl::flat_hash_set<uint64_t> values;
    for (size_t at = 0; at < sums_.size(); ++at) {
      const uint64_t hash = HashOf(column, question_.rows[at]);
      places.push_back({sums_[at] - hash, question_.rows[at]});
      values.insert(hash);
    }
    if (!SortOrStop(places, stop_).ok()) return std::nullopt;
    found.values = static_cast<int64_t>(values.size());
    found.first.assign(static_cast<size_t>(question_.features.rows()), -1);
    for (size_t from = 0, to = 0; from < places.size(); from = to) {
      while (to < places.size() && places[to].first == places[from].first) {
        found.first[static_cast<size_t>(places[to++].second)] = places[from].second;
      }
      ++found.distinct;
      if (to - from > 1) found.rows += static_cast<int64_t>(to - from);
    }
    const auto n = static_cast<double>(places.size());
    if (static_cast<double>(found.rows) < kShareOfRepeated * n) return std::nullopt;
    if (!AreDistinct() || !HaveOwnSpends(found) || !HaveOneTarget(column, found)) return std::nullopt;
    return found;
  }

  bool AreDistinct() const {
    std::vector<uint64_t> sums = sums_;
    if (!SortOrStop(sums, stop_).ok()) return false;
    const auto distinct = std::unique(sums.begin(), sums.end()) - sums.begin();
    return static_cast<double>(distinct) >= kShareOfOwnInputs * static_cast<double>(sums.size());
  }

  bool HaveOwnSpends(const RepeatedExports& found) const {
    absl::flat_hash_set<double> spends;
    for (const int64_t row : question_.rows) {
      if (found.first[static_cast<size_t>(row)] == row) spends.insert(SpendOf(row));
    }
    return static_cast<double>(spends.size()) >= kShareOfOwnSpends * static_cast<double>(found.distinct);
  }

  double SpendOf(int64_t row) const { return question_.spend->numbers[static_cast<size_t>(row)]; }
  double TargetOf(int64_t row) const { return std::asinh(question_.target[static_cast<size_t>(row)]); }

  bool HaveOneTarget(size_t column, const RepeatedExports& found) const {
    absl::flat_hash_map<uint64_t, std::vector<double>> of_value;
    for (const int64_t row : question_.rows) {
      const int64_t first = found.first[static_cast<size_t>(row)];
      if (first != row) of_value[HashOf(column, row)].push_back(TargetOf(row) - TargetOf(first));
    }
    std::vector<double> apart;
    for (auto& [value, differences] : of_value) {
      const double usual = MedianOfDifferences(differences);
      for (const double difference : differences) apart.push_back(difference - usual);
    }
    const double next = SizeOfNextSpend(found);
    return next > 0.0 && MedianSize(std::move(apart)) <= kMostOfNextSpend * next;
  }

  // Between the targets of rows of the same words and the next spend.
  double SizeOfNextSpend(const RepeatedExports& found) const {
    std::vector<std::tuple<uint64_t, double, int64_t>> points;  // words, spend, row
    for (const int64_t row : question_.rows) {
      if (found.first[static_cast<size_t>(row)] != row) continue;
      points.emplace_back(WordsOf(row, found.column), SpendOf(row), row);
    }
    if (!SortOrStop(points, stop_).ok()) return 0.0;
    std::vector<double> differences;
    for (size_t i = 1; i < points.size(); ++i) {
      const auto& [words, spend, row] = points[i];
      const auto& [words_before, spend_before, row_before] = points[i - 1];
      if (words == words_before) differences.push_back(TargetOf(row) - TargetOf(row_before));
    }
    return MedianSize(std::move(differences));
  }

  uint64_t WordsOf(int64_t row, const std::string& except) const {
    uint64_t sum = 0;
    for (size_t i = 0; i < question_.features.columns().size(); ++i) {
      const Column& column = question_.features.columns()[i];
      if (column.kind != FeatureKind::kCategorical || column.dictionary.size() > kMostWordsOfKind) continue;
      if (column.name != except) sum += HashOf(i, row);
    }
    return sum;
  }

  const ExportQuestion& question_;
  const StopCheck& stop_;
  std::vector<uint64_t> sums_;  // per given row
};

}  // namespace

std::optional<RepeatedExports> FindRepeatedExports(const ExportQuestion& question, const StopCheck& stop) {
  if (question.spend == nullptr || question.features.Find(question.spend->name) == nullptr) return std::nullopt;
  if (question.rows.size() < kFewestRepeated) return std::nullopt;
  return ExportSearch(question, stop).Find();
}

}  // namespace roicast
