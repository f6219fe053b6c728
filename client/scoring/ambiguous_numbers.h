// Numbers such as 1.326, which are 1.326 or 1326.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "base/tables/column_evidence.h"
#include "base/tables/number_form.h"
#include "roicast/v1/model.pb.h"

namespace roicast::client {

struct AmbiguousReading {
  NumberForm form;
  // "as in training", for a sentence. Empty: it is as the column alone was read.
  std::string because;
};

// How a column is read whose cells can be read in two ways: as what is certain about its own file says; else so that
// its values are like those of training, if one reading alone makes them so; else as in training. learnt: how the
// model's own table wrote it, or nullptr. Errors: INVALID_ARGUMENT if what the file shows and training disagree and
// nothing settles it.
absl::StatusOr<AmbiguousReading> ReadAmbiguousNumbers(const v1::Feature& feature, const std::string& column,
                                                      const ColumnReading& cells, const v1::ColumnReading* learnt);

}  // namespace roicast::client
