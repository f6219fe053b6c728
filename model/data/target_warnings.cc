#include "model/data/target_warnings.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/tables/note.h"
#include "model/data/meaning/amount_words.h"
#include "model/data/meaning/column_name.h"
#include "model/data/meaning/currency_cells.h"
#include "model/data/meaning/target_names.h"
#include "model/data/target_description.h"
#include "model/data/target_units.h"

namespace roicast {
namespace {

constexpr size_t kMostLines = 5;
// Fewer rows with a negative revenue are refunds; in a small table a twentieth of its rows is enough.
constexpr int64_t kFewestLosses = 5, kFewestLossesOfFewRows = 3;
// Fewer rows without spend may be mistakes; a smaller share of the others' revenue changes no decision.
constexpr int64_t kFewestWithoutSpend = 10;
constexpr double kNotableShare = 0.1;
constexpr size_t kMostWordsOfOthers = 50;
constexpr int64_t kFewestOfWord = 5;

std::string Rows(int64_t count) { return absl::StrCat(count, count == 1 ? " row" : " rows"); }

class TargetInspection {
 public:
  TargetInspection(const CsvTable& data, Target& target) : data_(data), target_(target) {}

  void Run() {
    if (target_.spec.kind == TargetKind::kTwoValued) return SayTwoValues();
    if (!WarnOfPerCent()) SayRoiBelowLowest();
    WarnOfMultiples();
    AddUnitWarnings(data_, WarnOfMillionths(), target_);
    for (const Column& column : data_.table.columns()) WarnOfCurrencies(column);
    SayBlankRevenue();
    SayRowsWithoutSpend();
    SayDisagreeingRoas();
  }

 private:
  const Column* Find(const std::string& name) const { return name.empty() ? nullptr : data_.table.Find(name); }

  DataWarning& Add(bool serious, const std::string& column, std::string message) {
    DataWarning& warning = target_.warnings.emplace_back();
    warning.serious = serious;
    warning.column = column;
    warning.message = std::move(message);
    return warning;
  }

  // The first lines of the rows for which `holds`, and how many there are.
  template <typename Predicate>
  std::pair<int64_t, std::vector<int64_t>> Where(const Predicate& holds) const {
    std::pair<int64_t, std::vector<int64_t>> found;
    for (int64_t row = 0; row < data_.table.rows(); ++row) {
      if (!holds(row)) continue;
      ++found.first;
      if (found.second.size() < kMostLines) found.second.push_back(data_.LineOf(row));
    }
    return found;
  }

  const std::string& RatioColumn() const {
    return target_.spec.column.empty() ? target_.spec.roas_column : target_.spec.column;
  }

  // By what the column is or its name says. Of any other number, such as a revenue or clicks, no size is odd.
  bool IsRoiColumn(const std::string& name) const {
    return DescribeTarget(target_.spec).is_roi || ReadColumnName(name).Has("roi");
  }

  // An ROI of −35 is one of −35 %: no campaign loses 35 times what it cost. Where none loses anything, and for a ROAS,
  // the size alone shows it.
  bool WarnOfPerCent() {
    const std::string& name = RatioColumn();
    const Column* column = Find(name);
    if (column == nullptr || IsScaled(data_, name) || !IsRoiColumn(name)) return false;
    const bool is_roas = target_.spec.column.empty();
    int64_t present = 0, impossible = 0;
    std::vector<double> sizes;
    std::vector<int64_t> lines;
    for (int64_t row = 0; row < data_.table.rows(); ++row) {
      const double value = column->numbers[row];
      if (std::isnan(value)) continue;
      ++present;
      sizes.push_back(std::abs(value));
      if (value >= (is_roas ? 0.0 : kLowestRoi)) continue;
      ++impossible;
      if (lines.size() < kMostLines) lines.push_back(data_.LineOf(row));
    }
    if (present == 0) return false;
    const double typical = MedianOf(std::move(sizes));
    const bool many_impossible = impossible * 20 > present && typical > 5.0;
    const bool named = ReadColumnName(name).per_cent && typical > 3.0;
    const bool large_roas = is_roas && typical > 50.0;
    const bool large_roi = !is_roas && typical > 5.0;
    if (!many_impossible && !named && !large_roas && !large_roi) return false;
    std::string why = absl::StrCat("a typical value is ", typical);
    if (impossible > 0 && !is_roas)
      absl::StrAppend(&why, ", and ", Rows(impossible), " of ", present, " lose more than was spent");
    const std::string meaning = many_impossible || is_roas
                                    ? "35 is 35 times the spend"
                                    : absl::StrCat("1 spent would bring ", typical + 1.0, " back in the typical row");
    DataWarning& warning =
        Add(true, name,
            absl::StrCat("\"", name, "\" looks like per cent (", why, "), but was taken as it stands: ", meaning));
    warning.lines = std::move(lines);
    warning.flags.push_back(ColumnFlag("--scale", name, "0.01"));
    return true;
  }

  // Whose probability is predicted, where nobody said so.
  void SayTwoValues() {
    const Column* column = Find(target_.spec.column);
    if (column == nullptr || target_.two_values_said) return;
    int64_t positives = 0, negatives = 0;
    for (const double value : target_.values) {
      positives += value == 1.0 ? 1 : 0;
      negatives += value == 0.0 ? 1 : 0;
    }
    DataWarning& remark = Add(false, column->name,
                              absl::StrCat("\"", column->name, "\" has two values (", target_.negative_value, " in ",
                                           Rows(negatives), ", ", target_.spec.positive_value, " in ", Rows(positives),
                                           "): predictions are the probability of ", target_.spec.positive_value));
    if (!target_.negative_value.empty()) {
      remark.flags.push_back(ColumnFlag("--positive-value", "", target_.negative_value));
    }
    if (column->kind == FeatureKind::kNumeric) remark.flags.push_back("--target-kind number");
  }

  // "2.6x" says what comes back of 1 spent.
  void WarnOfMultiples() {
    const ColumnReading* reading = data_.ReadingOf(target_.spec.column);
    if (target_.spec.column.empty() || reading == nullptr || !IsRoiColumn(target_.spec.column)) return;
    const std::string& unit = reading->form.unit;
    if (unit != "x" && unit != "X" && unit != "×" && unit != "倍") return;
    Add(true, target_.spec.column,
        absl::StrCat("\"", target_.spec.column, "\" is written in multiples of the spend (", unit,
                     "), as a ROAS is, which is 1 more than the ROI, but was taken as an ROI as it stands"))
        .flags.push_back(ColumnFlag("--roas", "", target_.spec.column));
  }

  // Of another target it means nothing.
  void SayRoiBelowLowest() {
    if (!DescribeTarget(target_.spec).is_roi) return;
    auto [count, lines] = Where([&](int64_t row) { return target_.values[row] < kLowestRoi; });
    if (count == 0) return;
    const std::string& revenue = target_.spec.revenue_column;
    std::string message =
        absl::StrCat(Rows(count), count == 1 ? " has" : " have",
                     " an ROI below −1, which takes a negative revenue, and ", count == 1 ? "is" : "are", " kept");
    const bool some_lose =
        count >= kFewestLosses || (count >= kFewestLossesOfFewRows && 20 * count >= data_.table.rows());
    const bool perhaps_profit = some_lose && MayBeAfterCosts(revenue);
    if (perhaps_profit) {
      absl::StrAppend(&message, ". If \"", revenue,
                      "\" is what is left after the spend, each ROI is 1 too small: add a "
                      "column with \"",
                      target_.spec.spend_column, "\" + \"", revenue,
                      "\" and name it: roicast train FILE --revenue COLUMN");
    }
    Add(perhaps_profit, revenue.empty() ? RatioColumn() : revenue, std::move(message)).lines = std::move(lines);
  }

  // Whether it was said, together with the spend if that is in millionths as well.
  bool WarnOfRevenueInMillionths() {
    const std::string &revenue = target_.spec.revenue_column, &spend = target_.spec.spend_column;
    if (Find(revenue) == nullptr || IsScaled(data_, revenue) || !ReadColumnName(revenue).micros) return false;
    const double typical = MedianOf(PositiveValues(*Find(revenue)));
    if (typical < 1e3) return false;
    const std::string flag = ColumnFlag("--scale", revenue, "0.000001");
    const bool both = ReadColumnName(spend).micros && !IsScaled(data_, spend);
    if (both) {
      Add(false, spend,
          absl::StrCat("\"", revenue, "\" and \"", spend,
                       "\" look like millionths, and were taken as they stand: the ROI is right, but requests need "
                       "millionths as well"))
          .flags.push_back(absl::StrCat(ColumnFlag("--scale", spend, "0.000001"), " ", flag));
    } else {
      Add(true, revenue,
          absl::StrCat("\"", revenue, "\" looks like millionths (a typical value is ", typical,
                       "), but was taken as it stands"))
          .flags.push_back(flag);
    }
    return true;
  }

  // Whether it was said of either.
  bool WarnOfMillionths() {
    if (WarnOfRevenueInMillionths()) return true;
    const Column* spend = Find(target_.spec.spend_column);
    if (spend == nullptr || IsScaled(data_, spend->name)) return false;
    std::vector<double> values = PositiveValues(*spend);
    if (values.empty()) return false;
    const size_t count = values.size();
    const size_t round = static_cast<size_t>(
        std::count_if(values.begin(), values.end(), [](double value) { return std::fmod(value, 1e4) == 0.0; }));
    const double typical = MedianOf(std::move(values));
    const Column* revenue = Find(target_.spec.revenue_column);
    const double earned = revenue == nullptr ? 0.0 : MedianOf(PositiveValues(*revenue));
    const bool out_of_proportion = revenue == nullptr ? typical >= 1e6 : earned > 0 && typical > 1e3 * earned;
    const bool by_value = typical >= 1e5 && round * 20 >= count * 19 && out_of_proportion;
    const bool by_name = ReadColumnName(spend->name).micros && typical >= 1e3;
    if (!by_value && !by_name) return false;
    Add(true, spend->name,
        absl::StrCat("\"", spend->name, "\" looks like millionths (a typical value is ", typical,
                     "), but was taken as it stands"))
        .flags.push_back(ColumnFlag("--scale", spend->name, "0.000001"));
    return true;
  }

  void WarnOfCurrencies(const Column& column) {
    if (column.kind != FeatureKind::kCategorical || column.dictionary.size() < 2 || column.dictionary.size() > 60)
      return;
    std::vector<std::string> currencies;
    for (const absl::string_view cell : column.dictionary) {
      currencies.push_back(CurrencyOfCell(cell));
      if (currencies.back().empty()) return;
    }
    const auto differ = [](const std::string& a, const std::string& b) { return !MayBeOneCurrency(a, b); };
    const bool several = std::any_of(currencies.begin(), currencies.end(), [&](const std::string& a) {
      return std::any_of(currencies.begin(), currencies.end(), [&](const std::string& b) { return differ(a, b); });
    });
    if (!several) return;
    std::vector<int64_t> counts(column.dictionary.size(), 0);
    for (const int32_t code : column.codes) {
      if (code >= 0) ++counts[static_cast<size_t>(code)];
    }
    std::vector<std::string> parts;
    for (size_t i = 0; i < counts.size() && i < 6; ++i) {
      parts.push_back(absl::StrCat(column.dictionary[i], " in ", Rows(counts[i])));
    }
    if (counts.size() > parts.size()) parts.push_back("…");
    Add(true, column.name,
        absl::StrCat("\"", column.name, "\" says that amounts are in several currencies (", absl::StrJoin(parts, ", "),
                     "); they were taken as if they were one: convert them first"));
  }

  void SayBlankRevenue() {
    if (target_.blank_revenue == 0) return;
    const std::string& name =
        target_.spec.revenue_column.empty() ? target_.spec.roas_column : target_.spec.revenue_column;
    const bool zero = target_.spec.blank_revenue == BlankRevenue::kZero;
    const bool many = target_.blank_revenue * 100 >= data_.table.rows();
    DataWarning& warning = Add(
        many && !zero, name,
        absl::StrCat("\"", name, "\" is blank in ", Rows(target_.blank_revenue), " with a spend, ",
                     zero ? "which count as no revenue"
                          : "which are left out: where blank means that nothing was earned, the model is too hopeful"));
    warning.flags.push_back(zero ? "--blank-revenue missing" : "--blank-revenue zero");
    const Column* column = Find(name);
    const Column* spend = Find(target_.spec.spend_column);
    warning.lines = Where([&](int64_t row) {
                      return std::isnan(column->numbers[row]) && (spend == nullptr || spend->numbers[row] > 0);
                    }).second;
  }

  void SayRowsWithoutSpend() {
    const Column* spend = Find(target_.spec.spend_column);
    if (spend == nullptr || target_.spend_not_positive == 0) return;
    std::string message = absl::StrCat(Rows(target_.spend_not_positive), " without a spend above 0 ",
                                       target_.spend_not_positive == 1 ? "is" : "are", " left out");
    const RevenueWithoutSpend base = FindRevenueWithoutSpend(*spend);
    const double share = base.with > 0.0 ? base.without / base.with : 0.0;
    const bool notable = base.rows >= kFewestWithoutSpend && share >= kNotableShare;
    if (notable) {
      absl::StrAppendFormat(&message,
                            ". %s with a spend of 0, of the same words as others, brought %.4g at the median, %.0f %% "
                            "of what those with a spend brought: so much comes without the spend, and ROI, curves and "
                            "budgets credit it to the spend",
                            Rows(base.rows), base.without, 100.0 * share);
    }
    Add(notable, spend->name, std::move(message)).lines =
        Where([&](int64_t row) { return spend->numbers[row] <= 0; }).second;
  }

  // Medians of the revenue.
  struct RevenueWithoutSpend {
    int64_t rows = 0;  // with a spend of 0
    double without = 0.0, with = 0.0;
  };

  // Of words that occur with a spend as well: what a channel brings that never costs anything is no revenue of others.
  RevenueWithoutSpend FindRevenueWithoutSpend(const Column& spend) const {
    RevenueWithoutSpend found;
    const Column* revenue = Find(target_.spec.revenue_column);
    if (revenue == nullptr || revenue->kind != FeatureKind::kNumeric) return found;
    const std::vector<bool> is_like_others = RowsLikeThoseWith(spend);
    std::vector<double> without, with;
    for (int64_t row = 0; row < data_.table.rows(); ++row) {
      const double value = revenue->numbers[row];
      if (std::isnan(value)) continue;
      if (spend.numbers[row] > 0) with.push_back(value);
      if (spend.numbers[row] == 0 && is_like_others[row]) without.push_back(value);
    }
    found.rows = static_cast<int64_t>(without.size());
    if (!with.empty()) found.with = MedianOf(std::move(with));
    if (!without.empty()) found.without = MedianOf(std::move(without));
    return found;
  }

  // Per row: whether each of its words is one of several rows with a spend. In columns of many words, such as names,
  // only words of several rows say anything.
  std::vector<bool> RowsLikeThoseWith(const Column& spend) const {
    std::vector<bool> is_like(static_cast<size_t>(data_.table.rows()), true);
    for (const Column& column : data_.table.columns()) {
      if (column.kind != FeatureKind::kCategorical) continue;
      const bool many_words = column.dictionary.size() > kMostWordsOfOthers;
      std::vector<int64_t> with(column.dictionary.size() + 1), all(with.size());
      const auto word_of = [&](int64_t row) { return static_cast<size_t>(column.codes[row] + 1); };
      for (int64_t row = 0; row < data_.table.rows(); ++row) {
        with[word_of(row)] += spend.numbers[row] > 0 ? 1 : 0;
        ++all[word_of(row)];
      }
      for (int64_t row = 0; row < data_.table.rows(); ++row) {
        const bool tells = !many_words || all[word_of(row)] >= kFewestOfWord;
        if (tells && with[word_of(row)] < kFewestOfWord) is_like[static_cast<size_t>(row)] = false;
      }
    }
    return is_like;
  }

  void SayDisagreeingRoas() {
    if (target_.spec.revenue_column.empty()) return;
    for (const Column& column : data_.table.columns()) {
      if (column.kind != FeatureKind::kNumeric || FindUsualName(column.name).role != UsualRole::kRoas) continue;
      int64_t compared = 0;
      const auto differs = [&](int64_t row) {
        const double roas = column.numbers[row], roi = target_.values[row];
        if (std::isnan(roas) || std::isnan(roi)) return false;
        ++compared;
        return std::abs(roas - (roi + 1.0)) > 0.01 + 0.01 * std::abs(roas);
      };
      auto [count, lines] = Where(differs);
      if (count * 20 <= compared) continue;
      DataWarning& warning = Add(false, column.name,
                                 absl::StrCat("\"", column.name, "\" differs from \"", target_.spec.revenue_column,
                                              "\" / \"", target_.spec.spend_column, "\" in ", count, " of ",
                                              Rows(compared), "; the target is computed from these two"));
      warning.lines = std::move(lines);
      warning.flags.push_back(ColumnFlag("--roas", "", column.name));
    }
  }

  const CsvTable& data_;
  Target& target_;
};

}  // namespace

void AddTargetWarnings(const CsvTable& data, Target& target) { TargetInspection(data, target).Run(); }

}  // namespace roicast
