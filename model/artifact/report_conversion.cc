#include <cmath>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "model/artifact/outcome_conversion.h"
#include "model/artifact/proto_conversion.h"
#include "model/artifact/reading_conversion.h"

namespace roicast {
namespace {

absl::Status Bad(absl::string_view field, absl::string_view expected, absl::string_view got) {
  return absl::InvalidArgumentError(absl::StrCat("report.", field, ": expected ", expected, ", got ", got));
}

absl::Status CheckCount(absl::string_view field, int64_t count) {
  return count >= 0 ? absl::OkStatus() : Bad(field, "at least 0", absl::StrCat(count));
}

v1::ColumnCleaning ColumnCleaningToProto(const ColumnCleaning& column) {
  v1::ColumnCleaning proto;
  proto.set_column(column.column);
  proto.set_missing(column.missing);
  proto.set_filled(column.filled);
  proto.set_fill_value(column.fill_value);
  proto.set_clipped(column.clipped);
  proto.set_outlier_rows_dropped(column.outlier_rows_dropped);
  if (column.lower_fence) proto.set_lower_fence(*column.lower_fence);
  if (column.upper_fence) proto.set_upper_fence(*column.upper_fence);
  proto.set_missing_indicator(column.missing_indicator);
  proto.set_noise_replaced(column.noise_replaced);
  return proto;
}

ColumnCleaning ColumnCleaningFromProto(const v1::ColumnCleaning& proto) {
  ColumnCleaning column;
  column.column = proto.column();
  column.missing = proto.missing();
  column.filled = proto.filled();
  column.fill_value = proto.fill_value();
  column.clipped = proto.clipped();
  column.outlier_rows_dropped = proto.outlier_rows_dropped();
  if (proto.has_lower_fence()) column.lower_fence = proto.lower_fence();
  if (proto.has_upper_fence()) column.upper_fence = proto.upper_fence();
  column.missing_indicator = proto.missing_indicator();
  column.noise_replaced = proto.noise_replaced();
  return column;
}

DataWarning DataWarningFromProto(const v1::DataWarning& proto) {
  DataWarning warning;
  warning.serious = proto.serious();
  warning.column = proto.column();
  warning.lines.assign(proto.lines().begin(), proto.lines().end());
  warning.message = proto.message();
  warning.flags.assign(proto.flags().begin(), proto.flags().end());
  return warning;
}

absl::StatusOr<CleaningReport> CleaningReportFromProto(const v1::CleaningReport& proto) {
  CleaningReport report;
  report.rows_in = proto.rows_in();
  report.rows_used = proto.rows_used();
  for (const auto& dropped : proto.dropped()) report.dropped.push_back({dropped.reason(), dropped.rows()});
  for (const auto& column : proto.columns()) report.columns.push_back(ColumnCleaningFromProto(column));
  for (const auto& left : proto.left_out()) report.left_out.push_back({left.column(), left.reason(), left.value()});
  for (const auto& issue : proto.csv_issues()) {
    report.csv_issues.push_back({issue.line(), issue.column(), issue.message()});
  }
  report.csv_issue_count = proto.csv_issue_count();
  if (proto.has_reading()) {
    ROICAST_ASSIGN_OR_RETURN(report.reading, TableReadingFromProto(proto.reading(), "report.cleaning.reading"));
  }
  for (const auto& warning : proto.warnings()) report.warnings.push_back(DataWarningFromProto(warning));
  return report;
}

v1::RegressionMetrics RegressionToProto(const RegressionMetrics& metrics) {
  v1::RegressionMetrics proto;
  proto.set_mse(metrics.mse);
  proto.set_rmse(metrics.rmse);
  proto.set_mae(metrics.mae);
  proto.set_r2(metrics.r2);
  return proto;
}

RegressionMetrics RegressionFromProto(const v1::RegressionMetrics& proto) {
  RegressionMetrics metrics;
  metrics.mse = proto.mse();
  metrics.rmse = proto.rmse();
  metrics.mae = proto.mae();
  metrics.r2 = proto.r2();
  return metrics;
}

v1::ClassificationMetrics ClassificationToProto(const ClassificationMetrics& metrics) {
  v1::ClassificationMetrics proto;
  proto.set_auc(metrics.auc);
  proto.set_log_loss(metrics.log_loss);
  proto.set_brier(metrics.brier);
  proto.set_base_rate(metrics.base_rate);
  proto.set_threshold(metrics.threshold);
  proto.set_accuracy(metrics.accuracy);
  proto.set_precision(metrics.precision);
  proto.set_recall(metrics.recall);
  proto.set_f1(metrics.f1);
  return proto;
}

ClassificationMetrics ClassificationFromProto(const v1::ClassificationMetrics& proto) {
  ClassificationMetrics metrics;
  metrics.auc = proto.auc();
  metrics.log_loss = proto.log_loss();
  metrics.brier = proto.brier();
  metrics.base_rate = proto.base_rate();
  metrics.threshold = proto.threshold();
  metrics.accuracy = proto.accuracy();
  metrics.precision = proto.precision();
  metrics.recall = proto.recall();
  metrics.f1 = proto.f1();
  return metrics;
}

Metrics MetricsFromProto(const v1::Metrics& proto) {
  Metrics metrics;
  metrics.rows = proto.rows();
  metrics.roi = RegressionFromProto(proto.roi());
  metrics.transformed = RegressionFromProto(proto.transformed());
  metrics.profitable.threshold = proto.profitable().threshold();
  metrics.profitable.accuracy = proto.profitable().accuracy();
  metrics.profitable.precision = proto.profitable().precision();
  metrics.profitable.recall = proto.profitable().recall();
  metrics.profitable.f1 = proto.profitable().f1();
  metrics.profitable.auc = proto.profitable().auc();
  if (proto.has_two_valued()) metrics.two_valued = ClassificationFromProto(proto.two_valued());
  return metrics;
}

// Derived from the numbers beside it, so nothing reads it back.
v1::ConstantVerdict VerdictToProto(ConstantVerdict verdict) {
  switch (verdict) {
    case ConstantVerdict::kNotMeasured:
      return v1::CONSTANT_VERDICT_UNSPECIFIED;
    case ConstantVerdict::kBetter:
      return v1::CONSTANT_VERDICT_BETTER;
    case ConstantVerdict::kNotShown:
      return v1::CONSTANT_VERDICT_NOT_SHOWN;
    case ConstantVerdict::kNoBetter:
      return v1::CONSTANT_VERDICT_NO_BETTER;
    case ConstantVerdict::kWorse:
      return v1::CONSTANT_VERDICT_WORSE;
  }
  return v1::CONSTANT_VERDICT_UNSPECIFIED;
}

// A missing part keeps the defaults of the struct.
void FillMetrics(bool present, const v1::MetricsWithBaseline& proto, MetricsWithBaseline& metrics) {
  if (!present) return;
  metrics.model = MetricsFromProto(proto.model());
  metrics.baseline = MetricsFromProto(proto.baseline());
  metrics.baseline_roi = proto.baseline_roi();
  if (proto.has_r2_standard_error()) metrics.r2_standard_error = proto.r2_standard_error();
  metrics.distinct_inputs = proto.distinct_inputs();
  if (proto.has_first_metric_low()) metrics.first_metric_low = proto.first_metric_low();
  if (proto.has_first_metric_high()) metrics.first_metric_high = proto.first_metric_high();
}

absl::Status CheckCleaning(const CleaningReport& report) {
  ROICAST_RETURN_IF_ERROR(CheckCount("cleaning.rows_in", report.rows_in));
  ROICAST_RETURN_IF_ERROR(CheckCount("cleaning.rows_used", report.rows_used));
  ROICAST_RETURN_IF_ERROR(CheckCount("cleaning.csv_issue_count", report.csv_issue_count));
  for (size_t i = 0; i < report.dropped.size(); ++i) {
    ROICAST_RETURN_IF_ERROR(CheckCount(absl::StrCat("cleaning.dropped[", i, "].rows"), report.dropped[i].rows));
  }
  for (size_t i = 0; i < report.columns.size(); ++i) {
    const ColumnCleaning& column = report.columns[i];
    for (const int64_t count :
         {column.missing, column.filled, column.clipped, column.outlier_rows_dropped, column.noise_replaced}) {
      ROICAST_RETURN_IF_ERROR(CheckCount(absl::StrCat("cleaning.columns[", i, "]"), count));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckMetrics(absl::string_view part, const MetricsWithBaseline& metrics) {
  ROICAST_RETURN_IF_ERROR(CheckCount(absl::StrCat(part, ".model.rows"), metrics.model.rows));
  ROICAST_RETURN_IF_ERROR(CheckCount(absl::StrCat(part, ".baseline.rows"), metrics.baseline.rows));
  ROICAST_RETURN_IF_ERROR(CheckCount(absl::StrCat(part, ".distinct_inputs"), metrics.distinct_inputs));
  if (!std::isfinite(metrics.baseline_roi)) {
    return Bad(absl::StrCat(part, ".baseline_roi"), "a finite number", absl::StrCat(metrics.baseline_roi));
  }
  for (const Metrics* measured : {&metrics.model, &metrics.baseline}) {
    if (!measured->two_valued.has_value()) continue;
    const double threshold = measured->two_valued->threshold;
    if (!(threshold > 0.0 && threshold < 1.0)) {
      return Bad(absl::StrCat(part, ".two_valued.threshold"), "above 0 and below 1", absl::StrCat(threshold));
    }
  }
  if (metrics.r2_standard_error < 0.0) {
    return Bad(absl::StrCat(part, ".r2_standard_error"), "≥ 0", absl::StrCat(metrics.r2_standard_error));
  }
  return absl::OkStatus();
}

absl::Status CheckReport(const TrainingReport& report) {
  ROICAST_RETURN_IF_ERROR(CheckCleaning(report.cleaning));
  ROICAST_RETURN_IF_ERROR(CheckMetrics("train", report.train));
  ROICAST_RETURN_IF_ERROR(CheckMetrics("validation", report.validation));
  ROICAST_RETURN_IF_ERROR(CheckMetrics("holdout", report.holdout));
  ROICAST_RETURN_IF_ERROR(CheckCount("epochs_run", report.epochs_run));
  if (report.best_epoch < 0 || report.best_epoch > report.epochs_run) {
    return Bad("best_epoch", absl::StrCat("0 to epochs_run (", report.epochs_run, ")"),
               absl::StrCat(report.best_epoch));
  }
  ROICAST_RETURN_IF_ERROR(CheckCount("parameter_count", report.parameter_count));
  ROICAST_RETURN_IF_ERROR(CheckCount("refit_rows", report.refit_rows));
  ROICAST_RETURN_IF_ERROR(CheckMetrics("cross_validation.all", report.cross_validation.all));
  ROICAST_RETURN_IF_ERROR(CheckCount("calibration.rows", report.calibration.rows));
  if (report.number_encoding.has_value()) {
    ROICAST_RETURN_IF_ERROR(CheckCount("number_encoding.numbers", report.number_encoding->numbers));
    ROICAST_RETURN_IF_ERROR(CheckCount("number_encoding.with_ramps", report.number_encoding->with_ramps));
    ROICAST_RETURN_IF_ERROR(CheckCount("number_encoding.ramps", report.number_encoding->ramps));
  }
  if (report.spend_elasticity.has_value() && !std::isfinite(*report.spend_elasticity)) {
    return Bad("spend_elasticity", "a finite number", absl::StrCat(*report.spend_elasticity));
  }
  return CheckCount("members", report.members);
}

}  // namespace

v1::DroppedRows DroppedRowsToProto(const DroppedRows& dropped) {
  v1::DroppedRows proto;
  proto.set_reason(dropped.reason);
  proto.set_rows(dropped.rows);
  return proto;
}

v1::DataWarning DataWarningToProto(const DataWarning& warning) {
  v1::DataWarning proto;
  proto.set_serious(warning.serious);
  proto.set_column(warning.column);
  proto.mutable_lines()->Assign(warning.lines.begin(), warning.lines.end());
  proto.set_message(warning.message);
  proto.mutable_flags()->Assign(warning.flags.begin(), warning.flags.end());
  return proto;
}

v1::CleaningReport CleaningReportToProto(const CleaningReport& report) {
  v1::CleaningReport proto;
  proto.set_rows_in(report.rows_in);
  proto.set_rows_used(report.rows_used);
  for (const DroppedRows& dropped : report.dropped) *proto.add_dropped() = DroppedRowsToProto(dropped);
  for (const ColumnCleaning& column : report.columns) *proto.add_columns() = ColumnCleaningToProto(column);
  for (const LeftOutColumn& left : report.left_out) {
    v1::LeftOutColumn* out = proto.add_left_out();
    out->set_column(left.column);
    out->set_reason(left.reason);
    out->set_value(left.value);
  }
  for (const CsvIssue& issue : report.csv_issues) {
    v1::CsvIssue* out = proto.add_csv_issues();
    out->set_line(issue.line);
    out->set_column(issue.column);
    out->set_message(issue.message);
  }
  proto.set_csv_issue_count(report.csv_issue_count);
  if (report.reading.has_value()) *proto.mutable_reading() = TableReadingToProto(*report.reading);
  for (const DataWarning& warning : report.warnings) *proto.add_warnings() = DataWarningToProto(warning);
  return proto;
}

v1::Metrics MetricsToProto(const Metrics& metrics) {
  v1::Metrics proto;
  proto.set_rows(metrics.rows);
  *proto.mutable_roi() = RegressionToProto(metrics.roi);
  *proto.mutable_transformed() = RegressionToProto(metrics.transformed);
  v1::ProfitabilityMetrics* profitable = proto.mutable_profitable();
  profitable->set_threshold(metrics.profitable.threshold);
  profitable->set_accuracy(metrics.profitable.accuracy);
  profitable->set_precision(metrics.profitable.precision);
  profitable->set_recall(metrics.profitable.recall);
  profitable->set_f1(metrics.profitable.f1);
  profitable->set_auc(metrics.profitable.auc);
  if (metrics.two_valued.has_value()) *proto.mutable_two_valued() = ClassificationToProto(*metrics.two_valued);
  return proto;
}

v1::MetricsWithBaseline MetricsWithBaselineToProto(const MetricsWithBaseline& metrics) {
  v1::MetricsWithBaseline proto;
  *proto.mutable_model() = MetricsToProto(metrics.model);
  *proto.mutable_baseline() = MetricsToProto(metrics.baseline);
  proto.set_baseline_roi(metrics.baseline_roi);
  if (!std::isnan(metrics.r2_standard_error)) proto.set_r2_standard_error(metrics.r2_standard_error);
  const double half_width = RelativeR2HalfWidth(metrics);
  if (!std::isnan(half_width)) proto.set_r2_half_width(half_width);
  proto.set_distinct_inputs(metrics.distinct_inputs);
  proto.set_verdict(VerdictToProto(JudgeAgainstConstant(metrics)));
  if (!std::isnan(metrics.first_metric_low)) proto.set_first_metric_low(metrics.first_metric_low);
  if (!std::isnan(metrics.first_metric_high)) proto.set_first_metric_high(metrics.first_metric_high);
  return proto;
}

v1::EpochRecord EpochRecordToProto(const EpochRecord& record) {
  v1::EpochRecord proto;
  proto.set_epoch(record.epoch);
  proto.set_train_loss(record.train_loss);
  proto.set_validation_loss(record.validation_loss);
  proto.set_validation_r2(record.validation_r2);
  proto.set_learning_rate(record.learning_rate);
  return proto;
}

v1::TrainingReport TrainingReportToProto(const TrainingReport& report) {
  v1::TrainingReport proto;
  *proto.mutable_cleaning() = CleaningReportToProto(report.cleaning);
  if (report.train.model.rows > 0) *proto.mutable_train() = MetricsWithBaselineToProto(report.train);
  if (report.validation.model.rows > 0) *proto.mutable_validation() = MetricsWithBaselineToProto(report.validation);
  if (report.holdout.model.rows > 0) *proto.mutable_holdout() = MetricsWithBaselineToProto(report.holdout);
  for (const EpochRecord& record : report.epochs) *proto.add_epochs() = EpochRecordToProto(record);
  proto.set_best_epoch(report.best_epoch);
  proto.set_epochs_run(report.epochs_run);
  proto.set_stop_reason(report.stop_reason);
  proto.set_parameter_count(report.parameter_count);
  for (const ComparedCapacity& compared : report.capacity.compared) {
    v1::ComparedCapacity& out = *proto.add_compared();
    out.set_steps(compared.capacity.steps);
    out.set_dropout(compared.capacity.dropout);
    out.set_weight_decay(compared.capacity.weight_decay);
    out.set_network_share(compared.network_share);
    out.set_r2(compared.r2);
    out.set_chosen(compared.chosen);
  }
  if (!report.capacity.compared.empty()) proto.set_linear_r2(report.capacity.linear_r2);
  OutcomeToProto(report, proto);
  return proto;
}

absl::StatusOr<TrainingReport> TrainingReportFromProto(const v1::TrainingReport& proto) {
  TrainingReport report;
  ROICAST_ASSIGN_OR_RETURN(report.cleaning, CleaningReportFromProto(proto.cleaning()));
  FillMetrics(proto.has_train(), proto.train(), report.train);
  FillMetrics(proto.has_validation(), proto.validation(), report.validation);
  FillMetrics(proto.has_holdout(), proto.holdout(), report.holdout);
  for (const v1::EpochRecord& record : proto.epochs()) {
    report.epochs.push_back({record.epoch(), record.train_loss(), record.validation_loss(), record.validation_r2(),
                             record.learning_rate()});
  }
  report.best_epoch = proto.best_epoch();
  report.epochs_run = proto.epochs_run();
  report.stop_reason = proto.stop_reason();
  report.parameter_count = proto.parameter_count();
  for (const v1::ComparedCapacity& compared : proto.compared()) {
    report.capacity.compared.push_back({{compared.steps(), compared.dropout(), compared.weight_decay()},
                                        compared.network_share(),
                                        compared.r2(),
                                        compared.chosen()});
  }
  report.capacity.linear_r2 = proto.linear_r2();
  OutcomeFromProto(proto, report);
  FillMetrics(proto.has_cross_validation(), proto.cross_validation().all(), report.cross_validation.all);
  ROICAST_RETURN_IF_ERROR(CheckReport(report));
  return report;
}

}  // namespace roicast
