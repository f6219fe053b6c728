// Converts structs of model/ from and to protos of roicast.v1, for the artifact's body and for the API.
//
// Proto → struct trusts nothing: unknown enum values, missing oneofs and numbers out of range return InvalidArgument
// with the field's path, what was expected and what was found. Struct → proto cannot fail.
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/artifact/artifact.h"
#include "model/data/cleaning.h"
#include "model/data/schema.h"
#include "model/data/target.h"
#include "model/evaluation/metrics.h"
#include "model/network/trainer.h"
#include "model/training/training_spec.h"
#include "roicast/v1/common.pb.h"
#include "roicast/v1/model.pb.h"
#include "roicast/v1/reading.pb.h"
#include "roicast/v1/report.pb.h"
#include "roicast/v1/schema.pb.h"
#include "roicast/v1/training_spec.pb.h"

namespace roicast {

// Includes the digest.
v1::Schema SchemaToProto(const Schema& schema);
// Ignores the digest, which follows from the rest.
absl::StatusOr<Schema> SchemaFromProto(const v1::Schema& proto, absl::string_view path);
v1::FeatureKind FeatureKindToProto(FeatureKind kind);
v1::NumericTransform NumericTransformToProto(NumericTransform transform);
v1::Activation ActivationToProto(Activation activation);

v1::DataWarning DataWarningToProto(const DataWarning& warning);
v1::CleaningReport CleaningReportToProto(const CleaningReport& report);
v1::DroppedRows DroppedRowsToProto(const DroppedRows& dropped);
v1::Metrics MetricsToProto(const Metrics& metrics);
v1::MetricsWithBaseline MetricsWithBaselineToProto(const MetricsWithBaseline& metrics);
v1::TargetDescription TargetDescriptionToProto(const TargetDescription& target);
v1::EpochRecord EpochRecordToProto(const EpochRecord& record);
// Parts without rows stay unset.
v1::TrainingReport TrainingReportToProto(const TrainingReport& report);
// Errors: InvalidArgument (a count below 0, a baseline that is not finite).
absl::StatusOr<TrainingReport> TrainingReportFromProto(const v1::TrainingReport& proto);

v1::TargetSpec TargetSpecToProto(const TargetSpec& spec);
TargetSpec TargetSpecFromProto(const v1::TargetSpec& proto);

// With the defaults filled in.
v1::TrainingSpec TrainingSpecToProto(const TrainingSpec& spec);
// Starts from the preset's spec. dataset_digest and model may be empty: the caller decides whether they are required.
// path names the message in errors, such as "spec".
absl::StatusOr<TrainingSpec> TrainingSpecFromProto(const v1::TrainingSpec& proto, absl::string_view path);

v1::Provenance ProvenanceToProto(const Provenance& provenance);
absl::StatusOr<Provenance> ProvenanceFromProto(const v1::Provenance& proto, absl::string_view path);

}  // namespace roicast
