// What a model has learnt, as messages: of artifacts, training reports and answers.
#pragma once

#include "model/evaluation/learnt_shapes.h"
#include "model/evaluation/new_rows_report.h"
#include "roicast/v1/report.pb.h"

namespace roicast {

v1::FeatureDependence DependenceToProto(const DependenceShape& shape);
v1::FeatureInteraction InteractionToProto(const InteractionStrength& pair);
v1::SurrogateTree TreeToProto(const TreeRules& tree);

v1::NewRowsReport NewRowsToProto(const NewRowsReport& report);
NewRowsReport NewRowsFromProto(const v1::NewRowsReport& proto);

}  // namespace roicast
