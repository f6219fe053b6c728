#include "server/services/models/model_service.h"

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/model_name.h"
#include "base/one_line.h"
#include "base/status_macros.h"
#include "model/artifact/artifact.h"
#include "model/artifact/proto_conversion.h"
#include "model/data/spend_feature.h"
#include "model/evaluation/first_metric.h"
#include "model/predictor/predictor.h"
#include "server/errors/errors.h"
#include "server/services/models/artifact_import.h"
#include "server/services/paging.h"
#include "server/training/job_conversion.h"

namespace roicast {
namespace {

// Of an export: clients who do not read have a few of them.
constexpr size_t kChunkBytes = size_t{256} << 10;
// What an artifact is parsed to, and the artifact, beside its bytes.
constexpr uint64_t kParsingFactor = 2;
constexpr size_t kMaxReasonBytes = 200;
// Of a model's history, as model.proto says.
constexpr int kServingSteps = 20;

v1::ServingCause CauseToProto(ServingCause cause) {
  switch (cause) {
    case ServingCause::kRule:
      return v1::SERVING_CAUSE_RULE;
    case ServingCause::kHand:
      return v1::SERVING_CAUSE_HAND;
    case ServingCause::kUpgrade:
      return v1::SERVING_CAUSE_UPGRADE;
  }
  return v1::SERVING_CAUSE_UNSPECIFIED;
}

v1::ServingStep StepToProto(const ServingStep& step) {
  v1::ServingStep proto;
  *proto.mutable_time() = TimeToProto(step.time);
  proto.set_version(step.version);
  proto.set_from_version(step.from_version);
  proto.set_cause(CauseToProto(step.cause));
  proto.set_forced(step.forced);
  proto.set_holds(step.holds);
  proto.set_actor(step.actor);
  proto.set_reason(step.reason);
  return proto;
}

void SetSubject(const ModelVersion& version, CallContext& context) {
  context.model = version.model;
  context.version = version.version;
}

}  // namespace

ModelService::ModelService(Store* store, ModelRegistry* registry, PublicationLog* publications, BlockingService* calls)
    : store_(*store),
      registry_(*registry),
      publications_(*publications),
      calls_(*calls),
      artifacts_(store, &calls->memory()) {
  calls_.Unary<v1::ListModelsRequest, v1::ListModelsResponse>(
      "ModelService/ListModels",
      [this](const auto& request, auto* response, CallContext&) -> absl::Status {
        ROICAST_ASSIGN_OR_RETURN(const int page_size, PageSize(request.page_size()));
        return request.name().empty() ? ListNewest(request, page_size, response)
                                      : ListVersions(request, page_size, response);
      },
      BlockingService::kNamesBytes);
  calls_.Unary<v1::GetModelRequest, v1::Model>(
      "ModelService/GetModel",
      [this](const auto& request, auto* response, CallContext& context) -> absl::Status {
        ROICAST_ASSIGN_OR_RETURN(const ModelVersion version,
                                 registry_.Describe(request.model().name(), request.model().version()));
        SetSubject(version, context);
        ROICAST_ASSIGN_OR_RETURN(*response, ToFullProto(version));
        return absl::OkStatus();
      },
      BlockingService::kNamesBytes);
  calls_.ClientStream<v1::ImportModelRequest, v1::Model>(
      "ModelService/ImportModel", [this](auto& parts, auto* response, CallContext& context) -> absl::Status {
        ROICAST_ASSIGN_OR_RETURN(UploadLimit::Upload limited, calls_.uploads().Open(context.call.host()));
        return Import(parts, limited, response, context);
      });
  calls_.ServerStream<v1::ExportModelRequest, v1::ExportModelResponse>(
      "ModelService/ExportModel",
      [this](const auto& request, auto& parts, CallContext& context) -> absl::Status {
        ROICAST_ASSIGN_OR_RETURN(const PeerLimit::Ticket entered, exports_.Enter(context.call.host()));
        return Export(request.model(), parts, context);
      },
      BlockingService::kNamesBytes);
  calls_.Unary<v1::ServeVersionRequest, v1::Model>(
      "ModelService/ServeVersion",
      [this](const auto& request, auto* response, CallContext& context) { return Serve(request, response, context); },
      BlockingService::kNamesBytes);
}

absl::Status ModelService::ListNewest(const v1::ListModelsRequest& request, int page_size,
                                      v1::ListModelsResponse* response) const {
  const std::string& after = request.page_token();
  if (!after.empty() && !IsModelName(after)) return PageTokenExpected(after);
  // One more than asked for, to see whether there is a next page.
  ROICAST_ASSIGN_OR_RETURN(std::vector<ModelVersion> models, store_.ListModels(after, page_size + 1));
  const std::shared_ptr<const ModelSnapshot> snapshot = registry_.Snapshot();
  const auto listed = [&](const ModelVersion& newest) -> absl::StatusOr<v1::Model> {
    const int64_t serving = snapshot->ServingVersion(newest.model);
    ModelVersion version = newest;
    if (serving != 0 && serving != newest.version) {
      ROICAST_ASSIGN_OR_RETURN(version, store_.GetVersion(newest.model, serving));
    }
    v1::Model model = ToProto(version);
    model.set_newest_version(newest.version);
    return model;
  };
  ROICAST_ASSIGN_OR_RETURN(const bool more, FillPage(models, page_size, listed, response->mutable_models()));
  if (more) response->set_next_page_token(response->models(response->models_size() - 1).name());
  return absl::OkStatus();
}

absl::Status ModelService::ListVersions(const v1::ListModelsRequest& request, int page_size,
                                        v1::ListModelsResponse* response) const {
  ROICAST_ASSIGN_OR_RETURN(const int64_t before, NumberOfPageToken(request.page_token()));
  ROICAST_ASSIGN_OR_RETURN(std::vector<ModelVersion> versions,
                           store_.ListVersions(request.name(), before, page_size + 1));
  const auto listed = [this](const ModelVersion& version) -> absl::StatusOr<v1::Model> { return ToProto(version); };
  ROICAST_ASSIGN_OR_RETURN(const bool more, FillPage(versions, page_size, listed, response->mutable_models()));
  if (more) response->set_next_page_token(absl::StrCat(response->models(response->models_size() - 1).version()));
  return absl::OkStatus();
}

absl::Status ModelService::Import(MessageSource<v1::ImportModelRequest>& parts, UploadLimit::Upload& limited,
                                  v1::Model* response, CallContext& context) {
  v1::ImportModelRequest part;
  const bool any = parts.Read(&part);
  ROICAST_RETURN_IF_ERROR(parts.status());
  if (!any || part.part_case() != v1::ImportModelRequest::kModel) {
    return absl::InvalidArgumentError("the first message: expected the model's name, got none");
  }
  const std::string model(registry_.Resolve(part.model()));
  ROICAST_RETURN_IF_ERROR(ValidateModelName(model));
  ROICAST_ASSIGN_OR_RETURN(const ModelVersion version, Publish(model, parts, limited));
  SetSubject(version, context);
  ROICAST_RETURN_IF_ERROR(WithContext(
      publications_.ActivateImported(version, context.call.peer()).status(),
      absl::StrCat(
          "model \"", version.model, "\" version ", version.version,
          " is stored, but it is not decided whether it serves (the server decides it once it can, at the latest when "
          "it starts again, or roicast models serve ",
          version.model, " ", version.version, ")")));
  ROICAST_ASSIGN_OR_RETURN(const ModelVersion decided, store_.GetVersion(version.model, version.version));
  ROICAST_ASSIGN_OR_RETURN(*response, ToFullProto(decided));
  return absl::OkStatus();
}

absl::StatusOr<ModelVersion> ModelService::Publish(const std::string& model,
                                                   MessageSource<v1::ImportModelRequest>& parts,
                                                   UploadLimit::Upload& limited) {
  ArtifactImport import(&calls_.memory());
  v1::ImportModelRequest part;
  while (parts.Read(&part)) {
    if (part.part_case() != v1::ImportModelRequest::kData) {
      return absl::InvalidArgumentError("expected data after the first message, got something else");
    }
    ROICAST_RETURN_IF_ERROR(calls_.uploads().TakePlace(limited));
    ROICAST_RETURN_IF_ERROR(import.Add(part.data()));
  }
  part.Clear();
  ROICAST_RETURN_IF_ERROR(parts.status());
  ROICAST_RETURN_IF_ERROR(import.Finish());
  PublishRequest publish;
  publish.model = model;
  {
    // Verified before it is published: a version that cannot be served would only take a number.
    ROICAST_ASSIGN_OR_RETURN(const Artifact artifact, ParseArtifact(import.bytes()));
    ROICAST_RETURN_IF_ERROR(Predictor::Compile(artifact).status());
    publish.network = artifact.DescribeNetwork();
    publish.holdout_r2 = artifact.report.HoldoutR2();
    if (artifact.report.OfNewRows().model.rows > 0) {
      publish.first_metric = FirstMetric(artifact.report.OfNewRows().model);
    }
    publish.first_metric_name = std::string(FirstMetricName(artifact.report.OfNewRows().model));
  }
  import.Verified();
  publish.artifact = import.TakeBytes();
  return store_.Publish(publish);
}

absl::Status ModelService::Serve(const v1::ServeVersionRequest& request, v1::Model* response, CallContext& context) {
  if (request.reason().size() > kMaxReasonBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("reason: expected at most ", kMaxReasonBytes, " bytes, got ", request.reason().size()));
  }
  ModelRegistry::ByHand by_hand;
  by_hand.force = request.force();
  by_hand.follow = request.follow();
  by_hand.actor = context.call.peer();
  by_hand.reason = OneLine(request.reason(), kMaxReasonBytes);
  const std::string model(registry_.Resolve(request.model().name()));
  ROICAST_ASSIGN_OR_RETURN(const ModelRegistry::ServingChange change,
                           publications_.Serve(model, request.model().version(), by_hand));
  context.model = model;
  context.version = request.model().version();
  ROICAST_ASSIGN_OR_RETURN(const ModelVersion version, store_.GetVersion(model, request.model().version()));
  ROICAST_ASSIGN_OR_RETURN(*response, ToFullProto(version));
  response->set_serving_objections(change.objections);
  return absl::OkStatus();
}

absl::Status ModelService::Export(const v1::ModelRef& ref, MessageSink<v1::ExportModelResponse>& parts,
                                  CallContext& context) {
  ROICAST_ASSIGN_OR_RETURN(const ModelVersion version, registry_.Describe(ref.name(), ref.version()));
  SetSubject(version, context);
  ROICAST_ASSIGN_OR_RETURN(const std::shared_ptr<const std::string> artifact, artifacts_.Read(version));
  const std::string& bytes = *artifact;
  for (size_t begin = 0; begin == 0 || begin < bytes.size(); begin += kChunkBytes) {
    v1::ExportModelResponse part;
    part.set_data(bytes.substr(begin, kChunkBytes));
    if (begin == 0) {
      part.mutable_exported()->set_model(version.model);
      part.mutable_exported()->set_version(version.version);
      part.mutable_exported()->set_artifact_digest(version.digest);
      part.set_size_bytes(static_cast<int64_t>(bytes.size()));
    }
    if (!parts.Write(part)) return ClientDisconnected();
  }
  return absl::OkStatus();
}

v1::Model ModelService::ToProto(const ModelVersion& version) const {
  v1::Model model;
  model.set_name(version.model);
  model.set_version(version.version);
  model.set_artifact_digest(version.digest);
  model.set_size_bytes(version.size_bytes);
  *model.mutable_publish_time() = TimeToProto(version.publish_time);
  model.set_serving(registry_.Snapshot()->ServingVersion(version.model) == version.version);
  model.set_load_error(version.load_error);
  model.set_job_id(version.job_id);
  model.set_network(version.network);
  model.set_holdout_r2(version.holdout_r2);
  if (!std::isnan(version.first_metric)) model.set_first_metric(version.first_metric);
  model.set_first_metric_name(version.first_metric_name);
  model.set_not_serving(version.not_serving);
  return model;
}

absl::StatusOr<v1::Model> ModelService::ToFullProto(const ModelVersion& version) {
  v1::Model model = ToProto(version);
  absl::StatusOr<MemoryClaim> memory =
      calls_.memory().Claim(MemoryUse::kAnswers, kParsingFactor * static_cast<uint64_t>(version.size_bytes));
  if (!memory.ok()) return MemoryShort(memory.status());
  ROICAST_ASSIGN_OR_RETURN(const std::shared_ptr<const std::string> bytes, artifacts_.Read(version));
  ROICAST_ASSIGN_OR_RETURN(const Artifact artifact, ParseArtifact(*bytes));
  *model.mutable_schema() = SchemaToProto(artifact.schema);
  *model.mutable_report() = TrainingReportToProto(artifact.report);
  *model.mutable_provenance() = ProvenanceToProto(artifact.provenance);
  model.set_spend_feature(DefaultSpendFeature(artifact.schema, artifact.provenance.spec.target.spend_column));
  // Lists do not have it of versions that were published before it was recorded.
  const MetricsWithBaseline& of_new_rows = artifact.report.OfNewRows();
  if (of_new_rows.model.rows > 0) model.set_first_metric(FirstMetric(of_new_rows.model));
  model.set_first_metric_name(std::string(FirstMetricName(of_new_rows.model)));
  ROICAST_ASSIGN_OR_RETURN(const std::vector<ServingStep> steps, store_.ServingSteps(version.model, kServingSteps));
  for (const ServingStep& step : steps) *model.add_serving_steps() = StepToProto(step);
  return model;
}

}  // namespace roicast
