#include "server/training/model_training.h"

#include <cmath>
#include <limits>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "model/artifact/artifact.h"
#include "model/artifact/proto_conversion.h"
#include "model/predictor/predictor.h"
#include "model/training/train_model.h"
#include "server/training/memory_limit.h"

namespace roicast {
namespace {

v1::JobPhase PhaseToProto(TrainingPhase phase) {
  switch (phase) {
    case TrainingPhase::kReading:
      return v1::JOB_PHASE_READING;
    case TrainingPhase::kPreparing:
      return v1::JOB_PHASE_PREPARING;
    case TrainingPhase::kTraining:
      return v1::JOB_PHASE_TRAINING;
    case TrainingPhase::kEvaluating:
      return v1::JOB_PHASE_EVALUATING;
    case TrainingPhase::kPublishing:
      return v1::JOB_PHASE_PUBLISHING;
  }
  return v1::JOB_PHASE_UNSPECIFIED;
}

// Half of what there is: the other half is for the table and for serving, which training must not bring down.
int64_t MaxEncodedBytes() { return MemoryLimit() / 2; }

}  // namespace

absl::StatusOr<CsvTable> ReadDataset(const DatasetRecord& record,
                                     std::vector<std::pair<std::string, FeatureKind>> kinds) {
  CsvTableOptions options;
  options.delimiter = record.format.delimiter;
  options.header = !record.format.no_header;
  options.missing_values = record.format.missing_values;
  options.kinds = std::move(kinds);
  absl::StatusOr<CsvTable> table = ReadCsvFile(record.path, options);
  if (table.ok()) return table;
  // Whoever uploaded it knows it by its name, not by our file's.
  const std::string name =
      absl::StrCat("dataset \"", record.display_name.empty() ? record.digest : record.display_name, "\"");
  return absl::Status(table.status().code(), absl::StrReplaceAll(table.status().message(), {{record.path, name}}));
}

absl::StatusOr<v1::TrainingSpec> NormalizeTrainingSpec(const v1::TrainingSpec& proto) {
  ROICAST_ASSIGN_OR_RETURN(const TrainingSpec spec, TrainingSpecFromProto(proto, "spec"));
  ROICAST_RETURN_IF_ERROR(WithContext(spec.Validate(), "spec"));
  v1::TrainingSpec normal = TrainingSpecToProto(spec);
  // A limit on the wall clock is no part of the model and so not of the spec that model/ knows.
  if (proto.training().has_time_limit()) {
    *normal.mutable_training()->mutable_time_limit() = proto.training().time_limit();
  }
  return normal;
}

absl::StatusOr<TrainedModel> TrainJob(const TrainRequest& request, TrainControl& control) {
  ROICAST_ASSIGN_OR_RETURN(const TrainingSpec spec, TrainingSpecFromProto(request.spec, "spec"));
  std::optional<Artifact> warm_start;
  if (!request.warm_start.empty()) {
    ROICAST_ASSIGN_OR_RETURN(warm_start, ParseArtifact(request.warm_start));
  }
  std::optional<TrainerCheckpoint> resume_from;
  if (request.resume_from.has_value()) {
    resume_from.emplace();
    resume_from->epoch = request.resume_from->epoch;
    resume_from->bytes = request.resume_from->bytes;
  }
  control.OnPhase(v1::JOB_PHASE_READING);
  ROICAST_ASSIGN_OR_RETURN(const CsvTable data, ReadDataset(request.dataset, KnownKinds(spec)));
  if (control.StopRequested()) return absl::CancelledError("stopped while reading");

  TrainModelHooks hooks;
  hooks.on_phase = [&control](TrainingPhase phase) { control.OnPhase(PhaseToProto(phase)); };
  hooks.on_epoch = [&control](const EpochRecord& epoch) { return control.OnEpoch(EpochRecordToProto(epoch)); };
  hooks.cancelled = [&control] { return control.StopRequested(); };
  hooks.wants_checkpoint = [&control] { return control.WantsCheckpoint(); };
  hooks.on_checkpoint = [&control](const TrainerCheckpoint& checkpoint) {
    control.OnCheckpoint({checkpoint.epoch, checkpoint.bytes});
  };
  hooks.resume_from = resume_from.has_value() ? &*resume_from : nullptr;
  hooks.warm_start = warm_start.has_value() ? &*warm_start : nullptr;
  hooks.now = [] { return absl::Now(); };
  hooks.max_encoded_bytes = MaxEncodedBytes();
  // A server's own limit ends the epochs, and is no part of what was asked for: artifacts do not differ by it.
  TrainingSpec limited = spec;
  limited.training.time_limit = request.time_limit;
  ROICAST_ASSIGN_OR_RETURN(Artifact artifact, TrainModel(data, limited, hooks));
  artifact.provenance.spec.training.time_limit = spec.training.time_limit;

  TrainedModel trained;
  trained.artifact = SerializeArtifact(artifact);
  // What is published is what came back from the bytes.
  ROICAST_ASSIGN_OR_RETURN(const Artifact reread, ParseArtifact(trained.artifact));
  ROICAST_RETURN_IF_ERROR(Predictor::Compile(reread).status());
  trained.network = artifact.mlp.Describe();
  const Metrics& holdout = artifact.report.holdout.model;
  trained.holdout_r2 = holdout.rows > 0 ? holdout.transformed.r2 : std::numeric_limits<double>::quiet_NaN();
  trained.report = TrainingReportToProto(artifact.report);
  return trained;
}

}  // namespace roicast
