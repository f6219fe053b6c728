// What Predict, BatchPredict and StreamPredict answer when they are asked how sure they are.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "model/uncertainty/uncertainty.h"
#include "tests/server/services/prediction/prediction_service_fixture.h"

namespace roicast {
namespace {

using ::testing::HasSubstr;

class HowSureTest : public PredictionServiceTest {
 protected:
  HowSureTest() : calibrated_(artifact_) {
    std::vector<double> scores;
    for (int i = 0; i < 99; ++i) scores.push_back(0.01 * (i - 49));
    Calibration& calibration = calibrated_.calibration.emplace();
    calibration.groups = {MakeGroup(-1, scores)};
    const auto& layers = calibrated_.mlp.layers;
    DenseLayer& head = calibration.log_scale.emplace();
    head.weights = RowMajorMatrix::Constant(1, layers[layers.size() - 2].weights.rows(), 0.05f);
    head.biases = Eigen::VectorXf::Constant(1, -0.5f);
  }

  static void Ask(v1::UncertaintyOptions& options) {
    options.set_interval_level(0.8);
    options.set_profit_probability(true);
    options.set_profit_threshold(0.1);
  }

  struct Expected {
    std::vector<float> roi, low, high, probability;
  };
  // Straight from the model.
  Expected Compute(const std::vector<float>& rows) const {
    const auto predictor = *Predictor::Compile(calibrated_);
    const Uncertainty uncertainty(calibrated_);
    UncertaintyOptions options;
    options.interval_level = 0.8;
    options.profit_probability = true;
    options.profit_threshold = 0.1;
    const size_t n = rows.size() / static_cast<size_t>(calibrated_.schema.size());
    Expected expected{std::vector<float>(n), std::vector<float>(n), std::vector<float>(n), std::vector<float>(n)};
    std::vector<float> location(n), log_scale(n), share(n);
    std::vector<uint8_t> flags(n);
    const Predictor::Spread spread = {absl::MakeSpan(location), absl::MakeSpan(log_scale), absl::MakeSpan(share)};
    predictor->PredictWithSpread(rows.data(), static_cast<int64_t>(n), absl::MakeSpan(expected.roi),
                                 absl::MakeSpan(flags), spread);
    Uncertainty::Rows asked;
    asked.raw.rows = rows.data();
    asked.roi = expected.roi;
    asked.flags = flags;
    asked.spread = spread;
    asked.low = absl::MakeSpan(expected.low);
    asked.high = absl::MakeSpan(expected.high);
    asked.probability = absl::MakeSpan(expected.probability);
    uncertainty.Answer(*uncertainty.Ask(options), *predictor, asked);
    return expected;
  }

  Artifact calibrated_;
};

TEST_F(HowSureTest, ARowGetsItsIntervalAndItsProbability) {
  Publish(calibrated_);
  v1::PredictRequest request = UsualRequest();
  v1::PredictResponse plain, response;
  ASSERT_TRUE(Predict(request, &plain).ok());
  EXPECT_FALSE(plain.has_interval() || plain.has_profit_probability());
  Ask(*request.mutable_uncertainty());
  const grpc::Status status = Predict(request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  const Expected expected = Compute(Rows(1));
  EXPECT_EQ(response.roi(), plain.roi());
  EXPECT_EQ(response.interval().low(), expected.low[0]);
  EXPECT_EQ(response.interval().high(), expected.high[0]);
  EXPECT_EQ(response.profit_probability(), expected.probability[0]);
  EXPECT_LT(response.interval().low(), response.interval().high());
  request.mutable_uncertainty()->clear_interval_level();
  ASSERT_TRUE(Predict(request, &response).ok());
  EXPECT_FALSE(response.has_interval());
  EXPECT_EQ(response.profit_probability(), expected.probability[0]);
}

TEST_F(HowSureTest, BatchesOfAnySizeAndFormGetTheSame) {
  Publish(calibrated_);
  for (const int64_t rows : {1, 50, 5000}) {
    v1::BatchPredictRequest request = MatrixRequest(rows);
    Ask(*request.mutable_uncertainty());
    v1::BatchPredictResponse response;
    const grpc::Status status = BatchPredict(request, &response);
    ASSERT_TRUE(status.ok()) << status.error_message();
    const Expected expected = Compute(Rows(rows));
    ASSERT_EQ(response.interval_low_size(), rows);
    ASSERT_EQ(response.interval_high_size(), rows);
    ASSERT_EQ(response.profit_probability_size(), rows);
    for (int i = 0; i < rows; ++i) {
      ASSERT_EQ(response.roi(i), expected.roi[i]) << i;
      ASSERT_EQ(response.interval_low(i), expected.low[i]) << i;
      ASSERT_EQ(response.interval_high(i), expected.high[i]) << i;
      ASSERT_EQ(response.profit_probability(i), expected.probability[i]) << i;
    }
  }
  v1::BatchPredictRequest campaigns;
  const std::vector<float> rows = Rows(7);
  for (int i = 0; i < 7; ++i) {
    *campaigns.mutable_campaigns()->add_campaigns() =
        bench::ToCampaign(artifact_.schema, &rows[static_cast<size_t>(i * artifact_.schema.size())]);
  }
  Ask(*campaigns.mutable_uncertainty());
  v1::BatchPredictResponse response;
  ASSERT_TRUE(BatchPredict(campaigns, &response).ok());
  const Expected expected = Compute(rows);
  for (int i = 0; i < 7; ++i) ASSERT_EQ(response.interval_low(i), expected.low[i]) << i;
}

TEST_F(HowSureTest, ZeroHeavyTargetsHaveIntervalsInEveryForm) {
  calibrated_.target.kind = TargetKind::kZeroHeavy;
  calibrated_.target.rest = -1.0;
  calibrated_.gate = calibrated_.calibration->log_scale;
  std::vector<double> levels;
  for (int i = 1; i < 200; ++i) levels.push_back(i / 200.0);
  calibrated_.calibration->levels = MakeGroup(-1, levels);
  GoldenRows& golden = calibrated_.golden;
  (*Predictor::CompileUnverified(calibrated_))
      ->Predict(golden.rows.data(), static_cast<int64_t>(golden.predictions.size()), absl::MakeSpan(golden.predictions),
                {});
  Publish(calibrated_);
  v1::PredictRequest one = UsualRequest();
  Ask(*one.mutable_uncertainty());
  v1::PredictResponse answer;
  const grpc::Status asked = Predict(one, &answer);
  ASSERT_TRUE(asked.ok()) << asked.error_message();
  const Expected of_one = Compute(Rows(1));
  EXPECT_EQ(answer.interval().low(), of_one.low[0]);
  EXPECT_EQ(answer.interval().high(), of_one.high[0]);
  EXPECT_EQ(answer.profit_probability(), of_one.probability[0]);
  v1::BatchPredictRequest request = MatrixRequest(700);
  Ask(*request.mutable_uncertainty());
  v1::BatchPredictResponse response;
  const grpc::Status status = BatchPredict(request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  const Expected expected = Compute(Rows(700));
  int at_rest = 0;
  for (int i = 0; i < 700; ++i) {
    ASSERT_EQ(response.interval_low(i), expected.low[i]) << i;
    ASSERT_EQ(response.interval_high(i), expected.high[i]) << i;
    ASSERT_EQ(response.profit_probability(i), expected.probability[i]) << i;
    at_rest += response.interval_low(i) == -1.0f;
  }
  EXPECT_GT(at_rest, 0);
}

TEST_F(HowSureTest, ColumnsGetTheSameAndRejectedRowsGetNothing) {
  Publish(calibrated_);
  v1::BatchPredictRequest request;
  AddFloats(request, "spend", {100, -5, 300, 1e9f});
  v1::Column& channel = *request.mutable_columns()->add_columns();
  channel.set_name("channel");
  channel.mutable_categories()->add_dictionary("channel-1");
  for (const int code : {0, 0, 7, 0}) channel.mutable_categories()->add_codes(code);
  Ask(*request.mutable_uncertainty());
  v1::BatchPredictResponse response;
  const grpc::Status status = BatchPredict(request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.rows_refused(), 2);
  for (const int refused : {1, 2}) {
    EXPECT_TRUE(std::isnan(response.roi(refused)));
    EXPECT_TRUE(std::isnan(response.interval_low(refused)));
    EXPECT_TRUE(std::isnan(response.interval_high(refused)));
    EXPECT_TRUE(std::isnan(response.profit_probability(refused)));
  }
  std::vector<float> rows(static_cast<size_t>(artifact_.schema.size()), std::numeric_limits<float>::quiet_NaN());
  rows[static_cast<size_t>(artifact_.schema.IndexOf("spend"))] = 100;
  rows[static_cast<size_t>(artifact_.schema.IndexOf("channel"))] = 1;
  EXPECT_EQ(response.interval_low(0), Compute(rows).low[0]);
  EXPECT_EQ(response.profit_probability(0), Compute(rows).probability[0]);
  // Far beyond what was seen.
  EXPECT_GT(response.interval_high(3) - response.interval_low(3),
            5 * (response.interval_high(0) - response.interval_low(0)));
}

TEST_F(HowSureTest, StreamItemsGetTheSame) {
  Publish(calibrated_);
  grpc::ClientContext context;
  const auto stream = stub_->StreamPredict(&context);
  v1::StreamPredictRequest items[3];
  *items[0].mutable_predict() = UsualRequest();
  Ask(*items[0].mutable_predict()->mutable_uncertainty());
  *items[1].mutable_batch_predict() = MatrixRequest(30);
  Ask(*items[1].mutable_batch_predict()->mutable_uncertainty());
  *items[2].mutable_batch_predict() = MatrixRequest(3000);
  Ask(*items[2].mutable_batch_predict()->mutable_uncertainty());
  for (const v1::StreamPredictRequest& item : items) ASSERT_TRUE(stream->Write(item));
  stream->WritesDone();
  v1::StreamPredictResponse answers[3];
  for (v1::StreamPredictResponse& answer : answers) ASSERT_TRUE(stream->Read(&answer));
  const Expected expected = Compute(Rows(3000));
  EXPECT_EQ(answers[0].predict().interval().low(), expected.low[0]);
  EXPECT_EQ(answers[0].predict().profit_probability(), expected.probability[0]);
  for (const int item : {1, 2}) {
    const v1::BatchPredictResponse& batch = answers[item].batch_predict();
    ASSERT_EQ(batch.interval_high_size(), item == 1 ? 30 : 3000);
    for (int i = 0; i < batch.interval_high_size(); ++i) ASSERT_EQ(batch.interval_high(i), expected.high[i]) << i;
  }
}

TEST_F(HowSureTest, AModelWithoutACalibrationSaysSo) {
  Artifact artifact = artifact_;
  artifact.report.calibration.missing_because = "there are 12 rows";
  Publish(artifact);
  v1::PredictRequest request = UsualRequest();
  Ask(*request.mutable_uncertainty());
  v1::PredictResponse response;
  const grpc::Status status = Predict(request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(
      status.error_message(),
      "uncertainty: model \"default\" version 1: it has no calibration, so nothing can be said about how sure its "
      "predictions are: there are 12 rows");
  google::rpc::Status details;
  google::rpc::ErrorInfo info;
  ASSERT_TRUE(details.ParseFromString(status.error_details()));
  ASSERT_EQ(details.details_size(), 1);
  ASSERT_TRUE(details.details(0).UnpackTo(&info));
  EXPECT_EQ(info.reason(), "NO_CALIBRATION");
  EXPECT_EQ(info.metadata().at("version"), "1");
  v1::BatchPredictRequest batch = MatrixRequest(5);
  batch.mutable_uncertainty()->set_interval_level(0.9);
  v1::BatchPredictResponse answer;
  EXPECT_EQ(BatchPredict(batch, &answer).error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  // Nothing is asked: nothing is refused.
  batch.mutable_uncertainty()->Clear();
  EXPECT_TRUE(BatchPredict(batch, &answer).ok());
  EXPECT_EQ(answer.interval_low_size(), 0);
}

TEST_F(HowSureTest, TheFieldThatIsWrongIsNamed) {
  Publish(calibrated_);
  const auto refused = [&](const std::function<void(v1::UncertaintyOptions&)>& change, const std::string& message) {
    ExpectPredictError([&](v1::PredictRequest& request) { change(*request.mutable_uncertainty()); },
                       grpc::StatusCode::INVALID_ARGUMENT, message);
    v1::BatchPredictRequest batch = MatrixRequest(5);
    change(*batch.mutable_uncertainty());
    ExpectBatchError(batch, grpc::StatusCode::INVALID_ARGUMENT, message);
  };
  refused([](v1::UncertaintyOptions& options) { options.set_interval_level(0.0); },
          "uncertainty.interval_level: expected a number above 0 and below 1, got 0");
  refused([](v1::UncertaintyOptions& options) { options.set_interval_level(1.0); },
          "uncertainty.interval_level: expected a number above 0 and below 1, got 1");
  refused([](v1::UncertaintyOptions& options) { options.set_interval_level(0.995); },
          "uncertainty.interval_level: a level of 0.995 needs at least 399 calibration rows, there are 99");
  refused(
      [](v1::UncertaintyOptions& options) {
        options.set_profit_probability(true);
        options.set_profit_threshold(std::nan(""));
      },
      "uncertainty.profit_threshold: expected a finite ROI, got nan");
  refused([](v1::UncertaintyOptions& options) { options.set_profit_threshold(1.0); },
          "uncertainty.profit_threshold: expected profit_probability beside it, which is not asked for");
}

TEST_F(HowSureTest, RequestsAreCounted) {
  Publish(calibrated_);
  v1::PredictRequest request = UsualRequest();
  v1::PredictResponse response;
  ASSERT_TRUE(Predict(request, &response).ok());
  Ask(*request.mutable_uncertainty());
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(Predict(request, &response).ok());
  double counted = -1;
  for (const auto& family : metrics_.Collect()) {
    if (family.name == "roicast_uncertainty_requests_total") counted = family.metric.at(0).counter.value;
  }
  EXPECT_EQ(counted, 3);
}

}  // namespace
}  // namespace roicast
