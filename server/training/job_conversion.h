// Jobs between the forms that the store, the API and model/ have of them.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "model/network/training_observer.h"
#include "model/training/training_spec.h"
#include "roicast/v1/common.pb.h"
#include "roicast/v1/training.pb.h"
#include "server/store/store.h"

namespace roicast {

// A spec of more than kMaxSpecBytes, which older releases took, is left out. DataLoss: the stored messages cannot be
// parsed.
absl::StatusOr<v1::TrainingJob> JobToProto(const JobRecord& record);

// RequestTooLarge: it has more than kMaxSpecBytes.
absl::Status CheckSpecBytes(int64_t bytes);

// A spec as the store keeps it: a serialized v1::TrainingSpec with the defaults filled in.
std::string SpecToBytes(const TrainingSpec& spec);
// DataLoss.
absl::StatusOr<TrainingSpec> SpecFromBytes(const std::string& bytes);

google::protobuf::Timestamp TimeToProto(absl::Time time);
google::protobuf::Duration DurationToProto(absl::Duration duration);
v1::JobState StateToProto(JobState state);
// Whether the job will not change any more.
bool HasEnded(const v1::TrainingJob& job);
v1::JobPhase PhaseToProto(TrainingPhase phase);
v1::ItemStatus StatusToProto(const absl::Status& status);

}  // namespace roicast
