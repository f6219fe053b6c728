#include "client/cli/csv_flags.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "client/cli/format.h"
#include "client/cli/input_file.h"
#include "client/cli/interrupts.h"
#include "client/cli/progress_line.h"

namespace roicast::client {

void CsvFlags::AddTo(CLI::App& command) {
  command.add_option("--delimiter", delimiter, "Cell separator: one character, or tab")
      ->type_name("CHAR")
      ->capture_default_str();
  command.add_flag("--no-header", no_header, "The first line is data; columns are named c0, c1, c2 ...");
  command
      .add_option("--missing-values", missing_values,
                  "Cells that mean missing; replaces NA, N/A, null, none, nan and dashes")
      ->type_name("WORD,...")
      ->delimiter(',')
      ->allow_extra_args(false);
}

absl::StatusOr<char> CsvFlags::DelimiterByte() const {
  if (delimiter == "tab" || delimiter == "\\t") return '\t';
  if (delimiter.size() == 1 && delimiter != "\"" && delimiter != "\n" && delimiter != "\r") return delimiter[0];
  return absl::InvalidArgumentError(absl::StrCat("--delimiter: expected one byte or tab, got \"", delimiter, "\""));
}

absl::StatusOr<v1::CsvOptions> CsvFlags::ToProto() const {
  ROICAST_ASSIGN_OR_RETURN(const char byte, DelimiterByte());
  v1::CsvOptions options;
  if (byte != ',') options.set_delimiter(std::string(1, byte));
  options.set_no_header(no_header);
  for (const std::string& value : missing_values) options.add_missing_values(value);
  return options;
}

void DatasetFlags::AddTo(CLI::App& command) {
  CLI::Option* path = command.add_option("file", file, "CSV to upload; - for standard input")->type_name("FILE");
  command.add_option("--dataset", digest, "Dataset already on the server, instead of a file")
      ->type_name("DIGEST")
      ->excludes(path);
  csv.AddTo(command);
}

absl::StatusOr<std::string> DatasetFlags::Resolve(const CommandContext& context, const TrainingClient& client) const {
  if (!digest.empty()) return digest;
  if (file.empty()) return absl::InvalidArgumentError("expected a CSV file or --dataset DIGEST, got neither");
  v1::UploadDatasetHeader header;
  ROICAST_ASSIGN_OR_RETURN(*header.mutable_csv(), csv.ToProto());
  ROICAST_ASSIGN_OR_RETURN(const std::unique_ptr<InputFile> input, InputFile::Open(file));
  if (file != "-") header.set_display_name(std::filesystem::path(file).filename().string().substr(0, 200));
  ProgressLine line(context.json);
  const Interrupts interrupts(nullptr);
  const absl::Time begin = absl::Now();
  InputStream stream(*input, interrupts.flag());
  const auto dataset = client.UploadCsv(stream, header, [&](int64_t sent) {
    const double seconds = std::max(1e-3, absl::ToDoubleSeconds(absl::Now() - begin));
    const std::string bar = input->size() > 0 ? FormatBar(double(sent) / double(input->size()), 20) + " " : "";
    line.Update({absl::StrCat("upload ", bar, FormatBytes(sent)),
                 absl::StrCat(FormatBytes(int64_t(double(sent) / seconds)), "/s")});
    return !interrupts.interrupted();
  });
  line.Clear();
  if (interrupts.interrupted()) return absl::CancelledError("upload: cancelled; the server kept nothing");
  ROICAST_RETURN_IF_ERROR(stream.status());
  ROICAST_RETURN_IF_ERROR(dataset.status());
  return dataset->digest();
}

}  // namespace roicast::client
