// ModelService: lists, imports and exports the versions in the store, says which ones serve, and chooses them.
#pragma once

#include <string>

#include "roicast/v1/model.pb.h"
#include "server/services/models/shared_artifacts.h"
#include "server/serving/model_registry.h"
#include "server/serving/peer_limit.h"
#include "server/serving/publication_log.h"
#include "server/store/store.h"
#include "server/transport/grpc/blocking_service.h"

namespace roicast {

// Thread-safe. Its calls read files and take their time.
class ModelService {
 public:
  // Adds its methods to `calls`. All outlive it, and it outlives the calls.
  ModelService(Store* store, ModelRegistry* registry, PublicationLog* publications, BlockingService* calls);
  ModelService(const ModelService&) = delete;
  ModelService& operator=(const ModelService&) = delete;

 private:
  absl::Status ListNewest(const v1::ListModelsRequest& request, int page_size, v1::ListModelsResponse* response) const;
  absl::Status ListVersions(const v1::ListModelsRequest& request, int page_size,
                            v1::ListModelsResponse* response) const;
  absl::Status Import(MessageSource<v1::ImportModelRequest>& parts, UploadLimit::Upload& limited, v1::Model* response,
                      CallContext& context);
  // Receives an artifact, verifies and publishes it.
  absl::StatusOr<ModelVersion> Publish(const std::string& model, MessageSource<v1::ImportModelRequest>& parts,
                                       UploadLimit::Upload& limited);
  absl::Status Export(const v1::ModelRef& ref, MessageSink<v1::ExportModelResponse>& parts, CallContext& context);
  absl::Status Serve(const v1::ServeVersionRequest& request, v1::Model* response, CallContext& context);
  v1::Model ToProto(const ModelVersion& version) const;
  // Schema, report, provenance and the model's serving steps too.
  absl::StatusOr<v1::Model> ToFullProto(const ModelVersion& version);

  Store& store_;
  ModelRegistry& registry_;
  PublicationLog& publications_;
  BlockingService& calls_;
  SharedArtifacts artifacts_;
  // Each holds a thread until its client has read it.
  PeerLimit exports_{{.all = 16, .per_peer = 8}, "exports"};
};

}  // namespace roicast
