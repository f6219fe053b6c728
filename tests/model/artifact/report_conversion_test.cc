#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <string>

#include "model/artifact/proto_conversion.h"

namespace roicast {
namespace {

using google::protobuf::FieldDescriptor;

// Gives each field of a message, and of those within, a value of its own, twice if it is repeated.
class Filler {
 public:
  void Fill(google::protobuf::Message& message) {
    for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
      const FieldDescriptor* field = message.GetDescriptor()->field(i);
      for (int k = 0; k < (field->is_repeated() ? 2 : 1); ++k) FillField(*field, message);
    }
  }

 private:
  void FillField(const FieldDescriptor& field, google::protobuf::Message& message) {
    const google::protobuf::Reflection& to = *message.GetReflection();
    const bool repeated = field.is_repeated();
    ++next_;
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return Fill(repeated ? *to.AddMessage(&message, &field) : *to.MutableMessage(&message, &field));
      case FieldDescriptor::CPPTYPE_DOUBLE:
        // A probability.
        if (field.full_name() == "roicast.v1.ClassificationMetrics.threshold") {
          return to.SetDouble(&message, &field, 1.0 / (next_ + 1));
        }
        return repeated ? to.AddDouble(&message, &field, next_ + 0.5) : to.SetDouble(&message, &field, next_ + 0.5);
      case FieldDescriptor::CPPTYPE_INT64:
        return repeated ? to.AddInt64(&message, &field, next_) : to.SetInt64(&message, &field, next_);
      case FieldDescriptor::CPPTYPE_INT32:
        return repeated ? to.AddInt32(&message, &field, next_) : to.SetInt32(&message, &field, next_);
      case FieldDescriptor::CPPTYPE_BOOL:
        return repeated ? to.AddBool(&message, &field, true) : to.SetBool(&message, &field, true);
      case FieldDescriptor::CPPTYPE_STRING:
        return repeated ? to.AddString(&message, &field, "text " + std::to_string(next_))
                        : to.SetString(&message, &field, "text " + std::to_string(next_));
      case FieldDescriptor::CPPTYPE_ENUM:
        if (field.enum_type()->name() == "ConstantVerdict") {
          // Derived from the numbers: the constant's errors are larger than the model's, and so is the standard error.
          return to.SetEnumValue(&message, &field, v1::CONSTANT_VERDICT_NOT_SHOWN);
        }
        return to.SetEnum(&message, &field, field.enum_type()->value(field.enum_type()->value_count() - 1));
      default:
        FAIL() << field.full_name() << " has a type that this test does not know";
    }
  }

  int next_ = 0;
};

// The mean ROI of the training rows was once left out, and evaluations stood beside a constant of 0.
TEST(ReportConversion, EveryFieldRoundTrips) {
  v1::TrainingReport proto;
  Filler().Fill(proto);
  // These take only what is known.
  v1::TableReading& reading = *proto.mutable_cleaning()->mutable_reading();
  reading.mutable_file()->set_delimiter(";");
  for (v1::LeftOutRows& rows : *reading.mutable_file()->mutable_left_out()) rows.set_reason("totals");
  for (int i = 0; i < 2; ++i) {
    v1::ColumnReading& column = *reading.mutable_columns(i);
    column.set_kind(i == 0 ? v1::FEATURE_KIND_NUMERIC : v1::FEATURE_KIND_TIME);
    column.set_thousands_separator(".");
    if (i == 0) {
      column.clear_times();
    } else {
      column.clear_decimal_mark(), column.clear_thousands_separator(), column.clear_scale(), column.clear_unit_word();
    }
  }
  const auto report = TrainingReportFromProto(proto);
  ASSERT_TRUE(report.ok()) << report.status();
  // Follows from the numbers beside it.
  proto.mutable_train()->set_r2_half_width(RelativeR2HalfWidth(report->train));
  proto.mutable_validation()->set_r2_half_width(RelativeR2HalfWidth(report->validation));
  proto.mutable_holdout()->set_r2_half_width(RelativeR2HalfWidth(report->holdout));
  proto.mutable_cross_validation()->mutable_all()->set_r2_half_width(RelativeR2HalfWidth(report->cross_validation.all));
  // Follows from the name.
  proto.mutable_target()->set_is_revenue(false);
  EXPECT_EQ(TrainingReportToProto(*report).DebugString(), proto.DebugString());
}

TEST(ReportConversion, PartsWithoutRowsAreLeftUnset) {
  TrainingReport report;
  report.train.model.rows = 10;
  report.train.model.roi.r2 = 0.5;
  report.cleaning.rows_in = 12;
  report.cleaning.dropped.push_back({"duplicate", 2});
  report.epochs.push_back({1, 0.5, 0.6, 0.7, 1e-3});
  const v1::TrainingReport proto = TrainingReportToProto(report);
  EXPECT_TRUE(proto.has_train());
  EXPECT_FALSE(proto.has_validation());
  EXPECT_FALSE(proto.has_holdout());
  const auto back = TrainingReportFromProto(proto);
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->train.model.roi.r2, 0.5);
  EXPECT_EQ(back->cleaning.dropped[0].reason, "duplicate");
  EXPECT_EQ(TrainingReportToProto(*back).SerializeAsString(), proto.SerializeAsString());
}

// Artifacts of releases that did not compute it.
TEST(ReportConversion, AnUnknownStandardErrorStaysUnknown) {
  v1::TrainingReport proto;
  proto.mutable_holdout()->mutable_model()->set_rows(10);
  proto.mutable_holdout()->mutable_model()->mutable_transformed()->set_mse(3);
  proto.mutable_holdout()->mutable_baseline()->mutable_transformed()->set_mse(2);
  const auto report = TrainingReportFromProto(proto);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_TRUE(std::isnan(report->holdout.r2_standard_error));
  const v1::TrainingReport back = TrainingReportToProto(*report);
  EXPECT_FALSE(back.holdout().has_r2_standard_error());
  EXPECT_EQ(back.holdout().verdict(), v1::CONSTANT_VERDICT_NO_BETTER);
}

std::string MessageAfter(const std::function<void(v1::TrainingReport&)>& change) {
  v1::TrainingReport proto;
  change(proto);
  const absl::Status status = TrainingReportFromProto(proto).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
  return std::string(status.message());
}

TEST(ReportConversion, NamesTheImpossibleNumber) {
  EXPECT_EQ(MessageAfter([](auto& r) { r.mutable_cleaning()->set_rows_in(-1); }),
            "report.cleaning.rows_in: expected at least 0, got -1");
  EXPECT_EQ(MessageAfter([](auto& r) { r.mutable_cleaning()->add_dropped()->set_rows(-2); }),
            "report.cleaning.dropped[0].rows: expected at least 0, got -2");
  EXPECT_EQ(MessageAfter([](auto& r) { r.mutable_cleaning()->add_columns()->set_clipped(-3); }),
            "report.cleaning.columns[0]: expected at least 0, got -3");
  EXPECT_EQ(MessageAfter([](auto& r) { r.mutable_holdout()->mutable_model()->set_rows(-4); }),
            "report.holdout.model.rows: expected at least 0, got -4");
  EXPECT_EQ(MessageAfter([](auto& r) { r.mutable_train()->set_baseline_roi(std::numeric_limits<double>::infinity()); }),
            "report.train.baseline_roi: expected a finite number, got inf");
  EXPECT_EQ(MessageAfter([](auto& r) { r.mutable_holdout()->set_r2_standard_error(-0.5); }),
            "report.holdout.r2_standard_error: expected ≥ 0, got -0.5");
  EXPECT_EQ(MessageAfter([](auto& r) { r.set_epochs_run(-5); }), "report.epochs_run: expected at least 0, got -5");
  EXPECT_EQ(MessageAfter([](auto& r) { r.set_epochs_run(3), r.set_best_epoch(4); }),
            "report.best_epoch: expected 0 to epochs_run (3), got 4");
  EXPECT_EQ(MessageAfter([](auto& r) { r.set_parameter_count(-6); }),
            "report.parameter_count: expected at least 0, got -6");
  EXPECT_EQ(MessageAfter([](auto& r) { r.set_refit_rows(-7); }), "report.refit_rows: expected at least 0, got -7");
  EXPECT_EQ(MessageAfter([](auto& r) { r.mutable_calibration()->set_rows(-8); }),
            "report.calibration.rows: expected at least 0, got -8");
  EXPECT_EQ(MessageAfter([](auto& r) { r.set_members(-9); }), "report.members: expected at least 0, got -9");
  EXPECT_EQ(MessageAfter([](auto& r) { r.set_spend_elasticity(NAN); }),
            "report.spend_elasticity: expected a finite number, got nan");
  EXPECT_EQ(MessageAfter([](auto& r) { r.mutable_number_encoding()->set_ramps(-10); }),
            "report.number_encoding.ramps: expected at least 0, got -10");
}

}  // namespace
}  // namespace roicast
