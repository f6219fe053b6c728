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

  // One of the values that tell exports apart.
  struct Export {
    double number = 0.0;  // the value; 0: a word
    int64_t rows = 0;
    std::vector<double> differences;  // of targets from those of the same rows in the largest export
    std::optional<double> usual;      // of these; 0: of the largest export itself
  };

  bool HaveOneTarget(size_t column, const RepeatedExports& found) const {
    std::vector<Export> exports = ExportsOf(column, found);
    std::vector<double> apart;
    for (Export& one : exports) {
      if (one.differences.empty()) continue;
      one.usual = MedianOfDifferences(one.differences);
      for (const double difference : one.differences) apart.push_back(difference - *one.usual);
    }
    const double next = SizeOfNextSpend(found);
    return next > 0.0 && MedianSize(std::move(apart)) <= kMostOfNextSpend * next && GoOneWay(exports) &&
           FollowTheOrder(std::move(exports));
  }

  std::vector<Export> ExportsOf(size_t column, const RepeatedExports& found) const {
    const Column& tells = question_.features.columns()[column];
    std::vector<Export> exports;
    absl::flat_hash_map<uint64_t, size_t> place;
    const auto place_of = [&](int64_t row) {
      return place.try_emplace(HashOf(column, row), place.size()).first->second;
    };
    for (const int64_t row : question_.rows) {
      const size_t at = place_of(row);
      if (at == exports.size()) exports.emplace_back();
      const double number = tells.kind == FeatureKind::kCategorical ? 0.0 : tells.numbers[static_cast<size_t>(row)];
      exports[at].number = std::isnan(number) ? 0.0 : number;
      ++exports[at].rows;
    }
    const auto fewer = [](const Export& a, const Export& b) { return a.rows < b.rows; };
    const auto largest = static_cast<size_t>(std::max_element(exports.begin(), exports.end(), fewer) - exports.begin());
    exports[largest].usual = 0.0;
    absl::flat_hash_map<int64_t, int64_t> in_largest;  // by the first of the rows that are one
    for (const int64_t row : question_.rows) {
      if (place_of(row) == largest) in_largest[found.first[static_cast<size_t>(row)]] = row;
    }
    for (const int64_t row : question_.rows) {
      const auto same = in_largest.find(found.first[static_cast<size_t>(row)]);
      if (same == in_largest.end() || place_of(row) == largest) continue;
      exports[place_of(row)].differences.push_back(TargetOf(row) - TargetOf(same->second));
    }
    return exports;
  }

  // From one export to another, what comes in later only adds. Chance goes both ways.
  static bool GoOneWay(absl::Span<const Export> exports) {
    int64_t one_way = 0, all = 0;
    for (const Export& one : exports) {
      int64_t up = 0, down = 0;
      for (const double difference : one.differences) {
        up += difference > 0.0 ? 1 : 0;
        down += difference < 0.0 ? 1 : 0;
      }
      one_way += std::max(up, down);
      all += up + down;
    }
    return 10 * one_way >= 9 * all;
  }

  // Targets that rise and fall from one time or number to the next are those of days that all rows share.
  static bool FollowTheOrder(std::vector<Export> exports) {
    exports.erase(std::remove_if(exports.begin(), exports.end(), [](const Export& one) { return !one.usual; }),
                  exports.end());
    std::stable_sort(exports.begin(), exports.end(),
                     [](const Export& a, const Export& b) { return a.number < b.number; });
    int64_t up = 0, down = 0;
    for (size_t i = 1; i < exports.size(); ++i) {
      if (exports[i].number == exports[i - 1].number) continue;  // Words have no order.
      up += *exports[i].usual > *exports[i - 1].usual ? 1 : 0;
      down += *exports[i].usual < *exports[i - 1].usual ? 1 : 0;
    }
    return 5 * std::max(up, down) >= 4 * (up + down);
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
