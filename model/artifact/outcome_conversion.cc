#include "model/artifact/outcome_conversion.h"

#include <cmath>
#include <utility>

#include "model/artifact/proto_conversion.h"
#include "model/artifact/shapes_conversion.h"
#include "model/data/target_description.h"

namespace roicast {
namespace {

v1::CrossValidation CrossValidationToProto(const CrossValidation& validation) {
  v1::CrossValidation proto;
  proto.mutable_first_metric()->Assign(validation.first_metric.begin(), validation.first_metric.end());
  *proto.mutable_all() = MetricsWithBaselineToProto(validation.all);
  return proto;
}

v1::TriedModel TriedModelToProto(const TriedModel& tried) {
  v1::TriedModel proto;
  proto.set_description(tried.description);
  proto.set_score(tried.score);
  proto.set_seconds(tried.seconds);
  proto.set_share(tried.share);
  return proto;
}

v1::ReductionReport ReductionToProto(const ReductionReport& reduction) {
  v1::ReductionReport proto;
  proto.set_step(reduction.step);
  proto.set_metric_before(reduction.metric_before);
  proto.set_metric_after(reduction.metric_after);
  proto.set_multiplications_before(reduction.multiplications_before);
  proto.set_multiplications_after(reduction.multiplications_after);
  proto.mutable_left_out()->Assign(reduction.left_out.begin(), reduction.left_out.end());
  return proto;
}

ReductionReport ReductionFromProto(const v1::ReductionReport& proto) {
  ReductionReport reduction;
  reduction.step = proto.step();
  reduction.metric_before = proto.metric_before();
  reduction.metric_after = proto.metric_after();
  reduction.multiplications_before = proto.multiplications_before();
  reduction.multiplications_after = proto.multiplications_after();
  reduction.left_out.assign(proto.left_out().begin(), proto.left_out().end());
  return reduction;
}

v1::CalibrationReport CalibrationToProto(const CalibrationReport& calibration) {
  v1::CalibrationReport proto;
  proto.set_rows(calibration.rows);
  if (!std::isnan(calibration.coverage)) proto.set_coverage(calibration.coverage);
  if (!std::isnan(calibration.relative_width)) proto.set_relative_width(calibration.relative_width);
  if (!std::isnan(calibration.profit_reliability_error)) {
    proto.set_profit_reliability_error(calibration.profit_reliability_error);
  }
  proto.set_missing_because(calibration.missing_because);
  return proto;
}

CalibrationReport CalibrationFromProto(const v1::CalibrationReport& proto) {
  CalibrationReport calibration;
  calibration.rows = proto.rows();
  if (proto.has_coverage()) calibration.coverage = proto.coverage();
  if (proto.has_relative_width()) calibration.relative_width = proto.relative_width();
  if (proto.has_profit_reliability_error()) calibration.profit_reliability_error = proto.profit_reliability_error();
  calibration.missing_because = proto.missing_because();
  return calibration;
}

}  // namespace

v1::TargetDescription TargetDescriptionToProto(const TargetDescription& target) {
  v1::TargetDescription proto;
  proto.set_name(target.name);
  proto.set_is_roi(target.is_roi);
  proto.set_is_revenue(IsRevenue(target));
  proto.set_positive_value(target.positive_value);
  proto.set_negative_value(target.negative_value);
  return proto;
}

void OutcomeToProto(const TrainingReport& report, v1::TrainingReport& proto) {
  proto.set_refit_rows(report.refit_rows);
  proto.set_conclusion(report.conclusion);
  if (!report.cross_validation.first_metric.empty()) {
    *proto.mutable_cross_validation() = CrossValidationToProto(report.cross_validation);
  }
  for (const TriedModel& tried : report.tried) *proto.add_tried() = TriedModelToProto(tried);
  for (const ReductionReport& reduction : report.reductions) *proto.add_reductions() = ReductionToProto(reduction);
  if (!report.calibration.empty()) *proto.mutable_calibration() = CalibrationToProto(report.calibration);
  proto.set_members(report.members);
  if (report.target != TargetDescription()) *proto.mutable_target() = TargetDescriptionToProto(report.target);
  if (report.number_encoding.has_value()) {
    v1::NumberEncoding& encoding = *proto.mutable_number_encoding();
    encoding.set_numbers(report.number_encoding->numbers);
    encoding.set_with_ramps(report.number_encoding->with_ramps);
    encoding.set_ramps(report.number_encoding->ramps);
  }
  if (report.spend_elasticity.has_value()) proto.set_spend_elasticity(*report.spend_elasticity);
  if (report.new_rows.rows > 0) *proto.mutable_new_rows() = NewRowsToProto(report.new_rows);
}

void OutcomeFromProto(const v1::TrainingReport& proto, TrainingReport& report) {
  report.refit_rows = proto.refit_rows();
  report.conclusion = proto.conclusion();
  report.cross_validation.first_metric.assign(proto.cross_validation().first_metric().begin(),
                                              proto.cross_validation().first_metric().end());
  for (const v1::TriedModel& tried : proto.tried()) {
    report.tried.push_back({tried.description(), tried.score(), tried.seconds(), tried.share()});
  }
  for (const v1::ReductionReport& reduction : proto.reductions()) {
    report.reductions.push_back(ReductionFromProto(reduction));
  }
  report.calibration = CalibrationFromProto(proto.calibration());
  report.members = proto.members();
  report.target.name = proto.target().name();
  report.target.is_roi = proto.target().is_roi();
  report.target.positive_value = proto.target().positive_value();
  report.target.negative_value = proto.target().negative_value();
  if (proto.has_number_encoding()) {
    const v1::NumberEncoding& encoding = proto.number_encoding();
    report.number_encoding = {encoding.numbers(), encoding.with_ramps(), encoding.ramps()};
  }
  if (proto.has_spend_elasticity()) report.spend_elasticity = proto.spend_elasticity();
  report.new_rows = NewRowsFromProto(proto.new_rows());
}

}  // namespace roicast
