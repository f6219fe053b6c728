#include "server/training/job_conversion.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "base/one_line.h"
#include "model/artifact/proto_conversion.h"
#include "server/errors/errors.h"

namespace roicast {
namespace {

// Names of columns may be anything.
constexpr size_t kMaxErrorBytes = 2000;

}  // namespace

absl::StatusOr<v1::TrainingJob> JobToProto(const JobRecord& record) {
  v1::TrainingJob job;
  job.set_id(record.id);
  job.set_state(StateToProto(record.state));
  const bool left_out = static_cast<int64_t>(record.spec.size()) > kMaxSpecBytes;
  if (left_out) job.set_spec_bytes_left_out(static_cast<int64_t>(record.spec.size()));
  if ((!left_out && !job.mutable_spec()->ParseFromString(record.spec)) ||
      (!record.progress.empty() && !job.mutable_progress()->ParseFromString(record.progress)) ||
      (!record.report.empty() && !job.mutable_report()->ParseFromString(record.report))) {
    return absl::DataLossError(absl::StrCat("job \"", record.id, "\": its record cannot be read"));
  }
  // The store's lists leave it out themselves.
  if (left_out || record.spec.empty()) job.mutable_spec()->set_model(record.model);
  if (!record.error.ok()) *job.mutable_error() = StatusToProto(record.error);
  job.set_version(record.version);
  job.set_artifact_digest(record.artifact_digest);
  job.set_not_serving(record.not_serving);
  *job.mutable_create_time() = TimeToProto(record.create_time);
  if (record.start_time.has_value()) *job.mutable_start_time() = TimeToProto(*record.start_time);
  if (record.end_time.has_value()) *job.mutable_end_time() = TimeToProto(*record.end_time);
  job.set_resumable(record.state == JobState::kInterrupted && record.has_checkpoint);
  return job;
}

absl::Status CheckSpecBytes(int64_t bytes) {
  return bytes <= kMaxSpecBytes ? absl::OkStatus() : RequestTooLarge("spec bytes", kMaxSpecBytes, bytes);
}

std::string SpecToBytes(const TrainingSpec& spec) { return TrainingSpecToProto(spec).SerializeAsString(); }

absl::StatusOr<TrainingSpec> SpecFromBytes(const std::string& bytes) {
  v1::TrainingSpec proto;
  if (!proto.ParseFromString(bytes)) return absl::DataLossError("the job's spec cannot be read");
  absl::StatusOr<TrainingSpec> spec = TrainingSpecFromProto(proto, "spec");
  if (spec.ok()) return spec;
  return absl::DataLossError(absl::StrCat("the job's spec cannot be read: ", spec.status().message()));
}

google::protobuf::Timestamp TimeToProto(absl::Time time) {
  const absl::Duration since = time - absl::UnixEpoch();
  const absl::Duration seconds = absl::Floor(since, absl::Seconds(1));
  google::protobuf::Timestamp proto;
  proto.set_seconds(absl::ToInt64Seconds(seconds));
  proto.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(since - seconds)));
  return proto;
}

google::protobuf::Duration DurationToProto(absl::Duration duration) {
  google::protobuf::Duration proto;
  const int64_t seconds = absl::IDivDuration(duration, absl::Seconds(1), &duration);
  proto.set_seconds(seconds);
  proto.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(duration)));
  return proto;
}

v1::JobState StateToProto(JobState state) {
  switch (state) {
    case JobState::kQueued:
      return v1::JOB_STATE_QUEUED;
    case JobState::kRunning:
      return v1::JOB_STATE_RUNNING;
    case JobState::kSucceeded:
      return v1::JOB_STATE_SUCCEEDED;
    case JobState::kFailed:
      return v1::JOB_STATE_FAILED;
    case JobState::kCancelled:
      return v1::JOB_STATE_CANCELLED;
    case JobState::kInterrupted:
      return v1::JOB_STATE_INTERRUPTED;
  }
  return v1::JOB_STATE_UNSPECIFIED;
}

bool HasEnded(const v1::TrainingJob& job) {
  return std::any_of(std::begin(kAllJobStates), std::end(kAllJobStates),
                     [&](JobState state) { return IsFinal(state) && StateToProto(state) == job.state(); });
}

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

v1::ItemStatus StatusToProto(const absl::Status& status) {
  v1::ItemStatus proto;
  proto.set_code(static_cast<int32_t>(status.code()));
  proto.set_message(OneLine(status.message(), kMaxErrorBytes));
  proto.set_reason(ReasonOf(status));
  return proto;
}

}  // namespace roicast
