#include "client/cli/inspection.h"

#include "base/status_macros.h"
#include "client/cli/progress_line.h"

namespace roicast::client {

absl::StatusOr<v1::InspectDatasetResponse> InspectSpec(const CommandContext& context, const TrainingClient& client,
                                                       DatasetSource& source, const SpecFlags& flags,
                                                       const v1::TrainingSpec& spec) {
  ProgressLine line(context.json);
  if (line.terminal()) line.Update({"reading the table"}, true);
  absl::StatusOr<v1::InspectDatasetResponse> inspection = client.InspectDataset(spec);
  line.Clear();
  if (!absl::IsInvalidArgument(inspection.status()) || source.columns().known()) return inspection;
  source.AskColumns(client, flags.Target());
  // The target may be what is wrong.
  if (!source.columns().known()) source.AskColumns(client, v1::TargetSpec());
  if (source.columns().known()) ROICAST_RETURN_IF_ERROR(flags.Build(source.columns()).status());
  return inspection;
}

}  // namespace roicast::client
