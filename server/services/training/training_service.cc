#include "server/services/training/training_service.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "model/artifact/proto_conversion.h"
#include "model/artifact/reading_conversion.h"
#include "model/training/evaluate_artifact.h"
#include "model/training/spec_columns.h"
#include "model/training/train_model.h"
#include "server/errors/errors.h"
#include "server/services/paging.h"
#include "server/services/training/dataset_profile.h"
#include "server/services/training/dataset_upload.h"
#include "server/training/dataset_reading.h"
#include "server/training/job_conversion.h"
#include "server/training/stored_artifact.h"
#include "server/transport/grpc/stop_with_call.h"

namespace roicast {
namespace {

// As of ColumnProfile.role.
std::string RoleOf(const std::string& column, const DatasetInspection& inspection) {
  if (column == inspection.target.spend_column) return "spend";
  for (const LeftOutColumn& left_out : inspection.cleaning.left_out) {
    if (left_out.column == column) return left_out.reason;
  }
  return "feature";
}

v1::LearntRowsCheck LearntRowsCheckToProto(const LearntRowsCheck& check) {
  v1::LearntRowsCheck proto;
  proto.set_rows_checked(check.rows_checked);
  proto.set_rows_learnt(check.rows_learnt);
  if (check.learnt.model.rows > 0) *proto.mutable_learnt() = MetricsWithBaselineToProto(check.learnt);
  if (check.fresh.model.rows > 0) *proto.mutable_fresh() = MetricsWithBaselineToProto(check.fresh);
  proto.set_unknown_because(check.unknown_because);
  return proto;
}

absl::Status CheckColumnsOf(const DatasetRecord& record, const TrainingSpec& spec) {
  ROICAST_ASSIGN_OR_RETURN(const CsvTableOptions options, ReadOptionsOf(record));
  return CheckColumns(spec, ColumnsOf(*options.reading));
}

}  // namespace

TrainingService::TrainingService(const Parts& parts)
    : store_(*parts.store),
      registry_(*parts.registry),
      jobs_(*parts.jobs),
      calls_(*parts.calls),
      idle_(*parts.idle),
      memory_(*parts.memory) {
  calls_.ClientStream<v1::UploadDatasetRequest, v1::Dataset>(
      "TrainingService/UploadDataset",
      [this](auto& source, auto* response, CallContext& context) { return Upload(source, response, context); });
  calls_.Unary<v1::InspectDatasetRequest, v1::InspectDatasetResponse>(
      "TrainingService/InspectDataset",
      [this](const auto& request, auto* response, CallContext& context) {
        const StopCheck stop = StopWithCall(context.call);
        return idle_.Run(context.call.host(), stop, [&] { return Inspect(request, response, stop); });
      },
      BlockingService::kSpecBytes);
  calls_.Unary<v1::CreateTrainingJobRequest, v1::TrainingJob>(
      "TrainingService/CreateTrainingJob",
      [this](const auto& request, auto* response, CallContext& context) -> absl::Status {
        ROICAST_ASSIGN_OR_RETURN(*response, Create(request, context));
        context.model = response->spec().model();
        return absl::OkStatus();
      },
      BlockingService::kSpecBytes);
  calls_.Unary<v1::GetTrainingJobRequest, v1::TrainingJob>(
      "TrainingService/GetTrainingJob",
      [this](const auto& request, auto* response, CallContext&) -> absl::Status {
        ROICAST_ASSIGN_OR_RETURN(*response, jobs_.Get(request.id()));
        return absl::OkStatus();
      },
      BlockingService::kNamesBytes);
  calls_.Unary<v1::ListTrainingJobsRequest, v1::ListTrainingJobsResponse>(
      "TrainingService/ListTrainingJobs",
      [this](const auto& request, auto* response, CallContext&) { return List(request, response); },
      BlockingService::kNamesBytes);
  calls_.Unary<v1::CancelTrainingJobRequest, v1::TrainingJob>(
      "TrainingService/CancelTrainingJob",
      [this](const auto& request, auto* response, CallContext&) -> absl::Status {
        ROICAST_ASSIGN_OR_RETURN(*response, jobs_.Cancel(request.id()));
        return absl::OkStatus();
      },
      BlockingService::kNamesBytes);
  calls_.ServerStream<v1::WatchTrainingJobRequest, v1::TrainingJob>(
      "TrainingService/WatchTrainingJob",
      [this](const auto& request, auto& states, CallContext& context) { return Watch(request.id(), states, context); },
      BlockingService::kNamesBytes);
  calls_.Unary<v1::EvaluateModelRequest, v1::EvaluateModelResponse>(
      "TrainingService/EvaluateModel",
      [this](const auto& request, auto* response, CallContext& context) {
        const StopCheck stop = StopWithCall(context.call);
        return idle_.Run(context.call.host(), stop, [&] { return Evaluate(request, response, context, stop); });
      },
      BlockingService::kNamesBytes);
}

absl::Status TrainingService::Upload(MessageSource<v1::UploadDatasetRequest>& parts, v1::Dataset* response,
                                     CallContext& context) {
  ROICAST_ASSIGN_OR_RETURN(UploadLimit::Upload limited, calls_.uploads().Open(context.call.host()));
  DatasetUpload upload(&store_, &memory_, StopWithCall(context.call));
  v1::UploadDatasetRequest part;
  while (parts.Read(&part)) {
    if (!part.has_header()) ROICAST_RETURN_IF_ERROR(calls_.uploads().TakePlace(limited));
    ROICAST_RETURN_IF_ERROR(upload.Add(part));
  }
  // A client that went away half-way has not uploaded half a dataset.
  if (context.call.cancelled()) return ClientDisconnected();
  ROICAST_RETURN_IF_ERROR(parts.status());
  ROICAST_ASSIGN_OR_RETURN(const DatasetRecord record, upload.Finish());
  // What is no table is stored as it came: whoever uses it is told why.
  const absl::StatusOr<DatasetRecord> read = FindReading(record, context);
  *response = DatasetToProto(read.ok() ? *read : record);
  return absl::OkStatus();
}

absl::StatusOr<v1::TrainingJob> TrainingService::Create(const v1::CreateTrainingJobRequest& request,
                                                        const CallContext& context) {
  if (request.has_spec() && !request.resume_job().empty()) {
    return absl::InvalidArgumentError("spec: expected none with resume_job, which keeps its own spec");
  }
  if (!request.resume_job().empty())
    return jobs_.Resume(request.resume_job(), request.request_id(), context.call.host());
  if (!request.has_spec()) return absl::InvalidArgumentError("spec: expected one, unless resume_job is set; got none");
  ROICAST_RETURN_IF_ERROR(CheckSpecBytes(static_cast<int64_t>(request.spec().ByteSizeLong())));
  ROICAST_ASSIGN_OR_RETURN(const TrainingSpec spec, TrainingSpecFromProto(request.spec(), "spec"));
  ROICAST_RETURN_IF_ERROR(spec.Validate());
  ROICAST_RETURN_IF_ERROR(CheckAgainstDataset(spec, context));
  return jobs_.Submit(spec, request.request_id(), context.call.host());
}

absl::StatusOr<DatasetRecord> TrainingService::FindReading(const DatasetRecord& record,
                                                           const CallContext& context) const {
  if (!record.reading.empty()) return record;
  absl::StatusOr<DatasetRecord> read = record;
  const StopCheck stop = StopWithCall(context.call);
  ROICAST_RETURN_IF_ERROR(idle_.Run(context.call.host(), stop, [&] {
    read = VerifiedDataset(store_, record.digest, stop, &memory_);
    return read.status();
  }));
  return read;
}

// A misspelt column is told at once, and not by a failed job.
absl::Status TrainingService::CheckAgainstDataset(const TrainingSpec& spec, const CallContext& context) const {
  const absl::StatusOr<DatasetRecord> found = store_.GetDataset(spec.dataset_digest);
  if (!found.ok()) return absl::OkStatus();  // Whoever reads it says so.
  ROICAST_ASSIGN_OR_RETURN(const DatasetRecord record, FindReading(*found, context));
  return CheckColumnsOf(record, spec);
}

absl::Status TrainingService::List(const v1::ListTrainingJobsRequest& request,
                                   v1::ListTrainingJobsResponse* response) const {
  ROICAST_ASSIGN_OR_RETURN(const int page_size, PageSize(request.page_size()));
  // One more than asked for, to see whether there is a next page.
  absl::StatusOr<std::vector<v1::TrainingJob>> jobs = jobs_.List(request.model(), request.page_token(), page_size + 1);
  if (absl::IsInvalidArgument(jobs.status())) return PageTokenExpected(request.page_token());
  ROICAST_RETURN_IF_ERROR(jobs.status());
  const auto taken = [](v1::TrainingJob& job) -> absl::StatusOr<v1::TrainingJob> { return std::move(job); };
  ROICAST_ASSIGN_OR_RETURN(const bool more, FillPage(*jobs, page_size, taken, response->mutable_jobs()));
  if (more) response->set_next_page_token(response->jobs(response->jobs_size() - 1).id());
  return absl::OkStatus();
}

absl::Status TrainingService::Inspect(const v1::InspectDatasetRequest& request, v1::InspectDatasetResponse* response,
                                      const StopCheck& stop) const {
  ROICAST_RETURN_IF_ERROR(CheckSpecBytes(static_cast<int64_t>(request.spec().ByteSizeLong())));
  ROICAST_ASSIGN_OR_RETURN(const TrainingSpec spec, TrainingSpecFromProto(request.spec(), "spec"));
  ROICAST_RETURN_IF_ERROR(spec.Validate());
  ROICAST_ASSIGN_OR_RETURN(const DatasetRecord record, VerifiedDataset(store_, spec.dataset_digest, stop, &memory_));
  ROICAST_RETURN_IF_ERROR(CheckColumnsOf(record, spec));
  ROICAST_ASSIGN_OR_RETURN(const CsvTable data, ReadDataset(record, spec, stop, &memory_));
  ROICAST_ASSIGN_OR_RETURN(const DatasetInspection inspection, roicast::InspectDataset(data, spec, stop, &memory_));
  *response->mutable_schema() = SchemaToProto(inspection.schema);
  *response->mutable_cleaning() = CleaningReportToProto(inspection.cleaning);
  response->set_train_rows(inspection.train_rows);
  response->set_validation_rows(inspection.validation_rows);
  response->set_holdout_rows(inspection.holdout_rows);
  response->set_validation_chooses_epoch(inspection.validation_chooses_epoch);
  const v1::TableReading reading = TableReadingToProto(*data.reading);
  *response->mutable_file() = reading.file();
  *response->mutable_warnings() = response->cleaning().warnings();
  *response->mutable_target() = TargetSpecToProto(inspection.target);
  for (int i = 0; i < reading.columns_size(); ++i) {
    const Column& column = data.table.column(i);
    v1::ColumnProfile& profile = *response->add_columns();
    ROICAST_ASSIGN_OR_RETURN(profile, ProfileColumn(column, stop));
    *profile.mutable_reading() = reading.columns(i);
    profile.set_role(RoleOf(column.name, inspection));
    const int feature = inspection.schema.IndexOf(column.name);
    if (feature < 0) continue;
    profile.set_kind(FeatureKindToProto(inspection.schema.features[static_cast<size_t>(feature)].kind));
    if (column.kind == FeatureKind::kNumeric) {
      profile.set_transform(NumericTransformToProto(inspection.transforms[static_cast<size_t>(feature)]));
    }
  }
  return absl::OkStatus();
}

absl::Status TrainingService::Watch(const std::string& id, MessageSink<v1::TrainingJob>& jobs,
                                    const CallContext& context) {
  const absl::StatusOr<PeerLimit::Ticket> entered = watches_.Enter(context.call.host());
  if (!entered.ok()) {
    return WithMessage(entered.status(), absl::StrCat(entered.status().message(), ", or poll GetTrainingJob"));
  }
  ROICAST_ASSIGN_OR_RETURN(const std::unique_ptr<JobWatch> watch, jobs_.Watch(id));
  while (true) {
    if (context.call.cancelled()) return ClientDisconnected();
    const std::shared_ptr<const v1::TrainingJob> job = watch->Wait(absl::Milliseconds(500));
    if (job != nullptr && !jobs.Write(*job)) return ClientDisconnected();
    if (!watch->Done()) continue;
    return calls_.lifecycle().Admit();
  }
}

absl::Status TrainingService::Evaluate(const v1::EvaluateModelRequest& request, v1::EvaluateModelResponse* response,
                                       CallContext& context, const StopCheck& stop) const {
  ROICAST_ASSIGN_OR_RETURN(const ModelVersion known,
                           registry_.Describe(request.model().name(), request.model().version()));
  context.model = known.model;
  context.version = known.version;
  ROICAST_ASSIGN_OR_RETURN(const StoredArtifact stored,
                           ReadStoredArtifact(store_, known.model, known.version, &memory_));
  const Artifact& artifact = stored.artifact;
  ROICAST_ASSIGN_OR_RETURN(const DatasetRecord record,
                           VerifiedDataset(store_, request.dataset_digest(), stop, &memory_));
  const TargetSpec target =
      request.has_target() ? TargetSpecFromProto(request.target()) : artifact.provenance.spec.target;
  ROICAST_ASSIGN_OR_RETURN(const CsvTable data, ReadDatasetFor(artifact, record, target, stop, &memory_));
  const double threshold =
      request.has_profit_threshold() ? request.profit_threshold() : artifact.provenance.spec.profit_threshold;
  ROICAST_ASSIGN_OR_RETURN(const ModelEvaluation evaluation,
                           EvaluateArtifact(artifact, data, target, threshold, stop, &memory_));
  response->mutable_evaluated()->set_model(known.model);
  response->mutable_evaluated()->set_version(known.version);
  response->mutable_evaluated()->set_artifact_digest(known.digest);
  *response->mutable_metrics() = MetricsWithBaselineToProto(evaluation.metrics);
  for (const DroppedRows& dropped : evaluation.dropped) *response->add_dropped() = DroppedRowsToProto(dropped);
  response->set_rows_with_warnings(evaluation.rows_with_warnings);
  for (const std::string& name : evaluation.absent_features) response->add_features_without_column(name);
  *response->mutable_learnt_rows() = LearntRowsCheckToProto(evaluation.learnt_rows);
  response->set_conclusion(evaluation.conclusion);
  *response->mutable_target() = TargetDescriptionToProto(evaluation.target);
  return absl::OkStatus();
}

}  // namespace roicast
