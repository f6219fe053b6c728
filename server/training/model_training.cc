#include "server/training/model_training.h"

#include <optional>
#include <string>

#include "base/memory_limit.h"
#include "base/status_macros.h"
#include "model/artifact/artifact.h"
#include "model/artifact/proto_conversion.h"
#include "model/evaluation/first_metric.h"
#include "model/predictor/predictor.h"
#include "model/training/train_model.h"
#include "server/training/dataset_reading.h"

namespace roicast {
namespace {

// Half of the memory: the other half is for the table and for serving, which training must not starve.
int64_t MaxEncodedBytes() { return MemoryLimit() / 2; }

}  // namespace

absl::StatusOr<TrainedModel> TrainJob(const TrainRequest& request, const TrainJobOptions& options,
                                      TrainingObserver& observer) {
  std::optional<Artifact> warm_start;
  if (!request.warm_start.empty()) {
    ROICAST_ASSIGN_OR_RETURN(warm_start, ParseArtifact(request.warm_start));
  }
  ROICAST_ASSIGN_OR_RETURN(const CsvTable data,
                           ReadDataset(request.dataset, request.spec, StopWhenCancelled(observer), options.memory));
  TrainModelInputs inputs;
  inputs.warm_start = warm_start.has_value() ? &*warm_start : nullptr;
  inputs.resume_from = request.resume_from.has_value() ? &*request.resume_from : nullptr;
  inputs.max_encoded_bytes = MaxEncodedBytes();
  inputs.limits = options.limits;
  inputs.memory = options.memory;
  inputs.threads = options.threads;
  ROICAST_ASSIGN_OR_RETURN(const Artifact artifact, TrainModel(data, request.spec, inputs, &observer));

  const StopCheck stop = StopWhenCancelled(observer);
  TrainedModel trained;
  trained.artifact = SerializeArtifact(artifact);
  ROICAST_RETURN_IF_ERROR(stop());
  // Check the bytes that will be published, not the artifact in memory.
  ROICAST_ASSIGN_OR_RETURN(const Artifact reread, ParseArtifact(trained.artifact));
  ROICAST_RETURN_IF_ERROR(stop());
  ROICAST_RETURN_IF_ERROR(Predictor::Compile(reread).status());
  trained.network = artifact.DescribeNetwork();
  trained.holdout_r2 = artifact.report.HoldoutR2();
  if (artifact.report.OfNewRows().model.rows > 0) {
    trained.first_metric = FirstMetric(artifact.report.OfNewRows().model);
  }
  trained.first_metric_name = std::string(FirstMetricName(artifact.report.OfNewRows().model));
  trained.report = TrainingReportToProto(artifact.report);
  return trained;
}

}  // namespace roicast
