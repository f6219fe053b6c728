// ModelService: lists, imports and exports the versions in the store, says which ones serve, and chooses them.
#pragma once

#include <grpcpp/grpcpp.h>

#include "roicast/v1/model.grpc.pb.h"
#include "server/serving/model_registry.h"
#include "server/serving/publication_log.h"
#include "server/store/store.h"
#include "server/transport/synchronous_call.h"

namespace roicast {

// Thread-safe. Synchronous: its calls read files and take their time.
class ModelService final : public v1::ModelService::Service {
 public:
  // All outlive it.
  ModelService(Store* store, ModelRegistry* registry, PublicationLog* publications, SynchronousCalls* calls);

  grpc::Status ListModels(grpc::ServerContext* context, const v1::ListModelsRequest* request,
                          v1::ListModelsResponse* response) override;
  grpc::Status GetModel(grpc::ServerContext* context, const v1::GetModelRequest* request, v1::Model* response) override;
  grpc::Status ImportModel(grpc::ServerContext* context, grpc::ServerReader<v1::ImportModelRequest>* reader,
                           v1::Model* response) override;
  grpc::Status ExportModel(grpc::ServerContext* context, const v1::ExportModelRequest* request,
                           grpc::ServerWriter<v1::ExportModelResponse>* writer) override;
  grpc::Status ServeVersion(grpc::ServerContext* context, const v1::ServeVersionRequest* request,
                            v1::Model* response) override;

 private:
  absl::Status ListNewest(const v1::ListModelsRequest& request, int page_size, v1::ListModelsResponse* response) const;
  absl::Status ListVersions(const v1::ListModelsRequest& request, int page_size,
                            v1::ListModelsResponse* response) const;
  absl::Status Import(grpc::ServerReader<v1::ImportModelRequest>& reader, absl::string_view peer, v1::Model* response,
                      CallSubject& subject);
  absl::Status Export(const v1::ModelRef& ref, grpc::ServerWriter<v1::ExportModelResponse>& writer,
                      CallSubject& subject) const;
  absl::Status Serve(const v1::ServeVersionRequest& request, absl::string_view peer, v1::Model* response,
                     CallSubject& subject);
  v1::Model ToProto(const ModelVersion& version) const;
  // Schema, report, provenance and the model's serving steps too.
  absl::StatusOr<v1::Model> ToFullProto(const ModelVersion& version) const;

  Store& store_;
  ModelRegistry& registry_;
  PublicationLog& publications_;
  SynchronousCalls& calls_;
  RpcMetrics& list_models_;
  RpcMetrics& get_model_;
  RpcMetrics& import_model_;
  RpcMetrics& export_model_;
  RpcMetrics& serve_version_;
};

}  // namespace roicast
