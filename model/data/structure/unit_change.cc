#include "model/data/structure/unit_change.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/string_view.h"
#include "model/data/meaning/column_name.h"
#include "model/data/structure/entities.h"

namespace roicast {
namespace {

constexpr size_t kFewestChanged = 8;
constexpr size_t kFewestOthers = 30;
constexpr double kLeastFactor = 1.4771;  // log10 30
constexpr double kMostApart = 0.25;      // of the two factors, log10, beside their standard errors
constexpr double kNearPowerOfTen = 0.1;  // log10, beside two standard errors
// Of the pairs of a changed row and another one, that are in order.
constexpr double kLeastSeparation = 0.97;
// Of rows that their digits tell: a few of the others have such digits by chance.
constexpr double kLeastSeparationByDigits = 0.93;
constexpr double kLeastRevenueSeparation = 0.9;
constexpr int64_t kFewestOfAWord = 3;

struct Amounts {
  int64_t row;
  double spend, revenue;  // log10
  int decimals;           // 2: two or more
};

int DecimalsOf(double amount) {
  if (amount == std::floor(amount)) return 0;
  return std::abs(10.0 * amount - std::round(10.0 * amount)) < 1e-6 ? 1 : 2;
}

// Places and accounts, whose words go along with a currency, and times, which part the rows of two exports.
bool TellsNoOtherCampaigns(const std::string& text) {
  const ColumnName name = ReadColumnName(text);
  for (const absl::string_view word :
       {"currency", "country", "countries", "market",  "region", "geo",    "land",  "pays",   "pais",
        "account",  "konto",   "waehrung",  "wahrung", "devise", "moneda", "moeda", "valuta", "month",
        "week",     "quarter", "year",      "date",    "day",    "period", "monat", "woche",  "quartal",
        "jahr",     "datum",   "mois",      "semaine", "mes",    "semana", "file",  "export"}) {
    if (name.Has(word)) return true;
  }
  return name.joined == "currency" || name.joined == "currencycode";
}

struct Difference {
  double factor = 0.0;  // log10
  double error = 0.0;   // standard error
  double separation = 0.0;
};

Difference Compare(std::vector<double> changed, std::vector<double> others) {
  const auto moments = [](const std::vector<double>& values) {
    double mean = 0.0, squares = 0.0;
    for (const double value : values) mean += value / static_cast<double>(values.size());
    for (const double value : values) squares += (value - mean) * (value - mean);
    return std::pair(mean, squares / static_cast<double>(values.size()) / static_cast<double>(values.size()));
  };
  const auto [mean_a, error_a] = moments(changed);
  const auto [mean_b, error_b] = moments(others);
  Difference difference;
  difference.factor = mean_a - mean_b;
  difference.error = std::sqrt(error_a + error_b);
  if (difference.factor < 0.0) std::swap(changed, others);
  std::sort(others.begin(), others.end());
  double in_order = 0.0;
  for (const double value : changed) {
    in_order += static_cast<double>(std::lower_bound(others.begin(), others.end(), value) - others.begin());
  }
  difference.separation = in_order / static_cast<double>(changed.size()) / static_cast<double>(others.size());
  return difference;
}

class UnitSearch {
 public:
  UnitSearch(const UnitQuestion& question, const StopCheck& stop)
      : table_(question.table), entity_column_(question.entity_column), stop_(stop) {
    for (const int64_t row : question.rows) {
      const double c = question.spend[static_cast<size_t>(row)], r = question.revenue[static_cast<size_t>(row)];
      if (!(c > 0.0) || !(r > 0.0) || !std::isfinite(c) || !std::isfinite(r)) continue;
      const int of_revenue = question.revenue_is_as_it_came ? DecimalsOf(r) : 0;
      amounts_.push_back({row, std::log10(c), std::log10(r), std::max(DecimalsOf(c), of_revenue)});
    }
  }

  std::optional<UnitChange> Find() const {
    if (amounts_.size() < kFewestChanged + kFewestOthers) return std::nullopt;
    for (const int decimals : {0, 1}) {
      if (!CheckStop(stop_).ok()) return std::nullopt;
      std::vector<bool> fewer;
      for (const Amounts& amounts : amounts_) fewer.push_back(amounts.decimals <= decimals);
      std::optional<UnitChange> change = Judge(fewer, false);
      if (!change.has_value()) continue;
      change->fewer_decimals = true;
      return change;
    }
    return CheckStop(stop_).ok() ? FindAtTheEnds() : std::nullopt;
  }

 private:
  // The cut that sets the amounts of both sides furthest apart.
  std::optional<UnitChange> FindAtTheEnds() const {
    const size_t n = amounts_.size();
    std::vector<double> sum(n + 1);
    for (size_t i = 0; i < n; ++i) sum[i + 1] = sum[i] + amounts_[i].spend + amounts_[i].revenue;
    size_t best = 0;
    double most = 0.0;
    for (size_t at = kFewestChanged; at + kFewestChanged <= n; ++at) {
      const auto left = static_cast<double>(at), right = static_cast<double>(n - at);
      const double apart = sum[at] / left - (sum[n] - sum[at]) / right;
      const double between = apart * apart * left * right;
      if (between <= most) continue;
      most = between;
      best = at;
    }
    if (best == 0) return std::nullopt;
    // The smaller side has changed.
    std::vector<bool> changed(n, false);
    for (size_t i = 0; i < n; ++i) changed[i] = (i < best) == (2 * best <= n);
    return Judge(changed, true);
  }

  std::optional<UnitChange> Judge(const std::vector<bool>& is_changed, bool power_of_ten) const {
    std::vector<double> spend[2], revenue[2];
    UnitChange change;
    for (size_t i = 0; i < amounts_.size(); ++i) {
      const int side = is_changed[i] ? 1 : 0;
      spend[side].push_back(amounts_[i].spend);
      revenue[side].push_back(amounts_[i].revenue);
      if (is_changed[i]) change.rows.push_back(amounts_[i].row);
    }
    if (spend[1].size() < kFewestChanged || spend[0].size() < kFewestOthers) return std::nullopt;
    const Difference of_spend = Compare(spend[1], spend[0]), of_revenue = Compare(revenue[1], revenue[0]);
    const double factor = 0.5 * (of_spend.factor + of_revenue.factor);
    if (std::abs(of_spend.factor) < kLeastFactor || std::abs(of_revenue.factor) < kLeastFactor) return std::nullopt;
    if (of_spend.separation < (power_of_ten ? kLeastSeparation : kLeastSeparationByDigits) ||
        of_revenue.separation < kLeastRevenueSeparation)
      return std::nullopt;
    const double error = 2.0 * std::hypot(of_spend.error, of_revenue.error);
    if (std::abs(of_spend.factor - of_revenue.factor) > kMostApart + error) return std::nullopt;
    if (power_of_ten) {
      const double nearest = std::round(factor);
      if (std::abs(nearest) < 2.0 || std::abs(factor - nearest) > kNearPowerOfTen + 2.0 * of_spend.error)
        return std::nullopt;
    }
    if (WordsExplain(change.rows)) return std::nullopt;
    change.factor = std::pow(10.0, factor);
    return change;
  }

  // A few words of such a name, as of "Ad type", are kinds.
  bool HasNamesOfCampaigns(const Column& column) const {
    return column.name == entity_column_ ||
           (IsNamedLikeEntity(column.name) && static_cast<int64_t>(column.dictionary.size()) >= kFewestEntities);
  }

  // Words that only these rows have, in most of them, each in several: a name for each row explains nothing. changed:
  // ascending.
  bool WordsExplain(const std::vector<int64_t>& changed) const {
    for (const Column& column : table_.columns()) {
      if (column.kind != FeatureKind::kCategorical || TellsNoOtherCampaigns(column.name)) continue;
      if (HasNamesOfCampaigns(column)) continue;
      if (!CheckStop(stop_).ok()) return true;
      std::vector<int64_t> count(column.dictionary.size() + 1), own = count;
      for (const Amounts& amounts : amounts_) ++count[static_cast<size_t>(column.codes[amounts.row] + 1)];
      for (const int64_t row : changed) ++own[static_cast<size_t>(column.codes[row] + 1)];
      int64_t explained = 0;
      for (size_t word = 0; word < own.size(); ++word) {
        if (own[word] == count[word] && own[word] >= kFewestOfAWord) explained += own[word];
      }
      if (2 * explained >= static_cast<int64_t>(changed.size())) return true;
    }
    return false;
  }

  const Table& table_;
  const absl::string_view entity_column_;
  const StopCheck& stop_;
  std::vector<Amounts> amounts_;
};

}  // namespace

std::optional<UnitChange> FindUnitChange(const UnitQuestion& question, const StopCheck& stop) {
  return UnitSearch(question, stop).Find();
}

}  // namespace roicast
