// Datasets as tables, read always in the same way.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/artifact/artifact.h"
#include "model/data/csv_table.h"
#include "model/data/target.h"
#include "model/training/training_spec.h"
#include "server/store/store.h"

namespace roicast {

// The record of a dataset whose file has the content that its digest stands for. Reads the whole file. Errors:
// NotFound, DataLoss (uploading it again mends it).
absl::StatusOr<DatasetRecord> VerifiedDataset(const Store& store, absl::string_view digest);

// The record with a reading: finds out how the dataset is read and records it, unless that is done already. Errors:
// InvalidArgument (it is no table), those of the store.
absl::StatusOr<DatasetRecord> WithReading(DatasetRecord record, Store& store);

// How a dataset is read: as recorded, else as its format says. Errors: DataLoss (what is recorded cannot be parsed).
absl::StatusOr<CsvTableOptions> ReadOptionsOf(const DatasetRecord& record);

// A dataset as a table, to train on with a spec. Errors: as of ReadCsvFile.
absl::StatusOr<CsvTable> ReadDataset(const DatasetRecord& record, const TrainingSpec& spec);

// The same for evaluating a model: what is a word and what means "missing" to the model is so in the table, too.
absl::StatusOr<CsvTable> ReadDatasetFor(const Artifact& artifact, const DatasetRecord& record,
                                        const TargetSpec& target);

}  // namespace roicast
