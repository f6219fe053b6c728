// Any bytes of a BatchPredict request mean what the generated parser says that they mean, and are answered with the
// same bytes or the same error, whichever of the ways into the server they take. The first byte says whether the others
// come as a call or as an item of a stream.
#include <prometheus/registry.h>

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "base/check.h"
#include "server/services/prediction/batch_prediction.h"
#include "server/services/prediction/batch_request.h"
#include "server/services/prediction/model_binding.h"
#include "server/serving/served_model.h"
#include "server/telemetry/metrics.h"
#include "tests/model/artifact/artifact_bytes.h"

namespace roicast {
namespace {

constexpr int64_t kMaxRows = 1000;

const ServedModel& Model() {
  static const std::shared_ptr<const ServedModel> model = [] {
    static prometheus::Registry registry;
    static ServerMetrics metrics(registry, {});
    absl::StatusOr<std::shared_ptr<const ServedModel>> loaded =
        ServedModel::Load("default", 1, SerializeArtifact(testing::SmallArtifact()), ModelBinding::Make, metrics);
    ROICAST_CHECK(loaded.ok());
    return *std::move(loaded);
  }();
  return *model;
}

struct Answer {
  absl::Status status;
  std::string bytes;
};

Answer Predict(BatchRequest& request) {
  static BatchPrediction prediction;
  Answer answer;
  answer.status =
      prediction.Run(request, Model(), {.max_rows = kMaxRows, .stop = [] { return absl::OkStatus(); }}, &answer.bytes);
  return answer;
}

void ExpectSame(const Answer& one, const Answer& other) {
  ROICAST_CHECK(one.status == other.status);
  ROICAST_CHECK(one.bytes == other.bytes);
  if (!one.status.ok()) {
    ROICAST_CHECK(!one.status.message().empty());
    return;
  }
  v1::BatchPredictResponse response;
  ROICAST_CHECK(response.ParseFromString(one.bytes));
}

// Requests of the last input must not show in the next: they are kept, as a thread keeps them.
BatchRequest& Read() {
  static BatchRequest request;
  return request;
}
BatchRequest& Taken() {
  static BatchRequest request;
  return request;
}

void CheckCall(absl::string_view bytes) {
  const absl::Status read = Read().Read(bytes, {.max_rows = kMaxRows});
  if (absl::IsResourceExhausted(read)) return;
  v1::BatchPredictRequest request;
  ROICAST_CHECK(read.ok() == request.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
  if (!read.ok()) return;
  Taken().Take(request);
  const Answer expected = Predict(Taken());
  ExpectSame(Predict(Read()), expected);
  if (Read().ReadMatrix(bytes)) ExpectSame(Predict(Read()), expected);
}

void CheckItem(absl::string_view bytes) {
  const absl::StatusOr<bool> is_batch = Read().ReadStreamItem(bytes, {.max_rows = kMaxRows});
  if (!is_batch.ok()) {
    ROICAST_CHECK(absl::IsResourceExhausted(is_batch.status()) || absl::IsInvalidArgument(is_batch.status()));
    return;
  }
  if (!*is_batch) return;
  v1::StreamPredictRequest item;
  ROICAST_CHECK(item.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
  ROICAST_CHECK(item.has_batch_predict());
  Taken().Take(item.batch_predict());
  ExpectSame(Predict(Read()), Predict(Taken()));
}

}  // namespace
}  // namespace roicast

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const absl::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] == 's') {
    roicast::CheckItem(bytes);
  } else {
    roicast::CheckCall(bytes);
  }
  return 0;
}
