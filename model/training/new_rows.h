// What the report says of rows that were held out.
#pragma once

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/stop_check.h"
#include "model/artifact/artifact.h"
#include "model/data/matrix.h"
#include "model/data/moves_with_spend.h"
#include "model/evaluation/new_rows_report.h"

namespace roicast {

// measured: the model that had not seen the rows. raw [n, features], truth [n], moves: of its schema. Importances are
// of up to kMostNewRows rows and five shuffles; dependence, of up to as many rows, is of the 8 most important features,
// with up to 12 curves of single rows along numeric ones; interactions are of the 6 most important ones. Without rows,
// rows = 0. Errors: as of Predictor::CompileUnverified; those of `stop`.
absl::StatusOr<NewRowsReport> ReportNewRows(const Artifact& measured, const RowMajorMatrix& raw,
                                            absl::Span<const double> truth, const MovesWithSpend& moves,
                                            const StopCheck& stop);

}  // namespace roicast
