#include "server/services/training/dataset_upload.h"

#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "base/tables/file_form.h"
#include "base/tables/time_form.h"
#include "model/artifact/reading_conversion.h"
#include "server/errors/errors.h"
#include "server/services/allowed_time.h"
#include "server/training/job_conversion.h"

namespace roicast {
namespace {

constexpr size_t kMaxDisplayNameBytes = 200;

int64_t Rows(const v1::Column& column) {
  switch (column.values_case()) {
    case v1::Column::kFloats:
      return column.floats().values_size();
    case v1::Column::kDoubles:
      return column.doubles().values_size();
    case v1::Column::kCategories:
      return column.categories().codes_size();
    case v1::Column::kTimes:
      return column.times().unix_seconds_size();
    case v1::Column::VALUES_NOT_SET:
      return 0;
  }
  return 0;
}

// How columns are stored.
v1::CsvOptions OwnCsv() {
  v1::CsvOptions options;
  options.set_delimiter(",");
  options.set_encoding(v1::TEXT_ENCODING_UTF_8);
  options.set_header_line(1);
  options.set_keep_totals(true);
  options.add_columns()->set_decimal_mark(v1::DECIMAL_MARK_POINT);
  // What is missing is known; the word "NA" is a word.
  options.add_missing_values();
  return options;
}

absl::Status WriteNumber(double value, CsvRows& csv) {
  if (std::isinf(value)) return absl::InvalidArgumentError(absl::StrCat("expected a finite number, got ", value));
  return csv.Number(value);
}

absl::Status WriteCell(const v1::Column& column, int row, CsvRows& csv) {
  switch (column.values_case()) {
    case v1::Column::kFloats: {
      const float value = column.floats().values(row);
      return std::isinf(value) ? WriteNumber(value, csv) : csv.Number(value);
    }
    case v1::Column::kDoubles:
      return WriteNumber(column.doubles().values(row), csv);
    case v1::Column::kCategories: {
      const int32_t code = column.categories().codes(row);
      if (code < -1 || code >= column.categories().dictionary_size()) {
        return absl::InvalidArgumentError(
            absl::StrCat("expected a code from -1 to ", column.categories().dictionary_size() - 1, ", got ", code));
      }
      return code < 0 ? csv.Missing() : csv.Text(column.categories().dictionary(code));
    }
    case v1::Column::kTimes: {
      const int64_t seconds = column.times().unix_seconds(row);
      if (seconds == std::numeric_limits<int64_t>::min()) return csv.Missing();
      if (!IsAllowedTime(seconds)) {
        return absl::InvalidArgumentError(
            absl::StrCat("expected ", kAllowedTimeRule, ", got ", seconds, " s since 1970"));
      }
      return csv.Text(FormatTime(seconds));
    }
    case v1::Column::VALUES_NOT_SET:
      break;
  }
  return absl::InvalidArgumentError("expected values, got none");
}

std::string WhereOf(const v1::Columns& columns, int column) {
  return absl::StrCat("columns[", column, "] \"", columns.columns(column).name(), "\"");
}

}  // namespace

absl::StatusOr<DatasetFormat> DatasetFormatFromProto(const v1::CsvOptions& options) {
  ROICAST_RETURN_IF_ERROR(TableOptionsFromProto(options, "header.csv").status());
  DatasetFormat format;
  if (!options.delimiter().empty()) format.delimiter = options.delimiter()[0];
  format.no_header = options.no_header();
  format.missing_values.assign(options.missing_values().begin(), options.missing_values().end());
  v1::CsvOptions more = options;
  more.clear_delimiter();
  more.clear_no_header();
  more.clear_missing_values();
  format.more = more.SerializeAsString();
  return format;
}

v1::Dataset DatasetToProto(const DatasetRecord& record) {
  v1::Dataset dataset;
  // Reading and warnings; empty if they are not recorded.
  static_cast<void>(dataset.ParseFromString(record.reading));
  dataset.set_digest(record.digest);
  dataset.set_display_name(record.display_name);
  dataset.set_size_bytes(record.size_bytes);
  *dataset.mutable_create_time() = TimeToProto(record.create_time);
  return dataset;
}

absl::Status DatasetUpload::Add(const v1::UploadDatasetRequest& part) {
  if (!header_.has_value()) {
    if (!part.has_header()) {
      return absl::InvalidArgumentError("the first message: expected a header, got something else");
    }
    if (part.header().display_name().size() > kMaxDisplayNameBytes) {
      return absl::InvalidArgumentError(absl::StrCat("header.display_name: expected up to ", kMaxDisplayNameBytes,
                                                     " bytes, got ", part.header().display_name().size()));
    }
    header_ = part.header();
    return DatasetFormatFromProto(header_->csv()).status();
  }
  switch (part.part_case()) {
    case v1::UploadDatasetRequest::kHeader:
      return absl::InvalidArgumentError("expected the header in the first message only, got a second one");
    case v1::UploadDatasetRequest::kCsv:
      ROICAST_RETURN_IF_ERROR(Begin(Form::kCsv));
      return AppendOrStop(part.csv(), stop_, *writer_);
    case v1::UploadDatasetRequest::kColumns:
      ROICAST_RETURN_IF_ERROR(Begin(Form::kColumns));
      return AddColumns(part.columns());
    case v1::UploadDatasetRequest::PART_NOT_SET:
      break;
  }
  return absl::InvalidArgumentError("part: expected header, csv or columns, got none");
}

absl::Status DatasetUpload::Begin(Form form) {
  if (form_ == form) return absl::OkStatus();
  if (form_ != Form::kNone) {
    return absl::InvalidArgumentError("expected parts of one form, got both csv and columns");
  }
  DatasetFormat format;
  if (form == Form::kCsv) {
    ROICAST_ASSIGN_OR_RETURN(format, DatasetFormatFromProto(header_->csv()));
  } else {
    ROICAST_ASSIGN_OR_RETURN(format, DatasetFormatFromProto(OwnCsv()));
  }
  ROICAST_ASSIGN_OR_RETURN(writer_, store_.NewDataset(header_->display_name(), format));
  form_ = form;
  return absl::OkStatus();
}

absl::Status DatasetUpload::AddColumns(const v1::Columns& columns) {
  if (columns.columns().empty()) return absl::InvalidArgumentError("columns: expected at least one column, got none");
  CsvRows csv(writer_.get(), &memory_, &stop_);
  if (column_names_.empty()) {
    ROICAST_RETURN_IF_ERROR(TakeNames(columns, csv));
  } else {
    ROICAST_RETURN_IF_ERROR(CheckNames(columns));
  }
  const int64_t rows = Rows(columns.columns(0));
  for (int i = 0; i < columns.columns_size(); ++i) {
    if (const int64_t values = Rows(columns.columns(i)); values != rows) {
      return absl::InvalidArgumentError(
          absl::StrCat(WhereOf(columns, i), ": expected ", rows, " values, got ", values));
    }
  }
  for (int row = 0; row < rows; ++row) {
    for (int i = 0; i < columns.columns_size(); ++i) {
      const absl::Status written = WriteCell(columns.columns(i), row, csv);
      if (!written.ok()) return WithContext(written, absl::StrCat(WhereOf(columns, i), "[", row, "]"));
    }
    ROICAST_RETURN_IF_ERROR(csv.EndRow());
  }
  return csv.Flush();
}

absl::Status DatasetUpload::TakeNames(const v1::Columns& columns, CsvRows& csv) {
  const auto most = static_cast<int>(FileOptions().max_columns);
  if (columns.columns_size() > most) {
    return absl::InvalidArgumentError(
        absl::StrCat("columns: expected at most ", most, " columns, got ", columns.columns_size()));
  }
  for (int i = 0; i < columns.columns_size(); ++i) {
    const std::string& name = columns.columns(i).name();
    ROICAST_RETURN_IF_ERROR(WithContext(csv.Text(name), absl::StrCat("columns[", i, "].name")));
    if (const absl::Status claimed = names_memory_.Grow(sizeof(name) + name.size()); !claimed.ok()) {
      return MemoryShort(claimed);
    }
    column_names_.push_back(name);
  }
  return csv.EndRow();
}

absl::Status DatasetUpload::CheckNames(const v1::Columns& columns) const {
  for (int i = 0; i < columns.columns_size(); ++i) {
    if (static_cast<size_t>(i) < column_names_.size() &&
        column_names_[static_cast<size_t>(i)] == columns.columns(i).name()) {
      continue;
    }
    return absl::InvalidArgumentError(
        absl::StrCat(WhereOf(columns, i), ": expected the columns of the first part, in their order"));
  }
  if (columns.columns_size() == static_cast<int>(column_names_.size())) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("columns: expected ", column_names_.size(), " columns, got ", columns.columns_size()));
}

absl::StatusOr<DatasetRecord> DatasetUpload::Finish() {
  if (!header_.has_value()) return absl::InvalidArgumentError("expected a header and data, got nothing");
  if (writer_ == nullptr)
    return absl::InvalidArgumentError("expected csv or columns after the header, got none: is the file empty?");
  return writer_->Finish();
}

}  // namespace roicast
