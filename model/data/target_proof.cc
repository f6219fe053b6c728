#include "model/data/target_proof.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <limits>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "base/tables/note.h"
#include "model/data/meaning/result_columns.h"
#include "model/data/meaning/target_names.h"
#include "model/data/target_units.h"

namespace roicast {
namespace {

constexpr int64_t kFewestRowsToCompare = 3;
constexpr size_t kMostRowsShown = 5;
// Fewer rows without a loss are chance.
constexpr int64_t kFewestRowsWithoutLoss = 20;
// Revenues are negative where refunds are larger than sales: in a row, or in one of 50. Profits are negative in more
// rows than one of ten, or of 20 if their name says that they may be profits.
constexpr int64_t kRowsPerRefund = 50, kRowsPerLoss = 10, kRowsPerNamedLoss = 20;
constexpr int64_t kFewestOfProfits = 5, kFewestOfNamedProfits = 3;

struct MeaningOfRatio {
  RatioMeaning meaning;
  double factor;
  double offset;    // value = factor · ROAS + offset
  double rounding;  // half of a last digit
};
constexpr MeaningOfRatio kMeanings[] = {{RatioMeaning::kRoi, 1.0, -1.0, 0.0051},
                                        {RatioMeaning::kRoas, 1.0, 0.0, 0.0051},
                                        {RatioMeaning::kRoiPerCent, 100.0, -100.0, 0.51},
                                        {RatioMeaning::kRoasPerCent, 100.0, 0.0, 0.51}};

absl::string_view TextOf(RatioMeaning meaning) {
  switch (meaning) {
    case RatioMeaning::kRoas:
      return "a ROAS (ROI + 1)";
    case RatioMeaning::kRoiPerCent:
      return "an ROI in per cent";
    case RatioMeaning::kRoasPerCent:
      return "a ROAS (ROI + 1) in per cent";
    case RatioMeaning::kRoi:
      return "an ROI";
    case RatioMeaning::kUnknown:
    case RatioMeaning::kOther:
      break;
  }
  return "something else";
}

// The numeric columns of a role with the best rank.
std::vector<const Column*> ColumnsOf(const Table& table, UsualRole role, int worst_rank) {
  std::vector<const Column*> found;
  int best = worst_rank;
  for (const Column& column : table.columns()) {
    const UsualName usual = FindUsualName(column.name);
    if (column.kind != FeatureKind::kNumeric || usual.role != role || usual.rank > best) continue;
    if (usual.rank < best) found.clear();
    best = usual.rank;
    found.push_back(&column);
  }
  return found;
}

std::vector<double> Quotients(const Column& revenue, const Column& spend) {
  std::vector<double> roas(revenue.numbers.size(), std::numeric_limits<double>::quiet_NaN());
  for (size_t row = 0; row < roas.size(); ++row) {
    if (spend.numbers[row] > 0) roas[row] = revenue.numbers[row] / spend.numbers[row];
  }
  return roas;
}

// Whether the numbers are spelt as `score` spells its predictions, as floats, with more digits than people write.
// surely: with as many as only floats have.
bool AreSpeltAsPredictions(const Column& column, bool surely = false) {
  constexpr int kDigitsOfFloats = 8;
  int64_t present = 0, predictions = 0, long_ones = 0;
  for (const double value : column.numbers) {
    if (std::isnan(value)) continue;
    ++present;
    char text[32];
    const char* const end = std::to_chars(text, text + sizeof(text), static_cast<float>(value)).ptr;
    double shortest = 0.0;
    std::from_chars(text, end, shortest);
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    const char* const first = std::find_if<const char*>(text, end, [](char c) { return c >= '1' && c <= '9'; });
    predictions += shortest == value && std::count_if<const char*>(text, end, is_digit) > 6;
    long_ones += shortest == value && std::count_if(first, end, is_digit) >= kDigitsOfFloats;
  }
  return present > 0 && predictions * 10 >= present * 9 && (!surely || long_ones * 4 >= present);
}

// The columns that a ratio is compared with.
struct Comparison {
  TargetSpec instead;        // the target that they make
  std::string text;          // `"Revenue" / "Spend"`
  bool clear = false;        // their names mean nothing else
  bool after_costs = false;  // the revenue's name may mean a profit
  RatioProof proof;

  bool by_roas() const { return instead.revenue_column.empty(); }
  // The column that may be after the spend.
  const std::string& income() const { return by_roas() ? instead.roas_column : instead.revenue_column; }
};

// What the "revenue" of an ROI that equals "revenue" / spend is: the ROI is a ROAS, or it is right.
enum class Income { kRevenue, kProfit, kEither };

class RatioCheck {
 public:
  RatioCheck(const Table& table, const CsvTable* data, const TargetSpec& asked, FoundTarget& found)
      : table_(table), data_(data), asked_(asked), found_(found) {
    is_roas_ = found.spec.column.empty();
    ratio_ = table.Find(is_roas_ ? found.spec.roas_column : found.spec.column);
    open_ = asked.column.empty() && asked.roas_column.empty() && asked.revenue_column.empty();
    std::vector<std::string> names;
    for (const Column& column : table.columns()) names.push_back(column.name);
    results_ = FindResultColumns(names);
  }

  absl::Status Run() {
    if (!found_.spec.revenue_column.empty()) {
      SayPassedOver();
      return absl::OkStatus();
    }
    if (ratio_ == nullptr || ratio_->kind != FeatureKind::kNumeric) return absl::OkStatus();
    const bool perhaps_predicted = !is_roas_ && open_ && ratio_->name == results_.perhaps_prediction;
    const std::vector<Comparison> comparisons = Compare();
    for (const Comparison& comparison : comparisons) {
      if (comparison.proof.meaning == Right()) return absl::OkStatus();
    }
    if (!is_roas_ && ratio_->name == results_.prediction) {
      WarnOfPredictions();
      return absl::OkStatus();
    }
    for (const Comparison& comparison : comparisons) {
      if (comparison.proof.meaning == RatioMeaning::kOther || comparison.proof.meaning == RatioMeaning::kUnknown) {
        continue;
      }
      const Income income = is_roas_ ? Income::kRevenue : IncomeOf(comparison);
      if (income == Income::kRevenue) return SettleProven(comparison);
      if (income == Income::kEither) return SettleDoubtful(comparison);
      SayProfit(comparison);
      return absl::OkStatus();
    }
    for (const Comparison& comparison : comparisons) {
      if (comparison.proof.meaning != RatioMeaning::kOther || !comparison.clear) continue;
      if (perhaps_predicted && AreSpeltAsPredictions(*ratio_)) return SettleScored(comparison);
      WarnOfDisagreement(comparison);
      return absl::OkStatus();
    }
    if (comparisons.empty() && perhaps_predicted && AreSpeltAsPredictions(*ratio_, true)) {
      return OnlyPredictions(ratio_->name, "score", "--target");
    }
    if (!is_roas_ && asked_.column.empty()) SayNeverNegative();
    return absl::OkStatus();
  }

 private:
  RatioMeaning Right() const { return is_roas_ ? RatioMeaning::kRoas : RatioMeaning::kRoi; }

  std::vector<Comparison> Compare() const {
    std::vector<Comparison> comparisons;
    const auto add = [&](Comparison comparison, absl::Span<const double> roas) {
      comparison.proof = CompareRatio(*ratio_, roas, Right());
      comparisons.push_back(std::move(comparison));
    };
    std::vector<const Column*> spends = ColumnsOf(table_, UsualRole::kSpend, 2);
    if (const Column* spend = table_.Find(found_.spec.spend_column)) spends = {spend};
    for (const Column* revenue : ColumnsOf(table_, UsualRole::kRevenue, 2)) {
      for (const Column* spend : spends) {
        if (spend->kind != FeatureKind::kNumeric || spend == ratio_ || revenue == ratio_ || spend == revenue) continue;
        Comparison comparison;
        comparison.instead = asked_;
        comparison.instead.revenue_column = revenue->name;
        comparison.instead.spend_column = spend->name;
        comparison.text = absl::StrCat("\"", revenue->name, "\" / \"", spend->name, "\"");
        comparison.clear = FindUsualName(revenue->name).rank == 1 &&
                           (spend->name == asked_.spend_column || FindUsualName(spend->name).rank == 1);
        comparison.after_costs = MayBeAfterCosts(revenue->name);
        add(std::move(comparison), Quotients(*revenue, *spend));
      }
    }
    if (is_roas_ || !comparisons.empty()) return comparisons;
    for (const Column* roas : ColumnsOf(table_, UsualRole::kRoas, 1)) {
      Comparison comparison;
      comparison.instead = asked_;
      comparison.instead.roas_column = roas->name;
      comparison.instead.spend_column = found_.spec.spend_column;
      comparison.text = absl::StrCat("\"", roas->name, "\"");
      add(std::move(comparison), roas->numbers.ToVector());
    }
    return comparisons;
  }

  static std::vector<std::string> FlagsOf(const TargetSpec& target) {
    if (!target.roas_column.empty()) return {ColumnFlag("--roas", "", target.roas_column)};
    return {absl::StrCat(ColumnFlag("--revenue", "", target.revenue_column), " ",
                         ColumnFlag("--spend", "", target.spend_column))};
  }

  std::string KeepFlag() const { return ColumnFlag(is_roas_ ? "--roas" : "--target", "", ratio_->name); }

  DataWarning Warning(const Comparison& comparison, bool serious) const {
    DataWarning warning;
    warning.serious = serious;
    warning.column = ratio_->name;
    for (const int64_t row : comparison.proof.differs) {
      if (data_ != nullptr) warning.lines.push_back(data_->LineOf(row));
    }
    return warning;
  }

  // Finds the target anew, as if a person had named its columns.
  absl::Status Replace(const TargetSpec& instead, DataWarning warning) {
    std::vector<NamedColumn> columns;
    for (const Column& column : table_.columns()) columns.push_back({column.name, column.kind});
    ROICAST_ASSIGN_OR_RETURN(found_, FindTarget(columns, instead));
    found_.notes.insert(found_.notes.begin(), std::move(warning));
    return absl::OkStatus();
  }

  absl::Status SettleProven(const Comparison& comparison) {
    const RatioProof& proof = comparison.proof;
    DataWarning warning = Warning(comparison, !open_);
    const std::string what =
        absl::StrCat("\"", ratio_->name, "\" is ", TextOf(proof.meaning), ": it agrees with ",
                     proof.meaning == RatioMeaning::kRoiPerCent ? absl::StrCat("100 · (", comparison.text, " − 1)")
                     : proof.meaning == RatioMeaning::kRoasPerCent
                         ? absl::StrCat("100 · ", comparison.text)
                         : absl::StrCat(comparison.text, proof.meaning == RatioMeaning::kRoi ? " − 1" : ""),
                     " in ", proof.agreeing, " of ", proof.compared, " rows");
    if (open_) {
      warning.lines.clear();
      warning.message = absl::StrCat(what, ". The target was computed from ", comparison.text);
      warning.flags = {KeepFlag()};
      return Replace(comparison.instead, std::move(warning));
    }
    warning.message = absl::StrCat(what, ", but was taken as ", is_roas_ ? "a ROAS" : "an ROI", " as it stands");
    warning.flags = FlagsOf(comparison.instead);
    found_.notes.push_back(std::move(warning));
    return absl::OkStatus();
  }

  // Told by how many rows are negative, and by what the name means.
  static Income IncomeOf(const Comparison& comparison) {
    const RatioProof& proof = comparison.proof;
    if (proof.meaning != RatioMeaning::kRoas && proof.meaning != RatioMeaning::kRoasPerCent) return Income::kRevenue;
    const bool named = comparison.after_costs;
    const int64_t refunds = named ? 0 : std::max<int64_t>(1, proof.compared / kRowsPerRefund);
    if (proof.negative <= refunds) return Income::kRevenue;
    const bool often = proof.negative * (named ? kRowsPerNamedLoss : kRowsPerLoss) >= proof.compared;
    return often && proof.negative >= (named ? kFewestOfNamedProfits : kFewestOfProfits) ? Income::kProfit
                                                                                         : Income::kEither;
  }

  // Takes what the name means, unless a person named the ratio.
  absl::Status SettleDoubtful(const Comparison& comparison) {
    const RatioProof& proof = comparison.proof;
    const bool per_cent = proof.meaning == RatioMeaning::kRoasPerCent;
    const bool stays = comparison.after_costs || !open_;
    DataWarning warning;
    warning.column = ratio_->name;
    warning.serious = open_ || per_cent;
    warning.message = absl::StrCat(
        "\"", ratio_->name, "\" is ", per_cent ? "100 · " : "", comparison.text, ", and negative in ", proof.negative,
        " of ", proof.compared, " rows: \"", comparison.income(), "\" is a ", comparison.by_roas() ? "ROAS" : "revenue",
        " with refunds, and \"", ratio_->name, "\" ", TextOf(proof.meaning), "; or \"", comparison.income(), "\" is ",
        comparison.by_roas() ? "an ROI" : "a profit", ", and \"", ratio_->name, "\" an ROI",
        per_cent ? " in per cent. " : ". ",
        stays ? "It was taken as an ROI as it stands"
              : absl::StrCat("It was taken for a ROAS, and the target computed from ", comparison.text));
    const std::string scale = per_cent ? absl::StrCat(" ", ColumnFlag("--scale", ratio_->name, "0.01")) : "";
    warning.flags = {absl::StrCat(KeepFlag(), scale), FlagsOf(comparison.instead).front()};
    if (!stays) return Replace(comparison.instead, std::move(warning));
    found_.notes.push_back(std::move(warning));
    return absl::OkStatus();
  }

  void SayProfit(const Comparison& comparison) {
    const bool per_cent = comparison.proof.meaning == RatioMeaning::kRoasPerCent;
    DataWarning warning;
    warning.column = ratio_->name;
    warning.serious = per_cent;
    warning.message = absl::StrCat(
        "\"", comparison.income(), "\" is ", comparison.by_roas() ? "an ROI, and no ROAS" : "a profit, and no revenue",
        ": \"", ratio_->name, "\" is ", per_cent ? "100 · " : "", comparison.text, ", and is negative in ",
        comparison.proof.negative, " of ", comparison.proof.compared, " rows. ",
        per_cent ? "It is an ROI in per cent, and was taken as it stands, a hundred times too large"
                 : "It was taken as the ROI that it is");
    if (per_cent) warning.flags.push_back(ColumnFlag("--scale", ratio_->name, "0.01"));
    found_.notes.push_back(std::move(warning));
  }

  std::string DiffersText(const Comparison& comparison) const {
    return absl::StrCat("differs from ", comparison.text, is_roas_ ? "" : " − 1", " in ",
                        comparison.proof.compared - comparison.proof.agreeing, " of ", comparison.proof.compared,
                        " rows");
  }

  DataWarning NotLearnt(const Comparison& comparison) const {
    DataWarning warning = Warning(comparison, true);
    warning.message =
        absl::StrCat("\"", ratio_->name, "\" looks like the predictions that `score` adds to a table, and ",
                     DiffersText(comparison), ". It was not learnt: the target was computed from ", comparison.text);
    warning.flags = {KeepFlag()};
    return warning;
  }

  absl::Status SettleScored(const Comparison& comparison) { return Replace(comparison.instead, NotLearnt(comparison)); }

  // The predictions beside the revenue and the spend that were taken.
  void SayPassedOver() {
    const Column* const prediction = open_ ? table_.Find(results_.prediction) : nullptr;
    const Column* const revenue = table_.Find(found_.spec.revenue_column);
    const Column* const spend = table_.Find(found_.spec.spend_column);
    for (const Column* column : {prediction, revenue, spend}) {
      if (column == nullptr || column->kind != FeatureKind::kNumeric) return;
    }
    ratio_ = prediction;
    is_roas_ = false;
    Comparison comparison;
    comparison.text = absl::StrCat("\"", revenue->name, "\" / \"", spend->name, "\"");
    comparison.proof = CompareRatio(*prediction, Quotients(*revenue, *spend), RatioMeaning::kRoi);
    if (comparison.proof.meaning != RatioMeaning::kOther) return;
    found_.notes.insert(found_.notes.begin(), NotLearnt(comparison));
  }

  void WarnOfDisagreement(const Comparison& comparison) {
    DataWarning warning = Warning(comparison, open_);
    warning.message =
        absl::StrCat("\"", ratio_->name, "\" ", DiffersText(comparison), ". It was taken as the target as it stands");
    warning.flags = FlagsOf(comparison.instead);
    found_.notes.push_back(std::move(warning));
  }

  void WarnOfPredictions() {
    std::vector<std::string> others;
    for (const ResultColumn& column : results_.written) {
      if (column.command == "score" && column.name != ratio_->name) others.push_back(column.name);
    }
    DataWarning warning;
    warning.serious = true;
    warning.column = ratio_->name;
    warning.message = absl::StrCat(
        "\"", ratio_->name, "\" looks like the predictions that `score` adds to a table, beside \"",
        absl::StrJoin(others, "\", \""),
        "\": to learn from them repeats what a model says already. It was taken as the target as it stands");
    found_.notes.push_back(std::move(warning));
  }

  // A ROAS that is called an ROI is never negative.
  void SayNeverNegative() {
    if (data_ != nullptr && IsScaled(*data_, ratio_->name)) return;  // said to be in per cent
    int64_t present = 0, below_one = 0;
    for (const double value : ratio_->numbers) {
      if (std::isnan(value)) continue;
      if (value < 0) return;
      ++present;
      below_one += value < 1;
    }
    if (present < kFewestRowsWithoutLoss || below_one * 5 < present || below_one == present) return;
    DataWarning note;
    note.column = ratio_->name;
    note.message = absl::StrCat("no row of \"", ratio_->name, "\" is negative, and ", below_one, " of ", present,
                                " are below 1: if it is revenue / spend, it is a ROAS, 1 more than the ROI. It was "
                                "taken as an ROI as it stands");
    note.flags = {ColumnFlag("--roas", "", ratio_->name)};
    found_.notes.push_back(std::move(note));
  }

  const Table& table_;
  const CsvTable* const data_;
  const TargetSpec& asked_;
  FoundTarget& found_;
  const Column* ratio_ = nullptr;
  bool is_roas_ = false;
  bool open_ = false;  // no column with a result was asked for
  ResultColumns results_;
};

}  // namespace

RatioProof CompareRatio(const Column& ratio, absl::Span<const double> roas, RatioMeaning expected_meaning) {
  RatioProof proof;
  size_t wanted = 0;
  while (kMeanings[wanted].meaning != expected_meaning) ++wanted;
  int64_t agreeing[std::size(kMeanings)] = {};
  for (size_t row = 0; row < roas.size(); ++row) {
    const double value = ratio.numbers[row];
    if (std::isnan(value) || !std::isfinite(roas[row])) continue;
    ++proof.compared;
    proof.negative += value < 0.0 ? 1 : 0;
    for (size_t i = 0; i < std::size(kMeanings); ++i) {
      const double expected = kMeanings[i].factor * roas[row] + kMeanings[i].offset;
      const bool agrees = std::abs(value - expected) <= kMeanings[i].rounding + 0.005 * std::abs(expected);
      agreeing[i] += agrees;
      if (i == wanted && !agrees && proof.differs.size() < kMostRowsShown) {
        proof.differs.push_back(static_cast<int64_t>(row));
      }
    }
  }
  if (proof.compared < kFewestRowsToCompare) return proof;
  const size_t best = static_cast<size_t>(std::max_element(std::begin(agreeing), std::end(agreeing)) - agreeing);
  const bool proven = agreeing[best] * 20 >= proof.compared * 19;
  proof.meaning = proven ? kMeanings[best].meaning : RatioMeaning::kOther;
  proof.agreeing = agreeing[proven ? best : wanted];
  return proof;
}

absl::Status CheckRatio(const Table& table, const CsvTable* data, const TargetSpec& asked, FoundTarget& found) {
  return RatioCheck(table, data, asked, found).Run();
}

}  // namespace roicast
