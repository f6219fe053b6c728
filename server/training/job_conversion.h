// Jobs as the store keeps them → as the API tells them.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "model/network/training_observer.h"
#include "roicast/v1/common.pb.h"
#include "roicast/v1/training.pb.h"
#include "server/store/store.h"

namespace roicast {

// DataLoss: the stored messages cannot be parsed.
absl::StatusOr<v1::TrainingJob> JobToProto(const JobRecord& record);

google::protobuf::Timestamp TimeToProto(absl::Time time);
google::protobuf::Duration DurationToProto(absl::Duration duration);
absl::Duration DurationFromProto(const google::protobuf::Duration& proto);
v1::JobPhase PhaseToProto(TrainingPhase phase);
v1::ItemStatus StatusToProto(const absl::Status& status);

}  // namespace roicast
