#include "client/cli/report_view.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/printable.h"
#include "client/cli/calibration_view.h"
#include "client/cli/display_width.h"
#include "client/cli/format.h"
#include "client/cli/reading_view.h"
#include "client/cli/search_view.h"
#include "client/cli/text_table.h"
#include "client/cli/verdict.h"
#include "client/cli/warning_view.h"

namespace roicast::client {
namespace {

constexpr int kMostIssues = 5;

using WhenNarrow = TextTable::WhenNarrow;

Toned R2Cell(double r2) {
  return {r2 < -1000.0 ? std::string("below −1000") : absl::StrFormat("%.4f", r2), ToneOfR2(r2)};
}

Toned FixedCell(double value) { return Toned(absl::StrFormat("%.4f", value)); }

class MetricsTable {
 public:
  explicit MetricsTable(const std::vector<MetricsColumn>& parts) : parts_(parts), table_(Columns(parts)) {}

  std::string ToString(const v1::TargetDescription& target, const Terminal& terminal) {
    using M = const v1::Metrics&;
    Row("rows", [](M m) { return Toned(FormatCount(m.rows())); });
    const bool two_valued = std::all_of(
        parts_.begin(), parts_.end(), [](const MetricsColumn& part) { return part.metrics->model().has_two_valued(); });
    if (two_valued) {
      Row("AUC", [](M m) { return FixedCell(m.two_valued().auc()); });
      IntervalRow();
      Row("log loss", [](M m) { return FixedCell(m.two_valued().log_loss()); });
      Row("Brier", [](M m) { return FixedCell(m.two_valued().brier()); });
      Row("base rate", [](M m) { return FixedCell(m.two_valued().base_rate()); });
      Row("threshold", [](M m) { return FixedCell(m.two_valued().threshold()); });
      Row("accuracy", [](M m) { return FixedCell(m.two_valued().accuracy()); });
      Row("precision", [](M m) { return FixedCell(m.two_valued().precision()); });
      Row("recall", [](M m) { return FixedCell(m.two_valued().recall()); });
      Row("F1", [](M m) { return FixedCell(m.two_valued().f1()); });
      return table_.ToString(terminal, "  ");
    }
    Row("R²", [](M m) { return R2Cell(m.roi().r2()); });
    IntervalRow();
    Row("RMSE", [](M m) { return Toned(FormatNumber(m.roi().rmse())); });
    Row("MAE", [](M m) { return Toned(FormatNumber(m.roi().mae())); });
    if (IsRoi(target)) {
      Row("profitable: accuracy", [](M m) { return FixedCell(m.profitable().accuracy()); });
      Row("profitable: F1", [](M m) { return FixedCell(m.profitable().f1()); });
      Row("profitable: AUC", [](M m) { return FixedCell(m.profitable().auc()); });
    }
    Row("R², transformed", [](M m) { return R2Cell(m.transformed().r2()); });
    return table_.ToString(terminal, "  ");
  }

 private:
  static std::vector<TextTable::Column> Columns(const std::vector<MetricsColumn>& parts) {
    std::vector<TextTable::Column> columns = {""};
    for (const MetricsColumn& part : parts) {
      columns.emplace_back(part.title, columns.size() == 1 ? WhenNarrow::kKeep : WhenNarrow::kDrop);
      columns.emplace_back("(constant)", WhenNarrow::kDrop);
    }
    return columns;
  }

  template <typename Value>
  void Row(const std::string& name, const Value& value) {
    std::vector<Toned> cells = {name};
    for (const MetricsColumn& part : parts_) {
      cells.push_back(value(part.metrics->model()));
      // A constant is the measure; nothing about it is good or bad.
      cells.push_back(Toned(value(part.metrics->baseline()).text, Tone::kQuiet));
    }
    table_.AddRow(std::move(cells));
  }

  // Of the metric in the row above.
  void IntervalRow() {
    std::vector<Toned> cells = {"  90 % sure"};
    bool any = false;
    for (const MetricsColumn& part : parts_) {
      const bool known = part.metrics->has_first_metric_low();
      any |= known;
      cells.push_back(Toned(
          known ? absl::StrFormat("%.4f to %.4f", part.metrics->first_metric_low(), part.metrics->first_metric_high())
                : ""));
      cells.emplace_back("");
    }
    if (any) table_.AddRow(std::move(cells));
  }

  const std::vector<MetricsColumn>& parts_;
  TextTable table_;
};

std::string MetricsText(const v1::TrainingReport& report, const Terminal& terminal) {
  std::vector<MetricsColumn> parts;
  if (report.has_holdout()) parts.push_back({"holdout", &report.holdout()});
  if (report.cross_validation().has_all()) parts.push_back({"folds", &report.cross_validation().all()});
  if (report.has_validation()) parts.push_back({"validation", &report.validation()});
  if (report.has_train()) parts.push_back({"train", &report.train()});
  return parts.empty() ? "" : MetricsText(parts, report.target(), terminal);
}

// "Metrics of ROI", "Metrics of price (EUR)": the target's own unit, if its cells had one. Per cent are read as shares,
// and predicted as such.
std::string MetricsHeading(const v1::TrainingReport& report) {
  std::string unit;
  for (const v1::ColumnReading& column : report.cleaning().reading().columns()) {
    if (!IsRoi(report.target()) && column.name() == report.target().name()) unit = column.unit();
  }
  if (unit == "%") unit = "1 is 100 %";
  return absl::StrCat(MetricsTitle(report.target()), unit.empty() ? "" : absl::StrCat(" (", Printable(unit), ")"));
}

// "cross-validation: R² 0.83 ± 0.04 over 5 folds (0.78 to 0.88)"; the spread is the standard deviation over the folds.
std::string FoldsText(const v1::TrainingReport& report, const Terminal& terminal) {
  const auto& folds = report.cross_validation().first_metric();
  if (folds.empty()) return "";
  double sum = 0, squares = 0;
  for (const double value : folds) sum += value;
  const double mean = sum / folds.size();
  for (const double value : folds) squares += (value - mean) * (value - mean);
  const double spread = folds.size() > 1 ? std::sqrt(squares / (folds.size() - 1)) : 0;
  const std::string name = report.cross_validation().all().model().has_two_valued() ? "AUC" : "R²";
  // As many digits as the spread gives sense to.
  const int digits = spread < 0.005 ? 4 : spread < 0.02 ? 3 : 2;
  const std::string line =
      absl::StrFormat("  cross-validation: %s %.*f ± %.*f over %d folds (%.*f to %.*f)", name, digits, mean, digits,
                      spread, folds.size(), digits, *std::min_element(folds.begin(), folds.end()), digits,
                      *std::max_element(folds.begin(), folds.end()));
  return WrapToWidth(line, terminal.width, 4) + "\n";
}

std::string RefitText(const v1::TrainingReport& report, const Terminal& terminal) {
  if (report.refit_rows() == 0) return "";
  const std::string line = absl::StrCat("  kept: a model that learnt from all ", FormatCount(report.refit_rows()),
                                        " rows; the metrics are those of its twin, which had not seen the holdout");
  return WrapToWidth(line, terminal.width, 4) + "\n";
}

std::string VerdictWords(v1::ConstantVerdict verdict) {
  switch (verdict) {
    case v1::CONSTANT_VERDICT_BETTER:
      return "better than a constant";
    case v1::CONSTANT_VERDICT_NOT_SHOWN:
      return "not shown to be better than a constant: the holdout is too small or too noisy";
    case v1::CONSTANT_VERDICT_NO_BETTER:
      return "no better than a constant";
    case v1::CONSTANT_VERDICT_WORSE:
      return "worse than a constant";
    default:
      return "";
  }
}

// Reports of older releases lack it; they took the normal distribution.
double HalfWidth(const v1::MetricsWithBaseline& metrics) {
  return metrics.has_r2_half_width() ? metrics.r2_half_width() : 1.645 * metrics.r2_standard_error();
}

// What the holdout shows, as the server judged it; empty for reports of a server that did not.
std::string VerdictText(const v1::TrainingReport& report, const Terminal& terminal) {
  if (!report.has_holdout()) {
    if (!report.conclusion().empty()) return "";
    return absl::StrCat(terminal.Paint("  nothing was held out: nothing says how good the model is", Tone::kWarning),
                        "\n");
  }
  const v1::MetricsWithBaseline& holdout = report.holdout();
  std::string words = VerdictWords(holdout.verdict());
  if (words.empty()) return "";
  constexpr int64_t kFewest = 5;
  if (holdout.distinct_inputs() > 0 && holdout.distinct_inputs() < kFewest) {
    words = absl::StrCat("proves nothing: its ", holdout.model().rows(),
                         holdout.model().rows() == 1 ? " row has " : " rows have ", holdout.distinct_inputs(),
                         holdout.distinct_inputs() == 1 ? " distinct input" : " distinct inputs");
  }
  std::string line = absl::StrCat("  holdout: ", words);
  const double constant = holdout.baseline().transformed().mse();
  if (holdout.has_r2_standard_error() && constant > 0) {
    absl::StrAppendFormat(&line, " (R² %.4f ± %.4f, %s, beside the constant)",
                          1 - holdout.model().transformed().mse() / constant, HalfWidth(holdout),
                          holdout.model().has_two_valued() ? "of the probability" : "transformed");
  }
  const Tone tone = holdout.verdict() == v1::CONSTANT_VERDICT_BETTER      ? Tone::kGood
                    : holdout.verdict() == v1::CONSTANT_VERDICT_NOT_SHOWN ? Tone::kWarning
                                                                          : Tone::kBad;
  return absl::StrCat(terminal.Paint(WrapToWidth(line, terminal.width, 4), tone), "\n");
}

// Which settings of the network were compared, and what came of it; empty if the spec fixed them.
std::string ComparedText(const v1::TrainingReport& report, const Terminal& terminal) {
  if (report.compared_size() == 0) return "";
  const char* const scale = report.train().model().has_two_valued() ? "of the deviance" : "transformed";
  std::string line =
      absl::StrCat("  settings: ", report.compared_size(), " compared on rows that were not learnt from; ");
  const auto chosen = std::find_if(report.compared().begin(), report.compared().end(),
                                   [](const v1::ComparedCapacity& compared) { return compared.chosen(); });
  if (chosen == report.compared().end()) {
    absl::StrAppendFormat(&line, "no network was better than a linear model (R² %.4f, %s)", report.linear_r2(), scale);
  } else {
    absl::StrAppendFormat(&line,
                          "%s steps with dropout %g and weight decay %g were best (R² %.4f, %s; a linear model: "
                          "%.4f)",
                          FormatCount(chosen->steps()), chosen->dropout(), chosen->weight_decay(), chosen->r2(), scale,
                          report.linear_r2());
  }
  return WrapToWidth(line, terminal.width, 4) + "\n";
}

// How numbers enter, and which of them may bend; empty for reports of older releases, and without numbers.
std::string EncodingText(const v1::TrainingReport& report, const Terminal& terminal) {
  const v1::NumberEncoding& encoding = report.number_encoding();
  if (encoding.numbers() == 0) return "";
  const std::string line = encoding.with_ramps() == 0
                               ? "  numbers: each enters as it is, without ramps between its quantiles"
                               : absl::StrCat("  numbers: ", encoding.with_ramps(), " of ", encoding.numbers(),
                                              " also enter as ramps between their quantiles, so that they may bend; ",
                                              encoding.ramps(), " ramps in all");
  return WrapToWidth(line, terminal.width, 4) + "\n";
}

// What a model with diminishing returns has learnt of them.
std::string ElasticityText(const v1::TrainingReport& report, const Terminal& terminal) {
  if (!report.has_spend_elasticity()) return "";
  const std::string line = absl::StrFormat(
      "  diminishing returns: 1 %% more spend brings %.2f %% more revenue, for all campaigns and at all spends",
      report.spend_elasticity());
  return WrapToWidth(line, terminal.width, 4) + "\n";
}

std::string EpochsText(const v1::TrainingReport& report, const Terminal& terminal) {
  if (report.epochs_run() == 0) return "";
  const std::string line =
      absl::StrCat("  epochs: ", report.epochs_run(), " run (", report.stop_reason(), "), weights of epoch ",
                   report.best_epoch(), "; ", FormatCount(report.parameter_count()), " parameters");
  return WrapToWidth(Printable(line), terminal.width, 4) + "\n";
}

std::string RangeText(const v1::Feature& feature) {
  if (feature.kind() == v1::FEATURE_KIND_CATEGORICAL) {
    std::vector<std::string> words(feature.vocabulary().begin(), feature.vocabulary().end());
    const size_t known = words.size();
    if (known > 8) words.resize(8);
    return absl::StrCat(absl::StrJoin(words, ", "), known > 8 ? absl::StrCat(" ... (", known, ")") : "");
  }
  if (feature.kind() == v1::FEATURE_KIND_NUMERIC) {
    // "1" is the unit of rates and shares.
    const std::string unit = feature.unit().empty() || feature.unit() == "1" ? "" : " " + feature.unit();
    return absl::StrCat(FormatNumber(feature.seen_min()), " to ", FormatNumber(feature.seen_max()), unit);
  }
  return "";
}

std::string CleanedColumnsText(const v1::CleaningReport& report, const Terminal& terminal) {
  TextTable table(
      {"column", "missing", {"filled with", WhenNarrow::kCut}, "clipped", "clipped to", {"filled", WhenNarrow::kDrop}});
  for (const v1::ColumnCleaning& column : report.columns()) {
    if (column.missing() == 0 && column.clipped() == 0) continue;
    const bool clipped = column.clipped() > 0;
    table.AddRow(
        {column.column(),
         {FormatCount(column.missing()), ToneOfShare(column.missing(), report.rows_in())},
         column.filled() > 0 ? column.fill_value() : "",
         FormatCount(column.clipped()),
         clipped ? absl::StrCat(FormatNumber(column.lower_fence()), " to ", FormatNumber(column.upper_fence())) : "",
         FormatCount(column.filled())});
  }
  return table.empty() ? "" : table.ToString(terminal, "  ");
}

}  // namespace

bool IsRoi(const v1::TargetDescription& target) { return target.name().empty() || target.is_roi(); }

std::string DroppedText(const google::protobuf::RepeatedPtrField<v1::DroppedRows>& dropped, absl::string_view verb,
                        int64_t rows, const Terminal& terminal) {
  std::string text;
  for (const v1::DroppedRows& reason : dropped) {
    if (reason.rows() == 0) continue;
    const std::string line = absl::StrCat("  ", verb, ", ", reason.reason(), ": ", FormatCount(reason.rows()));
    absl::StrAppend(&text, terminal.Paint(Printable(line), ToneOfShare(reason.rows(), rows)), "\n");
  }
  return text;
}

std::string CleaningText(const v1::CleaningReport& report, const Terminal& terminal) {
  std::string text;
  const auto append = [&](const std::string& line, Tone tone) {
    absl::StrAppend(&text, terminal.Paint(WrapToWidth(Printable(line), terminal.width, 4), tone), "\n");
  };
  append(absl::StrCat("  rows: ", FormatCount(report.rows_in()), " read, ", FormatCount(report.rows_used()), " used"),
         ToneOfShare(report.rows_in() - report.rows_used(), report.rows_in()));
  text += DroppedText(report.dropped(), "dropped", report.rows_in(), terminal);
  text += CleanedColumnsText(report, terminal);
  for (const v1::LeftOutColumn& column : report.left_out()) {
    append(absl::StrCat("  left out: ", column.column(), " (", column.reason(), ")"), Tone::kPlain);
  }
  for (int i = 0; i < report.csv_issues_size() && i < kMostIssues; ++i) {
    const v1::CsvIssue& issue = report.csv_issues(i);
    append(absl::StrCat("  line ", issue.line(), issue.column() > 0 ? absl::StrCat(", column ", issue.column()) : "",
                        ": ", issue.message()),
           Tone::kWarning);
  }
  if (report.csv_issue_count() > kMostIssues) {
    append(absl::StrCat("  ... ", FormatCount(report.csv_issue_count()), " cells or rows could not be read"),
           Tone::kWarning);
  }
  return text;
}

std::string MetricsTitle(const v1::TargetDescription& target) {
  if (!target.positive_value().empty()) {
    return absl::StrCat("Metrics of the probability of ", Printable(target.name()), " = ",
                        Printable(target.positive_value()));
  }
  return absl::StrCat("Metrics of ", target.name().empty() ? "ROI" : Printable(target.name()));
}

std::string ConclusionText(const std::string& conclusion, const Terminal& terminal) {
  if (conclusion.empty()) return "";
  const std::string line = absl::StrCat("  ", Printable(conclusion));
  return absl::StrCat(terminal.Paint(WrapToWidth(line, terminal.width, 4), ToneOfConclusion(conclusion)), "\n");
}

std::string MetricsText(const std::vector<MetricsColumn>& parts, const v1::TargetDescription& target,
                        const Terminal& terminal) {
  return MetricsTable(parts).ToString(target, terminal);
}

std::string ReportText(const v1::TrainingReport& report, const Terminal& terminal) {
  const v1::CleaningReport& cleaning = report.cleaning();
  std::string text = absl::StrCat(
      terminal.Paint(MetricsHeading(report), Tone::kHeading), "\n", ConclusionText(report.conclusion(), terminal),
      MetricsText(report, terminal), FoldsText(report, terminal), VerdictText(report, terminal),
      RefitText(report, terminal), ComparedText(report, terminal), EncodingText(report, terminal),
      ElasticityText(report, terminal), EpochsText(report, terminal), SearchText(report, terminal),
      CalibrationText(report.calibration(), terminal), "\n", terminal.Paint("Cleaning", Tone::kHeading), "\n",
      CleaningText(cleaning, terminal));
  if (cleaning.reading().has_file()) {
    absl::StrAppend(&text, "\n", terminal.Paint("Reading", Tone::kHeading), "\n",
                    FileText(cleaning.reading().file(), terminal));
  }
  if (!cleaning.warnings().empty()) {
    absl::StrAppend(&text, "\n", terminal.Paint("Warnings", Tone::kHeading), "\n",
                    WarningsText(cleaning.warnings(), terminal));
  }
  return text;
}

std::string SchemaText(const v1::Schema& schema, const Terminal& terminal) {
  TextTable table({"feature", "kind", {"seen in training", WhenNarrow::kCut}});
  for (const v1::Feature& feature : schema.features()) {
    table.AddRow({feature.name(), FormatKind(feature.kind()), RangeText(feature)});
  }
  return table.ToString(terminal, "  ");
}

}  // namespace roicast::client
