#include "client/model_client.h"

#include <algorithm>
#include <istream>
#include <iterator>
#include <ostream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "client/status.h"
#include "client/stream_chunks.h"
#include "client/unary_call.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "roicast/v1/model.grpc.pb.h"

namespace roicast::client {
namespace {

using Stub = v1::ModelService::Stub;

// Artifacts are large: the timeout of an ordinary call does not apply.
constexpr absl::Duration kTransferTimeout = absl::Minutes(10);

}  // namespace

ModelClient::ModelClient(std::shared_ptr<ChannelPool> channels, CallOptions options)
    : channels_(std::move(channels)), options_(options) {}

absl::StatusOr<std::vector<v1::Model>> ModelClient::ListModels(absl::string_view name) const {
  std::vector<v1::Model> models;
  v1::ListModelsRequest request;
  request.set_name(std::string(name));
  do {
    ROICAST_ASSIGN_OR_RETURN(v1::ListModelsResponse page,
                             CallIdempotent(*channels_, options_, &Stub::ListModels, request));
    std::move(page.mutable_models()->begin(), page.mutable_models()->end(), std::back_inserter(models));
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return models;
}

absl::StatusOr<v1::Model> ModelClient::GetModel(const v1::ModelRef& model) const {
  v1::GetModelRequest request;
  *request.mutable_model() = model;
  return CallIdempotent(*channels_, options_, &Stub::GetModel, request);
}

absl::StatusOr<v1::ServedBy> ModelClient::ExportModel(const v1::ModelRef& model, std::ostream& out) const {
  v1::ExportModelRequest request;
  *request.mutable_model() = model;
  grpc::ClientContext context;
  SetDeadline(context, absl::Now() + kTransferTimeout);
  const auto stub = v1::ModelService::NewStub(channels_->Next());
  const auto reader = stub->ExportModel(&context, request);
  v1::ExportModelResponse part;
  v1::ServedBy exported;
  int64_t expected = 0, received = 0;
  while (reader->Read(&part)) {
    if (part.has_exported()) {
      exported = part.exported();
      expected = part.size_bytes();
    }
    received += static_cast<int64_t>(part.data().size());
    out.write(part.data().data(), static_cast<std::streamsize>(part.data().size()));
  }
  ROICAST_RETURN_IF_ERROR(ToAbslStatus(reader->Finish()));
  if (received != expected) {
    return absl::DataLossError(absl::StrCat("artifact: expected ", expected, " bytes, got ", received));
  }
  return exported;
}

absl::StatusOr<v1::Model> ModelClient::ImportModel(absl::string_view name, std::istream& artifact) const {
  grpc::ClientContext context;
  SetDeadline(context, absl::Now() + kTransferTimeout);
  v1::Model model;
  const auto stub = v1::ModelService::NewStub(channels_->Next());
  const auto writer = stub->ImportModel(&context, &model);
  v1::ImportModelRequest request;
  request.set_model(std::string(name));
  bool open = writer->Write(request);
  ForEachChunk(artifact, [&](absl::string_view chunk) {
    request.set_data(chunk.data(), chunk.size());
    open = open && writer->Write(request);
    return open;
  });
  if (artifact.bad()) context.TryCancel();
  writer->WritesDone();
  const absl::Status status = ToAbslStatus(writer->Finish());
  if (artifact.bad()) return absl::InternalError("artifact: the file cannot be read");
  ROICAST_RETURN_IF_ERROR(status);
  return model;
}

absl::StatusOr<v1::Model> ModelClient::ServeVersion(const v1::ServeVersionRequest& request) const {
  return CallIdempotent(*channels_, options_, &Stub::ServeVersion, request);
}

absl::StatusOr<grpc::health::v1::HealthCheckResponse::ServingStatus> ModelClient::CheckHealth(
    absl::string_view service) const {
  grpc::health::v1::HealthCheckRequest request;
  request.set_service(std::string(service));
  grpc::health::v1::HealthCheckResponse response;
  ROICAST_RETURN_IF_ERROR(CallOnce(options_, [&](grpc::ClientContext& context) {
    return grpc::health::v1::Health::NewStub(channels_->Next())->Check(&context, request, &response);
  }));
  return response.status();
}

}  // namespace roicast::client
