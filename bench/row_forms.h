// The forms in which Predict takes a row, measured alternately on one server: the typed campaign of the default schema,
// named values and a dense row of any schema.
#pragma once

#include <string>
#include <vector>

#include "bench/report.h"
#include "model/artifact/artifact.h"
#include "roicast/v1/prediction.pb.h"

namespace roicast::bench {

struct RowForm {
  std::string name;
  v1::PredictRequest request;
};

// The same row in each form; the campaign is the first.
std::vector<RowForm> MakeRowForms(const Schema& schema);

struct RowFormsSettings {
  // host:port of a server of MakeCampaignArtifact.
  std::string server;
  int rounds = 7;
  double seconds = 1;
};

// Reports calls/s of each form at 1, 16 and 64 in flight, unary and in streams, beside the campaign's.
void CompareRowForms(const RowFormsSettings& settings, const Schema& schema, Report* report);

}  // namespace roicast::bench
