#include "server/store/sqlite_datasets.h"

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "server/errors/errors.h"

namespace roicast {
namespace {

constexpr absl::string_view kDatasetColumns = "digest, display_name, size_bytes, create_time, format, reading";

}  // namespace

absl::Status InsertDataset(SqliteDatabase& database, const DatasetRecord& dataset) {
  return database
      .Prepare(absl::StrCat("INSERT INTO datasets (", kDatasetColumns,
                            ") VALUES (?, ?, ?, ?, ?, '') ON CONFLICT DO NOTHING"))
      .BindText(dataset.digest)
      .BindText(dataset.display_name)
      .BindInt(dataset.size_bytes)
      .BindTime(dataset.create_time)
      .BindBlob(EncodeDatasetFormat(dataset.format))
      .Run();
}

absl::StatusOr<DatasetRecord> SelectDataset(SqliteDatabase& database, const DatasetFiles& files,
                                            absl::string_view digest) {
  SqliteStatement row = database.Prepare(absl::StrCat("SELECT ", kDatasetColumns, " FROM datasets WHERE digest = ?"));
  ROICAST_ASSIGN_OR_RETURN(const bool found, row.BindText(digest).Step());
  if (!found) return DatasetNotFound(digest);
  DatasetRecord dataset;
  dataset.digest = row.Bytes(0);
  dataset.display_name = row.Bytes(1);
  dataset.size_bytes = row.Int(2);
  dataset.create_time = row.Time(3).value_or(absl::UnixEpoch());
  dataset.path = files.PathOf(dataset.digest);
  ROICAST_ASSIGN_OR_RETURN(dataset.format, DecodeDatasetFormat(row.Bytes(4)));
  dataset.reading = row.Bytes(5);
  return dataset;
}

absl::StatusOr<absl::flat_hash_map<std::string, int64_t>> SelectDatasetSizes(SqliteDatabase& database) {
  absl::flat_hash_map<std::string, int64_t> sizes;
  SqliteStatement statement = database.Prepare("SELECT digest, size_bytes FROM datasets");
  while (true) {
    ROICAST_ASSIGN_OR_RETURN(const bool row, statement.Step());
    if (!row) return sizes;
    sizes[statement.Bytes(0)] = statement.Int(1);
  }
}

absl::Status UpdateReading(SqliteDatabase& database, absl::string_view digest, absl::string_view reading) {
  return database.Prepare("UPDATE datasets SET reading = ? WHERE digest = ? AND length(reading) = 0")
      .BindBlob(reading)
      .BindText(digest)
      .Run();
}

}  // namespace roicast
