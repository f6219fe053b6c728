#include "server/training/dataset_reading.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/status_macros.h"
#include "model/artifact/proto_conversion.h"
#include "model/artifact/reading_conversion.h"
#include "model/data/two_values.h"
#include "model/training/evaluate_artifact.h"
#include "roicast/v1/training.pb.h"

namespace roicast {
namespace {

// The uploader knows the dataset by its name, not by our file's.
absl::Status WithDatasetName(const absl::Status& status, const DatasetRecord& record) {
  const std::string name =
      absl::StrCat("dataset \"", record.display_name.empty() ? record.digest : record.display_name, "\"");
  return absl::Status(status.code(), absl::StrReplaceAll(status.message(), {{record.path, name}}));
}

// As DatasetRecord::reading holds it: a roicast.v1.Dataset with reading and warnings alone.
std::string EncodeReading(const TableReading& reading) {
  v1::Dataset recorded;
  *recorded.mutable_reading() = TableReadingToProto(reading);
  for (const DataWarning& warning : ReadingWarnings(reading)) *recorded.add_warnings() = DataWarningToProto(warning);
  return recorded.SerializeAsString();
}

absl::StatusOr<TableReading> DecodeReading(const std::string& bytes) {
  v1::Dataset recorded;
  if (!recorded.ParseFromString(bytes)) return absl::DataLossError("the reading of the dataset cannot be parsed");
  ROICAST_ASSIGN_OR_RETURN(TableReading reading, TableReadingFromProto(recorded.reading(), "dataset.reading"));
  for (const v1::DataWarning& warning : recorded.warnings()) {
    TableNote& note = reading.notes.emplace_back();
    note.warning = warning.serious();
    note.column = warning.column();
    note.lines.assign(warning.lines().begin(), warning.lines().end());
    note.message = warning.message();
    note.flags.assign(warning.flags().begin(), warning.flags().end());
  }
  return reading;
}

absl::StatusOr<CsvTable> ReadFile(const DatasetRecord& record, const CsvTableOptions& options) {
  absl::StatusOr<CsvTable> table = ReadCsvFile(record.path, options);
  if (!table.ok()) return WithDatasetName(table.status(), record);
  return table;
}

}  // namespace

absl::StatusOr<CsvTableOptions> ReadOptionsOf(const DatasetRecord& record) {
  v1::CsvOptions said;
  if (!said.ParseFromString(record.format.more)) {
    return absl::DataLossError("the format of the dataset cannot be parsed");
  }
  if (record.format.delimiter != '\0') said.set_delimiter(std::string(1, record.format.delimiter));
  said.set_no_header(record.format.no_header);
  ROICAST_ASSIGN_OR_RETURN(TableOptions table, TableOptionsFromProto(said, "dataset"));
  CsvTableOptions options;
  options.file = table.file;
  options.columns = std::move(table.columns);
  options.missing_values = record.format.missing_values;
  if (!record.reading.empty()) {
    ROICAST_ASSIGN_OR_RETURN(options.reading, DecodeReading(record.reading));
  }
  return options;
}

absl::StatusOr<DatasetRecord> VerifiedDataset(Store& store, absl::string_view digest, const StopCheck& stop,
                                              MemoryBudget* memory) {
  ROICAST_RETURN_IF_ERROR(store.VerifyDataset(digest, stop));
  ROICAST_ASSIGN_OR_RETURN(DatasetRecord record, store.GetDataset(digest));
  if (!record.reading.empty()) return record;
  ROICAST_ASSIGN_OR_RETURN(CsvTableOptions options, ReadOptionsOf(record));
  options.stop = stop;
  options.memory = memory;
  const absl::StatusOr<TableReading> reading = DetectCsvFile(record.path, options);
  if (!reading.ok()) return WithDatasetName(reading.status(), record);
  ROICAST_ASSIGN_OR_RETURN(record.reading, store.RecordReading(record.digest, EncodeReading(*reading)));
  return record;
}

absl::StatusOr<CsvTable> ReadDataset(const DatasetRecord& record, const TrainingSpec& spec, const StopCheck& stop,
                                     MemoryBudget* memory) {
  ROICAST_ASSIGN_OR_RETURN(CsvTableOptions options, ReadOptionsOf(record));
  options.stop = stop;
  options.memory = memory;
  options.kinds = KnownKinds(spec);
  options.two_valued = ColumnsOfTwoValues(spec.target);
  return ReadFile(record, options);
}

absl::StatusOr<CsvTable> ReadDatasetFor(const Artifact& artifact, const DatasetRecord& record, const TargetSpec& target,
                                        const StopCheck& stop, MemoryBudget* memory) {
  ROICAST_ASSIGN_OR_RETURN(CsvTableOptions options, ReadOptionsOf(record));
  options.stop = stop;
  options.memory = memory;
  ReadAsModelDoes(artifact, target, options);
  return ReadFile(record, options);
}

}  // namespace roicast
