// Datasets as tables, read always in the same way.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/memory_budget.h"
#include "base/stop_check.h"
#include "model/artifact/artifact.h"
#include "model/data/csv_table.h"
#include "model/data/target.h"
#include "model/training/training_spec.h"
#include "server/store/store.h"

namespace roicast {

// The record, with a reading, of a dataset whose file has the content that its digest stands for. Reads the whole file,
// then finds out how it is read and records that, unless that is done already: what is recorded stays. Errors:
// NotFound, DataLoss (uploading it again mends it), InvalidArgument (it is no table), ResourceExhausted of `memory`,
// from which it draws meanwhile; those of the store and of `stop`, which is asked every few milliseconds.
absl::StatusOr<DatasetRecord> VerifiedDataset(Store& store, absl::string_view digest, const StopCheck& stop,
                                              MemoryBudget* memory);

// How a dataset is read: as recorded, else as its format says. Errors: DataLoss (what is recorded cannot be parsed).
absl::StatusOr<CsvTableOptions> ReadOptionsOf(const DatasetRecord& record);

// A dataset as a table, to train on with a spec. memory: what it draws from; outlives it. Errors: as of ReadCsvFile.
absl::StatusOr<CsvTable> ReadDataset(const DatasetRecord& record, const TrainingSpec& spec, const StopCheck& stop,
                                     MemoryBudget* memory);

// The same for evaluating a model: what is a word and what means "missing" to the model is so in the table, too.
absl::StatusOr<CsvTable> ReadDatasetFor(const Artifact& artifact, const DatasetRecord& record, const TargetSpec& target,
                                        const StopCheck& stop, MemoryBudget* memory);

}  // namespace roicast
