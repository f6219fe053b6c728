#include "client/cli/dataset_flags.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "base/utf8.h"
#include "client/cli/file_error.h"
#include "client/cli/format.h"
#include "client/cli/interrupts.h"
#include "client/cli/progress_line.h"
#include "client/cli/table_header.h"
#include "client/cli/usage_error.h"

namespace roicast::client {
namespace {

constexpr size_t kMostFileNameBytes = 200;

}  // namespace

void DatasetFlags::AddTo(CLI::App& command) {
  CLI::Option* path = command.add_option("file", file, "CSV to upload; - for standard input")->type_name("FILE");
  command.add_option("--dataset", digest, "Dataset already on the server, instead of a file")
      ->type_name("DIGEST")
      ->excludes(path);
  csv.AddTo(command);
}

absl::StatusOr<DatasetSource> DatasetFlags::Open() const {
  DatasetSource source;
  if (!digest.empty()) {
    if (!csv.First().empty()) {
      return WithHint(UsageError(absl::StrCat(
                          csv.First(), ": expected a file to read, got --dataset, which is read as it was uploaded")),
                      "give the file again instead of --dataset");
    }
    source.digest_ = digest;
    return source;
  }
  if (file.empty()) return UsageError("expected a CSV file or --dataset DIGEST, got neither");
  ROICAST_ASSIGN_OR_RETURN(const FileOptions options, csv.ToFileOptions());
  ROICAST_ASSIGN_OR_RETURN(source.input_, InputFile::Open(file));
  const Interrupts interrupts(nullptr);
  ROICAST_ASSIGN_OR_RETURN(source.columns_, ReadTableHeader(*source.input_, options, interrupts.flag()));
  ROICAST_ASSIGN_OR_RETURN(*source.header_.mutable_csv(), csv.ToProto(source.columns_));
  if (file != "-") {
    const std::string name = std::filesystem::path(file).filename().string();
    source.header_.set_display_name(std::string(Utf8Start(name, kMostFileNameBytes)));
  }
  return source;
}

void DatasetSource::AskColumns(const TrainingClient& client, const v1::TargetSpec& target) {
  v1::TrainingSpec spec;
  spec.set_dataset_digest(digest_);
  *spec.mutable_target() = target;
  const absl::StatusOr<v1::InspectDatasetResponse> inspection = client.InspectDataset(spec);
  if (!inspection.ok() || inspection->columns().empty()) return;
  std::vector<std::string> names;
  for (const v1::ColumnProfile& column : inspection->columns()) names.push_back(column.name());
  columns_ = ColumnNames(std::move(names));
}

absl::StatusOr<v1::Dataset> DatasetSource::Resolve(const CommandContext& context, const TrainingClient& client) const {
  if (input_ == nullptr) {
    v1::Dataset dataset;
    dataset.set_digest(digest_);
    return dataset;
  }
  ProgressLine line(context.json);
  const Interrupts interrupts(nullptr);
  const absl::Time begin = absl::Now();
  InputStream stream(*input_, interrupts.flag());
  const absl::StatusOr<v1::Dataset> dataset = client.UploadCsv(stream, header_, [&](int64_t sent) {
    const double seconds = std::max(1e-3, absl::ToDoubleSeconds(absl::Now() - begin));
    const std::string bar = input_->size() > 0 ? FormatBar(double(sent) / double(input_->size()), 20) + " " : "";
    line.Update({absl::StrCat("upload ", bar, FormatBytes(sent)),
                 absl::StrCat(FormatBytes(int64_t(double(sent) / seconds)), "/s")});
    return !interrupts.interrupted();
  });
  line.Clear();
  if (interrupts.interrupted()) return absl::CancelledError("upload: cancelled; the server kept nothing");
  ROICAST_RETURN_IF_ERROR(stream.status());
  return dataset;
}

}  // namespace roicast::client
