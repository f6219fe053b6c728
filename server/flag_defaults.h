// The defaults of the server's flags, which the parts that they configure share.
#pragma once

#include <cstdint>

#include "absl/time/time.h"

namespace roicast::defaults {

inline constexpr char kListen[] = "0.0.0.0:8500";
inline constexpr char kHttpAddress[] = "0.0.0.0";
inline constexpr int kHttpPort = 8501;

inline constexpr char kModel[] = "default";
inline constexpr int kMaxExtraVersions = 8;

// The limits fit together: 500,000 rows of 20 float32 (40 MB) fit into a message, and their answer (2 MB of predictions
// and a list of issues that is cut) into the 4 MiB that gRPC's clients take by default.
inline constexpr int64_t kMaxBatchRows = 500000;
inline constexpr int kMaxMessageBytes = 64 << 20;
inline constexpr int kMaxWaitingBatches = 256;
// More would only make each other late.
inline constexpr int kDecisionThreads = 8;
inline constexpr int64_t kMaxDatasetBytes = int64_t{4} << 30;
inline constexpr int64_t kMaxStoreBytes = int64_t{64} << 30;
inline constexpr int64_t kMaxModels = 1000;
inline constexpr int64_t kMaxVersions = 1000;

// What one client may cost; the parts of the transport have the same defaults.
inline constexpr int kMaxStreamsPerConnection = 1024;
inline constexpr int kMaxHeaderBytes = 16 << 10;
inline constexpr int kMaxHeaders = 128;
inline constexpr int kMaxUselessFrames = 1000;
inline constexpr absl::Duration kPrefaceTimeout = absl::Seconds(10);
inline constexpr absl::Duration kHeaderTimeout = absl::Seconds(10);
inline constexpr absl::Duration kBodyTimeout = absl::Seconds(30);
inline constexpr absl::Duration kIdleTimeout = absl::Minutes(30);
inline constexpr absl::Duration kWriteTimeout = absl::Seconds(20);
inline constexpr absl::Duration kKeepaliveTime = absl::Seconds(60);
inline constexpr absl::Duration kKeepaliveTimeout = absl::Seconds(20);
inline constexpr absl::Duration kMaxConnectionAgeGrace = absl::Seconds(60);

inline constexpr int kTrainingWorkers = 1;
inline constexpr int kMaxQueuedJobs = 16;
inline constexpr absl::Duration kTrainingTimeLimit = absl::Hours(6);
inline constexpr absl::Duration kCheckpointInterval = absl::Seconds(30);

inline constexpr int64_t kAccessLogEvery = 0;

}  // namespace roicast::defaults
