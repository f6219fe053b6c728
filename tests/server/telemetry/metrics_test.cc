#include "server/telemetry/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "prometheus/text_serializer.h"

namespace roicast {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class MetricsTest : public ::testing::Test {
 protected:
  std::string Text() const { return prometheus::TextSerializer().Serialize(metrics_.Collect()); }

  prometheus::Registry registry_;
  ServerMetrics metrics_{registry_, {"1.2.3", "g++ 12", "avx2"}};
};

TEST_F(MetricsTest, CallsAreCountedByMethodAndCode) {
  RpcMetrics& predict = metrics_.AddMethod("PredictionService/Predict");
  EXPECT_EQ(&predict, &metrics_.AddMethod("PredictionService/Predict"));
  predict.Begin();
  predict.Begin();
  predict.Begin();
  predict.End(absl::StatusCode::kOk, absl::Microseconds(20));
  predict.End(absl::StatusCode::kInvalidArgument, absl::Seconds(30));
  const std::string text = Text();
  EXPECT_THAT(text, HasSubstr("roicast_rpc_requests_total{method=\"PredictionService/Predict\",code=\"OK\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("method=\"PredictionService/Predict\",code=\"INVALID_ARGUMENT\"} 1\n"));
  EXPECT_THAT(text,
              HasSubstr("roicast_rpc_requests_total{method=\"PredictionService/Predict\",code=\"UNAVAILABLE\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("roicast_rpc_in_flight{method=\"PredictionService/Predict\"} 1\n"));
  EXPECT_THAT(
      text,
      HasSubstr(
          "roicast_rpc_latency_seconds_bucket{method=\"PredictionService/Predict\",code=\"OK\",le=\"1e-05\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("code=\"OK\",le=\"2.5e-05\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("code=\"INVALID_ARGUMENT\",le=\"10\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("code=\"INVALID_ARGUMENT\",le=\"+Inf\"} 1\n"));
  EXPECT_THAT(
      text,
      Not(HasSubstr("roicast_rpc_latency_seconds_bucket{method=\"PredictionService/Predict\",code=\"UNAVAILABLE\"")));
}

TEST_F(MetricsTest, ACallIsObservedOnceOnEachWayOut) {
  RpcMetrics& method = metrics_.AddMethod("M");
  { RpcCall forgotten(method); }
  {
    RpcCall call(method);
    EXPECT_EQ(method.in_flight(), 1);
    call.Finish(absl::StatusCode::kOk);
    call.Finish(absl::StatusCode::kInternal);
  }
  EXPECT_EQ(method.in_flight(), 0);
  EXPECT_EQ(method.latency(0)->Count(), 1u);
  EXPECT_EQ(method.latency(1)->Count(), 1u);
  EXPECT_EQ(method.latency(13), nullptr);
  method.Observe(static_cast<absl::StatusCode>(99), absl::ZeroDuration());
  EXPECT_EQ(method.latency(2)->Count(), 1u);
}

TEST_F(MetricsTest, ALoadedVersionHasItsSeriesUntilItIsUnloaded) {
  auto model = metrics_.AddModelVersion("shop", 3, "0123456789abcdef0123");
  EXPECT_THAT(Text(), Not(HasSubstr("roicast_model_served_info")));
  model->SetServing(true);
  model->ObservePrediction(0.2f);
  const std::vector<float> more = {-0.95f, 5.0f, std::numeric_limits<float>::quiet_NaN()};
  model->ObservePredictions(more);
  model->CountWarnings(WarningMetric::kCategoryUnseen, 2);
  model->CountRefusedRows(1);
  const std::string text = Text();
  EXPECT_THAT(text, HasSubstr("roicast_model_served_info{model=\"shop\",version=\"3\",digest=\"0123456789ab\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("roicast_rows_predicted_total{model=\"shop\",version=\"3\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("roicast_prediction_roi_bucket{model=\"shop\",version=\"3\",le=\"-0.9\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("roicast_prediction_roi_bucket{model=\"shop\",version=\"3\",le=\"0\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("roicast_prediction_roi_bucket{model=\"shop\",version=\"3\",le=\"0.25\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("roicast_rows_refused_total{model=\"shop\",version=\"3\"} 1\n"));
  EXPECT_THAT(
      text, HasSubstr("roicast_prediction_warnings_total{model=\"shop\",version=\"3\",kind=\"category_unseen\"} 2\n"));
  EXPECT_THAT(text,
              HasSubstr("roicast_prediction_warnings_total{model=\"shop\",version=\"3\",kind=\"value_imputed\"} 0\n"));
  model.reset();
  EXPECT_THAT(Text(), Not(HasSubstr("model=\"shop\"")));
}

TEST_F(MetricsTest, LoadsSwapsTrainingAndStoreAreExported) {
  metrics_.ObserveModelLoad(true, absl::Milliseconds(250));
  metrics_.ObserveModelLoad(false, absl::Milliseconds(500));
  metrics_.CountModelSwap();
  metrics_.SetTrainingJobs("running", 2);
  metrics_.SetTrainingQueueLength(4);
  metrics_.ObserveTrainingDuration("succeeded", absl::Seconds(5));
  const TrainingWorkerMetrics worker = metrics_.AddTrainingWorker(0);
  worker.epoch->Set(7);
  worker.progress->Set(0.5);
  worker.steps->Increment();
  metrics_.ObserveStore("publish", absl::StatusCode::kResourceExhausted, absl::Milliseconds(2));
  const std::string text = Text();
  EXPECT_THAT(text, HasSubstr("roicast_model_loads_total 1\n"));
  EXPECT_THAT(text, HasSubstr("roicast_model_load_failures_total 1\n"));
  EXPECT_THAT(text, HasSubstr("roicast_model_swaps_total 1\n"));
  EXPECT_THAT(text, HasSubstr("roicast_model_last_load_duration_seconds 0.5\n"));
  EXPECT_THAT(text, HasSubstr("roicast_training_jobs{state=\"running\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("roicast_training_queue_length 4\n"));
  EXPECT_THAT(text, HasSubstr("roicast_training_duration_seconds_bucket{outcome=\"succeeded\",le=\"10\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("roicast_training_epoch{worker=\"0\"} 7\n"));
  EXPECT_THAT(text, HasSubstr("roicast_training_progress_ratio{worker=\"0\"} 0.5\n"));
  EXPECT_THAT(text, HasSubstr("roicast_training_steps_total{worker=\"0\"} 1\n"));
  EXPECT_THAT(
      text,
      HasSubstr(
          "roicast_store_operation_latency_seconds_count{operation=\"publish\",outcome=\"RESOURCE_EXHAUSTED\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("roicast_build_info{compiler=\"g++ 12\",simd=\"avx2\",version=\"1.2.3\"} 1\n"));
}

TEST_F(MetricsTest, TheProcessReportsWhatTheKernelKnows) {
  double resident = 0, threads = 0, descriptors = 0, start = 0;
  for (const prometheus::MetricFamily& family : metrics_.Collect()) {
    if (family.name == "process_resident_memory_bytes") resident = family.metric[0].gauge.value;
    if (family.name == "process_threads") threads = family.metric[0].gauge.value;
    if (family.name == "process_open_fds") descriptors = family.metric[0].gauge.value;
    if (family.name == "process_start_time_seconds") start = family.metric[0].gauge.value;
  }
  EXPECT_GT(resident, 1e6);
  EXPECT_GE(threads, 1);
  EXPECT_GE(descriptors, 3);
  EXPECT_NEAR(start, absl::ToDoubleSeconds(absl::Now() - absl::UnixEpoch()), 600);
}

}  // namespace
}  // namespace roicast
