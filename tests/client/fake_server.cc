#include "tests/client/fake_server.h"

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>

#include <algorithm>
#include <chrono>
#include <limits>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace roicast::testing {

class FakeServer::Prediction final : public v1::PredictionService::Service {
 public:
  explicit Prediction(FakeServer* fake) : fake_(fake) {}
  grpc::Status Predict(grpc::ServerContext* context, const v1::PredictRequest* request,
                       v1::PredictResponse* response) override {
    return fake_->on_predict(context, *request, response);
  }
  grpc::Status BatchPredict(grpc::ServerContext* context, const v1::BatchPredictRequest* request,
                            v1::BatchPredictResponse* response) override {
    return fake_->on_batch(context, *request, response);
  }
  grpc::Status StreamPredict(
      grpc::ServerContext* context,
      grpc::ServerReaderWriter<v1::StreamPredictResponse, v1::StreamPredictRequest>* stream) override {
    v1::StreamPredictRequest request;
    while (stream->Read(&request)) {
      v1::StreamPredictResponse response;
      const grpc::Status status =
          request.has_predict() ? fake_->on_predict(context, request.predict(), response.mutable_predict())
                                : fake_->on_batch(context, request.batch_predict(), response.mutable_batch_predict());
      if (!status.ok()) response.clear_item();
      response.mutable_status()->set_code(status.error_code());
      response.mutable_status()->set_message(status.error_message());
      stream->Write(response);
    }
    return grpc::Status::OK;
  }

 private:
  FakeServer* fake_;
};

class FakeServer::Training final : public v1::TrainingService::Service {
 public:
  explicit Training(FakeServer* fake) : fake_(fake) {}
  grpc::Status UploadDataset(grpc::ServerContext*, grpc::ServerReader<v1::UploadDatasetRequest>* reader,
                             v1::Dataset* response) override {
    v1::UploadDatasetRequest part;
    const absl::MutexLock lock(&fake_->mutex_);
    fake_->uploaded_.clear();
    while (reader->Read(&part)) {
      if (part.has_header()) fake_->upload_header_ = part.header();
      fake_->uploaded_ += part.csv();
    }
    *response = fake_->dataset;
    if (response->digest().empty()) response->set_digest("digest-of-the-upload");
    response->set_size_bytes(static_cast<int64_t>(fake_->uploaded_.size()));
    return grpc::Status::OK;
  }
  grpc::Status CreateTrainingJob(grpc::ServerContext*, const v1::CreateTrainingJobRequest* request,
                                 v1::TrainingJob* response) override {
    return fake_->on_create_job(*request, response);
  }
  grpc::Status GetTrainingJob(grpc::ServerContext*, const v1::GetTrainingJobRequest* request,
                              v1::TrainingJob* response) override {
    return fake_->on_get_job(*request, response);
  }
  grpc::Status ListTrainingJobs(grpc::ServerContext*, const v1::ListTrainingJobsRequest* request,
                                v1::ListTrainingJobsResponse* response) override {
    return fake_->on_list_jobs(*request, response);
  }
  grpc::Status InspectDataset(grpc::ServerContext*, const v1::InspectDatasetRequest* request,
                              v1::InspectDatasetResponse* response) override {
    return fake_->on_inspect(*request, response);
  }
  grpc::Status CancelTrainingJob(grpc::ServerContext*, const v1::CancelTrainingJobRequest* request,
                                 v1::TrainingJob* response) override {
    return fake_->on_cancel_job(*request, response);
  }
  grpc::Status EvaluateModel(grpc::ServerContext*, const v1::EvaluateModelRequest* request,
                             v1::EvaluateModelResponse* response) override {
    return fake_->on_evaluate(*request, response);
  }
  grpc::Status WatchTrainingJob(grpc::ServerContext* context, const v1::WatchTrainingJobRequest* request,
                                grpc::ServerWriter<v1::TrainingJob>* writer) override {
    return fake_->on_watch_job(*request, context, writer);
  }

 private:
  FakeServer* fake_;
};

class FakeServer::Models final : public v1::ModelService::Service {
 public:
  explicit Models(FakeServer* fake) : fake_(fake) {}
  grpc::Status GetModel(grpc::ServerContext*, const v1::GetModelRequest* request, v1::Model* response) override {
    return fake_->on_get_model(*request, response);
  }
  grpc::Status ListModels(grpc::ServerContext*, const v1::ListModelsRequest* request,
                          v1::ListModelsResponse* response) override {
    return fake_->on_list_models(*request, response);
  }
  grpc::Status ExportModel(grpc::ServerContext*, const v1::ExportModelRequest*,
                           grpc::ServerWriter<v1::ExportModelResponse>* writer) override {
    for (size_t begin = 0; begin < fake_->artifact.size(); begin += 1000) {
      v1::ExportModelResponse part;
      if (begin == 0) {
        part.mutable_exported()->set_model("default");
        part.mutable_exported()->set_version(7);
        part.set_size_bytes(fake_->announced_size >= 0 ? fake_->announced_size
                                                       : static_cast<int64_t>(fake_->artifact.size()));
      }
      part.set_data(fake_->artifact.substr(begin, 1000));
      writer->Write(part);
    }
    return grpc::Status::OK;
  }
  grpc::Status ImportModel(grpc::ServerContext*, grpc::ServerReader<v1::ImportModelRequest>* reader,
                           v1::Model* response) override {
    v1::ImportModelRequest part;
    const absl::MutexLock lock(&fake_->mutex_);
    fake_->uploaded_.clear();
    while (reader->Read(&part)) {
      if (part.part_case() == v1::ImportModelRequest::kModel) response->set_name(part.model());
      fake_->uploaded_ += part.data();
    }
    response->set_version(8);
    if (!fake_->import_not_serving.empty()) response->set_not_serving(fake_->import_not_serving);
    return grpc::Status::OK;
  }
  grpc::Status ServeVersion(grpc::ServerContext*, const v1::ServeVersionRequest* request,
                            v1::Model* response) override {
    return fake_->on_serve(*request, response);
  }

 private:
  FakeServer* fake_;
};

class FakeServer::Decisions final : public v1::DecisionService::Service {
 public:
  explicit Decisions(FakeServer* fake) : fake_(fake) {}
  grpc::Status Explain(grpc::ServerContext*, const v1::ExplainRequest* request,
                       v1::ExplainResponse* response) override {
    return fake_->on_explain(*request, response);
  }
  grpc::Status AnalyzeModel(grpc::ServerContext*, const v1::AnalyzeModelRequest* request,
                            v1::AnalyzeModelResponse* response) override {
    return fake_->on_analyze(*request, response);
  }
  grpc::Status FindCounterfactual(grpc::ServerContext*, const v1::FindCounterfactualRequest* request,
                                  v1::FindCounterfactualResponse* response) override {
    return fake_->on_counterfactual(*request, response);
  }
  grpc::Status ResponseCurve(grpc::ServerContext*, const v1::ResponseCurveRequest* request,
                             v1::ResponseCurveResponse* response) override {
    return fake_->on_curve(*request, response);
  }
  grpc::Status OptimizeBudget(grpc::ServerContext*, const v1::OptimizeBudgetRequest* request,
                              v1::OptimizeBudgetResponse* response) override {
    return fake_->on_optimize(*request, response);
  }
  grpc::Status PlanBudget(grpc::ServerContext*, const v1::PlanBudgetRequest* request,
                          v1::PlanBudgetResponse* response) override {
    return fake_->on_plan(*request, response);
  }
  grpc::Status Rank(grpc::ServerContext*, const v1::RankRequest* request, v1::RankResponse* response) override {
    return fake_->on_rank(*request, response);
  }

 private:
  FakeServer* fake_;
};

namespace {

// The budget in equal parts, each with an ROI of one half.
void FillSplit(const v1::BudgetProblem& problem, double budget, v1::Split* split) {
  const auto rows = static_cast<int>(problem.rows().matrix().rows());
  for (int i = 0; i < rows; ++i) {
    v1::Allocation& one = *split->add_campaigns();
    one.set_name(i < problem.campaigns_size() ? problem.campaigns(i).name() : absl::StrCat("campaign ", i));
    one.set_spend(budget / rows);
    one.set_roi(0.5);
    one.set_revenue(1.5 * one.spend());
    one.set_profit(0.5 * one.spend());
    one.set_marginal_roi(0.25);
  }
  v1::Outcome& outcome = *split->mutable_outcome();
  outcome.set_spend(budget);
  outcome.set_revenue(1.5 * budget);
  outcome.set_profit(0.5 * budget);
  outcome.set_roi(0.5);
  split->set_allowed(true);
}

// All of the prediction, which is the row's first value, comes from the first feature.
grpc::Status ExplainFirstValue(const v1::ExplainRequest& request, v1::ExplainResponse* response) {
  const v1::DenseMatrix& matrix = request.rows().matrix();
  const int width = static_cast<int>(matrix.values_size() / std::max<int64_t>(1, matrix.rows()));
  response->set_base_value(0.25);
  for (int row = 0; row < matrix.rows(); ++row) {
    response->add_predictions(matrix.values(row * width));
    for (int i = 0; i < width; ++i) {
      response->add_attributions(i == 0 ? matrix.values(row * width) - 0.25 : 0.0);
      response->add_standard_errors(0);
    }
  }
  return grpc::Status::OK;
}

// An ROI of 1 at a spend of 100, and of 0.5 at 200.
grpc::Status FallingCurve(const v1::ResponseCurveRequest& request, v1::ResponseCurveResponse* response) {
  response->set_feature(request.feature().empty() ? "spend" : request.feature());
  response->set_spend_feature("spend");
  response->set_target("ROI");
  response->mutable_training_range()->set_low(0);
  response->mutable_training_range()->set_high(150);
  v1::ResponseCurve& curve = *response->add_curves();
  for (const double spend : {100.0, 200.0}) {
    const double roi = 100.0 / spend;
    response->add_values(spend);
    response->add_outside(spend > 150);
    curve.add_predictions(static_cast<float>(roi));
    curve.mutable_revenue()->add_value((1 + roi) * spend);
    curve.mutable_profit()->add_value(roi * spend);
    curve.mutable_roi()->add_value(roi);
    curve.mutable_marginal_roi()->add_value(0);
  }
  curve.set_present_value(100);
  curve.set_present_prediction(1);
  return grpc::Status::OK;
}

}  // namespace

class FakeServer::Health final : public grpc::health::v1::Health::Service {
 public:
  grpc::Status Check(grpc::ServerContext*, const grpc::health::v1::HealthCheckRequest* request,
                     grpc::health::v1::HealthCheckResponse* response) override {
    if (request->service() == "unknown")
      return FakeServer::Error(grpc::StatusCode::NOT_FOUND, v1::SERVICE_NOT_FOUND, "no service \"unknown\"");
    response->set_status(request->service() == "draining" ? grpc::health::v1::HealthCheckResponse::NOT_SERVING
                                                          : grpc::health::v1::HealthCheckResponse::SERVING);
    return grpc::Status::OK;
  }
};

FakeServer::FakeServer() {
  on_predict = [](grpc::ServerContext*, const v1::PredictRequest& request, v1::PredictResponse* response) {
    response->set_roi(static_cast<float>(request.campaign().spend()));
    return grpc::Status::OK;
  };
  on_batch = [](grpc::ServerContext*, const v1::BatchPredictRequest& request, v1::BatchPredictResponse* response) {
    return EchoFirstValue(request, response);
  };
  on_get_model = [](const v1::GetModelRequest&, v1::Model* model) {
    *model = SmallModel();
    return grpc::Status::OK;
  };
  on_list_models = [](const v1::ListModelsRequest&, v1::ListModelsResponse*) { return grpc::Status::OK; };
  on_serve = [](const v1::ServeVersionRequest& request, v1::Model* model) {
    model->set_name(request.model().name());
    model->set_version(request.model().version());
    model->set_serving(true);
    return grpc::Status::OK;
  };
  on_create_job = [](const v1::CreateTrainingJobRequest&, v1::TrainingJob* job) {
    job->set_id("job-000001");
    return grpc::Status::OK;
  };
  on_get_job = [](const v1::GetTrainingJobRequest& request, v1::TrainingJob*) {
    return Error(grpc::StatusCode::NOT_FOUND, v1::JOB_NOT_FOUND, absl::StrCat("\"", request.id(), "\": not found"));
  };
  on_cancel_job = [this](const v1::CancelTrainingJobRequest& request, v1::TrainingJob* job) {
    v1::GetTrainingJobRequest get;
    get.set_id(request.id());
    return on_get_job(get, job);
  };
  on_list_jobs = [](const v1::ListTrainingJobsRequest&, v1::ListTrainingJobsResponse*) { return grpc::Status::OK; };
  on_inspect = [](const v1::InspectDatasetRequest&, v1::InspectDatasetResponse*) { return grpc::Status::OK; };
  on_evaluate = [](const v1::EvaluateModelRequest&, v1::EvaluateModelResponse*) { return grpc::Status::OK; };
  on_explain = ExplainFirstValue;
  on_analyze = [](const v1::AnalyzeModelRequest&, v1::AnalyzeModelResponse* response) {
    const v1::Model model = SmallModel();
    for (const v1::Feature& feature : model.schema().features()) {
      response->add_importance()->set_feature(feature.name());
    }
    return grpc::Status::OK;
  };
  on_counterfactual = [](const v1::FindCounterfactualRequest&, v1::FindCounterfactualResponse* response) {
    response->set_reached(true);
    return grpc::Status::OK;
  };
  on_curve = FallingCurve;
  on_optimize = [](const v1::OptimizeBudgetRequest& request, v1::OptimizeBudgetResponse* response) {
    FillSplit(request.problem(), request.problem().budget(), response->mutable_optimum());
    FillSplit(request.problem(), request.problem().budget(), response->mutable_even());
    response->set_shadow_price(0.25);
    return grpc::Status::OK;
  };
  on_plan = [](const v1::PlanBudgetRequest& request, v1::PlanBudgetResponse* response) {
    const double each = request.problem().budget() / request.periods();
    for (int i = 0; i < request.periods(); ++i) {
      v1::PeriodPlan& period = *response->mutable_plan()->add_periods();
      period.mutable_start()->set_seconds(request.start().seconds() + i * 7 * 86400);
      FillSplit(request.problem(), each, period.mutable_split());
      period.set_budget_so_far(each * (i + 1));
    }
    v1::Split whole;
    FillSplit(request.problem(), request.problem().budget(), &whole);
    *response->mutable_plan()->mutable_outcome() = whole.outcome();
    *response->mutable_plan()->mutable_even() = whole.outcome();
    for (const v1::BudgetChange& change : request.changes()) {
      *response->add_changes() = response->plan();
      response->mutable_changes(response->changes_size() - 1)->mutable_outcome()->set_spend(change.budget());
    }
    return grpc::Status::OK;
  };
  on_rank = [](const v1::RankRequest& request, v1::RankResponse* response) {
    const int64_t rows = request.rows().matrix().rows();
    for (int64_t row = rows - 1; row >= 0 && response->ranked_size() < request.count(); --row) {
      v1::RankedRow& ranked = *response->add_ranked();
      ranked.set_row(row);
      ranked.set_roi(static_cast<double>(row) / 2);
      ranked.set_spend(100);
      ranked.set_profit(50 * static_cast<double>(row));
    }
    response->set_candidates(rows);
    return grpc::Status::OK;
  };
  on_watch_job = [](const v1::WatchTrainingJobRequest&, grpc::ServerContext*, grpc::ServerWriter<v1::TrainingJob>*) {
    return Error(grpc::StatusCode::NOT_FOUND, v1::JOB_NOT_FOUND, "no such job");
  };
}

FakeServer::~FakeServer() {
  if (server_ != nullptr) server_->Shutdown(std::chrono::system_clock::now());
}

void FakeServer::Start(int port) {
  services_.push_back(std::make_unique<Prediction>(this));
  services_.push_back(std::make_unique<Training>(this));
  services_.push_back(std::make_unique<Models>(this));
  services_.push_back(std::make_unique<Decisions>(this));
  services_.push_back(std::make_unique<Health>());
  grpc::ServerBuilder builder;
  builder.AddListeningPort(absl::StrCat("127.0.0.1:", port), grpc::InsecureServerCredentials(), &port);
  for (const std::unique_ptr<grpc::Service>& service : services_) builder.RegisterService(service.get());
  server_ = builder.BuildAndStart();
  ROICAST_CHECK(server_ != nullptr && port > 0);
  target_ = absl::StrCat("127.0.0.1:", port);
}

grpc::Status FakeServer::Error(grpc::StatusCode code, v1::ErrorReason reason, const std::string& message,
                               const std::map<std::string, std::string>& metadata) {
  google::rpc::ErrorInfo info;
  info.set_reason(v1::ErrorReason_Name(reason));
  info.set_domain("roicast");
  info.mutable_metadata()->insert(metadata.begin(), metadata.end());
  google::rpc::Status details;
  details.set_code(code);
  details.set_message(message);
  details.add_details()->PackFrom(info);
  return grpc::Status(code, message, details.SerializeAsString());
}

v1::Model FakeServer::SmallModel() {
  v1::Model model;
  model.set_name("small");
  model.set_version(3);
  v1::Schema& schema = *model.mutable_schema();
  schema.set_digest("digest-of-the-schema");
  const auto add = [&](const std::string& name, v1::FeatureKind kind) -> v1::Feature& {
    v1::Feature& feature = *schema.add_features();
    feature.set_name(name);
    feature.set_kind(kind);
    return feature;
  };
  add("spend", v1::FEATURE_KIND_NUMERIC).set_seen_max(1000);
  add("price", v1::FEATURE_KIND_NUMERIC).set_seen_max(100);
  v1::Feature& channel = add("channel", v1::FEATURE_KIND_CATEGORICAL);
  channel.add_vocabulary("search");
  channel.add_vocabulary("social");
  add("start", v1::FEATURE_KIND_TIME);
  return model;
}

v1::Model FakeServer::CampaignModel() {
  v1::Model model;
  model.set_name("default");
  model.set_version(7);
  for (const char* name : {"spend", "price"}) {
    v1::Feature& feature = *model.mutable_schema()->add_features();
    feature.set_name(name);
    feature.set_kind(v1::FEATURE_KIND_NUMERIC);
  }
  v1::Feature& channel = *model.mutable_schema()->add_features();
  channel.set_name("channel");
  channel.set_kind(v1::FEATURE_KIND_CATEGORICAL);
  channel.add_vocabulary("search");
  v1::Feature& time = *model.mutable_schema()->add_features();
  time.set_name("start_time");
  time.set_kind(v1::FEATURE_KIND_TIME);
  return model;
}

grpc::Status FakeServer::EchoFirstValue(const v1::BatchPredictRequest& request, v1::BatchPredictResponse* response) {
  const int64_t rows = request.matrix().rows();
  if (rows == 0) return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "rows: expected at least 1, got 0");
  const int64_t features = request.matrix().values_size() / rows;
  for (int64_t r = 0; r < rows; ++r) {
    const float first = request.matrix().values(static_cast<int>(r * features));
    if (first < 0) {
      response->add_roi(std::numeric_limits<float>::quiet_NaN());
      response->set_rows_refused(response->rows_refused() + 1);
      v1::RowIssue& issue = *response->add_issues();
      issue.set_row(r);
      issue.mutable_status()->set_code(grpc::StatusCode::INVALID_ARGUMENT);
      issue.mutable_status()->set_message("spend: expected more than 0");
      continue;
    }
    response->add_roi(first);
  }
  return grpc::Status::OK;
}

std::string FakeServer::uploaded() const {
  const absl::MutexLock lock(&mutex_);
  return uploaded_;
}

v1::UploadDatasetHeader FakeServer::upload_header() const {
  const absl::MutexLock lock(&mutex_);
  return upload_header_;
}

}  // namespace roicast::testing
