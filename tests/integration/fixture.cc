#include "tests/integration/fixture.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "client/status.h"

namespace roicast::testing {
namespace {

constexpr std::array<const char*, 3> kChannels = {"search", "social", "display"};
constexpr std::array<const char*, 3> kDevices = {"mobile", "desktop", "tablet"};

}  // namespace

std::string CampaignCsv(int rows, int seed) {
  Random random(static_cast<uint64_t>(seed));
  std::string csv =
      "avg_session_seconds,page_views_per_user,add_to_cart_rate,purchases_per_user_90d,days_since_last_purchase,"
      "avg_user_rating,product_category,price,units_sold_30d,product_rating,review_count,discount_rate,"
      "gross_margin_rate,channel,spend,duration_days,region,audience_size,device,start_time,revenue\n";
  for (int row = 0; row < rows; ++row) {
    const uint64_t channel = random.Below(3), device = random.Below(3);
    const double discount = random.Uniform(0.0, 0.5), spend = random.Uniform(100.0, 5000.0);
    const double roi =
        0.5 + (channel == 0 ? 0.8 : -0.2) - 1.5 * discount + 0.1 * std::log(spend / 700.0) + 0.02 * random.Normal();
    absl::StrAppendFormat(
        &csv,
        "%.1f,%.2f,%.3f,%.2f,%.1f,%.2f,%s,%.2f,%.0f,%.2f,%.0f,%.4f,%.3f,%s,%.2f,%d,%s,%.0f,%s,2025-%02d-%02d,%.2f\n",
        random.Uniform(30, 600), random.Uniform(1, 12), random.Uniform(0.01, 0.4), random.Uniform(0, 5),
        random.Uniform(0, 90), random.Uniform(1, 5), row % 2 == 0 ? "toys" : "books", random.Uniform(5, 300),
        random.Uniform(0, 2000), random.Uniform(1, 5), random.Uniform(0, 900), discount, random.Uniform(0.1, 0.7),
        kChannels[channel], spend, static_cast<int>(1 + random.Below(30)), row % 3 == 0 ? "north" : "south",
        random.Uniform(1000, 1e6), kDevices[device], static_cast<int>(1 + random.Below(12)),
        static_cast<int>(1 + random.Below(28)), spend * (1.0 + roi));
  }
  return csv;
}

std::string ClicksCsv(int rows, int seed) {
  Random random(static_cast<uint64_t>(seed));
  std::string csv = "city,clicks,cost,revenue\n";
  for (int row = 0; row < rows; ++row) {
    const bool oslo = random.Below(2) == 0;
    const double clicks = random.Uniform(1.0, 100.0), cost = random.Uniform(10.0, 60.0);
    const double revenue = cost * (0.4 + (oslo ? 0.5 : 0.0) + 0.01 * clicks);
    absl::StrAppendFormat(&csv, "%s,%.3f,%.3f,%.3f\n", oslo ? "Oslo" : "Rome", clicks, cost, revenue);
  }
  return csv;
}

v1::Campaign SomeCampaign() {
  v1::Campaign campaign;
  campaign.set_avg_session_seconds(200);
  campaign.set_page_views_per_user(5);
  campaign.set_add_to_cart_rate(0.1);
  campaign.set_purchases_per_user_90d(1);
  campaign.set_days_since_last_purchase(20);
  campaign.set_avg_user_rating(4);
  campaign.set_product_category("toys");
  campaign.set_price(50);
  campaign.set_units_sold_30d(300);
  campaign.set_product_rating(4);
  campaign.set_review_count(100);
  campaign.set_discount_rate(0.1);
  campaign.set_gross_margin_rate(0.4);
  campaign.set_channel("search");
  campaign.set_spend(1000);
  campaign.set_duration_days(10);
  campaign.set_region("north");
  campaign.set_audience_size(100000);
  campaign.set_device("mobile");
  campaign.mutable_start_time()->set_seconds(1748736000);
  return campaign;
}

// Training, inspecting and evaluating run at idle priority: on a busy machine a second of it takes minutes.
void SetDeadline(grpc::ClientContext& context) {
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::minutes(5));
}

absl::Status FromGrpc(const grpc::Status& status) { return client::ToAbslStatus(status); }

Api::Api(std::shared_ptr<grpc::Channel> channel)
    : prediction_(v1::PredictionService::NewStub(channel)),
      training_(v1::TrainingService::NewStub(channel)),
      models_(v1::ModelService::NewStub(channel)) {}

namespace {

// One unary call.
template <typename Response, typename Stub, typename Request>
absl::StatusOr<Response> Call(Stub& stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                              const Request& request) {
  grpc::ClientContext context;
  SetDeadline(context);
  Response response;
  const grpc::Status status = (stub.*method)(&context, request, &response);
  if (!status.ok()) return FromGrpc(status);
  return response;
}

}  // namespace

absl::StatusOr<v1::PredictResponse> Api::Predict(const v1::PredictRequest& request) {
  return Call<v1::PredictResponse>(*prediction_, &v1::PredictionService::Stub::Predict, request);
}

absl::StatusOr<v1::BatchPredictResponse> Api::BatchPredict(const v1::BatchPredictRequest& request) {
  return Call<v1::BatchPredictResponse>(*prediction_, &v1::PredictionService::Stub::BatchPredict, request);
}

absl::StatusOr<v1::Dataset> Api::Upload(absl::string_view csv, const v1::CsvOptions& options) {
  grpc::ClientContext context;
  SetDeadline(context);
  v1::Dataset dataset;
  auto writer = training_->UploadDataset(&context, &dataset);
  v1::UploadDatasetRequest part;
  part.mutable_header()->set_display_name("test.csv");
  *part.mutable_header()->mutable_csv() = options;
  bool open = writer->Write(part);
  for (size_t start = 0; open && start < csv.size(); start += 1000) {
    const absl::string_view chunk = csv.substr(start, 1000);
    part.set_csv(chunk.data(), chunk.size());
    open = writer->Write(part);
  }
  writer->WritesDone();
  const grpc::Status status = writer->Finish();
  if (!status.ok()) return FromGrpc(status);
  return dataset;
}

absl::StatusOr<v1::TrainingJob> Api::Create(const v1::CreateTrainingJobRequest& request) {
  return Call<v1::TrainingJob>(*training_, &v1::TrainingService::Stub::CreateTrainingJob, request);
}

absl::StatusOr<v1::TrainingJob> Api::GetJob(const std::string& id) {
  v1::GetTrainingJobRequest request;
  request.set_id(id);
  return Call<v1::TrainingJob>(*training_, &v1::TrainingService::Stub::GetTrainingJob, request);
}

absl::StatusOr<v1::TrainingJob> Api::Cancel(const std::string& id) {
  v1::CancelTrainingJobRequest request;
  request.set_id(id);
  return Call<v1::TrainingJob>(*training_, &v1::TrainingService::Stub::CancelTrainingJob, request);
}

absl::StatusOr<v1::TrainingJob> Api::WaitForJob(const std::string& id) {
  grpc::ClientContext context;
  SetDeadline(context);
  v1::WatchTrainingJobRequest request;
  request.set_id(id);
  auto reader = training_->WatchTrainingJob(&context, request);
  v1::TrainingJob job;
  while (reader->Read(&job)) {
  }
  const grpc::Status status = reader->Finish();
  if (!status.ok()) return FromGrpc(status);
  return job;
}

absl::StatusOr<v1::Model> Api::GetModel(const std::string& name, int64_t version) {
  v1::GetModelRequest request;
  request.mutable_model()->set_name(name);
  request.mutable_model()->set_version(version);
  return Call<v1::Model>(*models_, &v1::ModelService::Stub::GetModel, request);
}

absl::StatusOr<std::string> Api::Export(const std::string& name, int64_t version) {
  grpc::ClientContext context;
  SetDeadline(context);
  v1::ExportModelRequest request;
  request.mutable_model()->set_name(name);
  request.mutable_model()->set_version(version);
  auto reader = models_->ExportModel(&context, request);
  std::string bytes;
  v1::ExportModelResponse part;
  while (reader->Read(&part)) bytes += part.data();
  const grpc::Status status = reader->Finish();
  if (!status.ok()) return FromGrpc(status);
  return bytes;
}

absl::StatusOr<v1::Model> Api::Import(const std::string& name, absl::string_view bytes) {
  grpc::ClientContext context;
  SetDeadline(context);
  v1::Model model;
  auto writer = models_->ImportModel(&context, &model);
  v1::ImportModelRequest part;
  part.set_model(name);
  bool open = writer->Write(part);
  for (size_t start = 0; open && start < bytes.size(); start += 4096) {
    const absl::string_view chunk = bytes.substr(start, 4096);
    part.set_data(chunk.data(), chunk.size());
    open = writer->Write(part);
  }
  writer->WritesDone();
  const grpc::Status status = writer->Finish();
  if (!status.ok()) return FromGrpc(status);
  return model;
}

absl::StatusOr<v1::Model> Api::Serve(const std::string& name, int64_t version, bool force) {
  v1::ServeVersionRequest request;
  request.mutable_model()->set_name(name);
  request.mutable_model()->set_version(version);
  request.set_force(force);
  return Call<v1::Model>(*models_, &v1::ModelService::Stub::ServeVersion, request);
}

absl::StatusOr<v1::EvaluateModelResponse> Api::Evaluate(const v1::EvaluateModelRequest& request) {
  return Call<v1::EvaluateModelResponse>(*training_, &v1::TrainingService::Stub::EvaluateModel, request);
}

v1::TrainingSpec QuickSpec(const std::string& dataset_digest, const std::string& model) {
  v1::TrainingSpec spec;
  spec.set_model(model);
  spec.set_dataset_digest(dataset_digest);
  spec.mutable_network()->add_hidden(8);
  spec.mutable_training()->set_epochs(60);
  spec.mutable_training()->set_learning_rate(0.01);
  return spec;
}

absl::StatusOr<v1::TrainingJob> TrainCampaignModel(Api& api, int rows) {
  ROICAST_ASSIGN_OR_RETURN(const v1::Dataset dataset, api.Upload(CampaignCsv(rows)));
  v1::CreateTrainingJobRequest request;
  *request.mutable_spec() = QuickSpec(dataset.digest());
  ROICAST_ASSIGN_OR_RETURN(const v1::TrainingJob created, api.Create(request));
  ROICAST_ASSIGN_OR_RETURN(v1::TrainingJob ended, api.WaitForJob(created.id()));
  if (ended.state() != v1::JOB_STATE_SUCCEEDED) {
    return absl::InternalError(
        absl::StrCat("job ended as ", v1::JobState_Name(ended.state()), ": ", ended.error().message()));
  }
  return ended;
}

}  // namespace roicast::testing
