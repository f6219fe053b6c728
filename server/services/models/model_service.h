// ModelService: lists, imports and exports the versions in the store, and says which ones serve.
#pragma once

#include <grpcpp/grpcpp.h>

#include "roicast/v1/model.grpc.pb.h"
#include "server/serving/model_registry.h"
#include "server/store/store.h"
#include "server/telemetry/log.h"
#include "server/transport/synchronous_call.h"

namespace roicast {

// Thread-safe. Synchronous: its calls read files and take their time.
class ModelService final : public v1::ModelService::Service {
 public:
  // All outlive it.
  ModelService(Store* store, ModelRegistry* registry, SynchronousCalls* calls, const Logger* logger);

  grpc::Status ListModels(grpc::ServerContext* context, const v1::ListModelsRequest* request,
                          v1::ListModelsResponse* response) override;
  grpc::Status GetModel(grpc::ServerContext* context, const v1::GetModelRequest* request, v1::Model* response) override;
  grpc::Status ImportModel(grpc::ServerContext* context, grpc::ServerReader<v1::ImportModelRequest>* reader,
                           v1::Model* response) override;
  grpc::Status ExportModel(grpc::ServerContext* context, const v1::ExportModelRequest* request,
                           grpc::ServerWriter<v1::ExportModelResponse>* writer) override;

 private:
  absl::Status ListNewest(const v1::ListModelsRequest& request, int page_size, v1::ListModelsResponse* response) const;
  absl::Status ListVersions(const v1::ListModelsRequest& request, int page_size,
                            v1::ListModelsResponse* response) const;
  absl::Status Import(grpc::ServerReader<v1::ImportModelRequest>& reader, absl::string_view peer, v1::Model* response,
                      CallSubject& subject);
  absl::Status Export(const v1::ModelRef& ref, grpc::ServerWriter<v1::ExportModelResponse>& writer,
                      CallSubject& subject) const;
  // 0: none.
  int64_t ServingVersion(absl::string_view model) const;
  v1::Model ToProto(const ModelVersion& version) const;
  // Schema, report and provenance too.
  absl::StatusOr<v1::Model> ToFullProto(const ModelVersion& version) const;

  Store& store_;
  ModelRegistry& registry_;
  SynchronousCalls& calls_;
  const Logger& logger_;
  RpcMetrics& list_models_;
  RpcMetrics& get_model_;
  RpcMetrics& import_model_;
  RpcMetrics& export_model_;
};

}  // namespace roicast
