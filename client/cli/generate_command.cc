// roicast generate: synthetic campaigns with known ROI.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/printable.h"
#include "base/status_macros.h"
#include "client/cli/command.h"
#include "client/cli/format.h"
#include "client/cli/interrupts.h"
#include "client/cli/json_output.h"
#include "client/cli/output_file.h"
#include "client/cli/progress_line.h"
#include "client/cli/usage.h"
#include "client/generator/campaign_csv.h"
#include "client/generator/campaign_generator.h"

namespace roicast::client {
namespace {

constexpr size_t kFlushBytes = size_t{1} << 18;

struct GenerateFlags {
  int64_t rows = 20'000;
  std::string output = "-";
  bool with_true_roi = false;
  GeneratorOptions generator;
};

absl::StatusOr<int> Generate(const CommandContext& context, const GenerateFlags& flags) {
  ROICAST_ASSIGN_OR_RETURN(CampaignGenerator generator, CampaignGenerator::Create(flags.generator));
  ROICAST_ASSIGN_OR_RETURN(const std::unique_ptr<OutputFile> file, OutputFile::Create(flags.output));
  const Interrupts interrupts(nullptr);
  ProgressLine line(context.json || flags.output == "-");
  const absl::Time begin = absl::Now();
  std::string text;
  AppendCampaignHeader(flags.with_true_roi, &text);
  for (int64_t row = 0; row < flags.rows; ++row) {
    AppendCampaignRow(generator.Next(), flags.with_true_roi, &text);
    if (text.size() < kFlushBytes) continue;
    ROICAST_RETURN_IF_ERROR(file->Write(text));
    text.clear();
    if (interrupts.interrupted()) return absl::CancelledError("generate: cancelled; no file was written");
    line.Update(
        {absl::StrCat("generate ", FormatBar(double(row) / double(flags.rows), 20), " ", FormatCount(row), " rows")});
  }
  ROICAST_RETURN_IF_ERROR(file->Write(text));
  ROICAST_RETURN_IF_ERROR(file->Commit());
  line.Clear();
  if (flags.output == "-") return kOk;
  const absl::Duration took = absl::Now() - begin;
  if (context.json) {
    PrintJson({{"rows", flags.rows}, {"output", flags.output}, {"seconds", absl::ToDoubleSeconds(took)}});
  } else {
    std::printf("%s campaigns in %s (%s rows/s)\n", FormatCount(flags.rows).c_str(), Printable(flags.output).c_str(),
                FormatRate(flags.rows, took).c_str());
  }
  return kOk;
}

}  // namespace

void AddGenerateCommand(CLI::App& app, CommandContext& context) {
  CLI::App& command =
      *app.add_subcommand("generate", "Generate synthetic campaigns with known ROI, as CSV (docs/generator.md)");
  const auto flags = std::make_shared<GenerateFlags>();
  const CLI::Validator share = Within(GeneratorOptions::kShare);
  command.add_option("-n,--rows", flags->rows, "Number of campaigns")->check(Within({0}))->capture_default_str();
  command.add_option("-o,--output", flags->output, "File to write; - for standard output")
      ->type_name("FILE")
      ->capture_default_str();
  command.add_option("--seed", flags->generator.seed, "Random seed; the same seed gives the same campaigns")
      ->capture_default_str();
  command.add_option("--noise", flags->generator.noise, "Relative noise of the revenue; 0.1 = 10 %")
      ->check(Within(GeneratorOptions::kNoise))
      ->capture_default_str();
  command.add_option("--missing", flags->generator.missing_share, "Share of blank cells")->check(share);
  command.add_option("--duplicates", flags->generator.duplicate_share, "Share of duplicate rows")->check(share);
  command.add_option("--outliers", flags->generator.outlier_share, "Share of rows with an outlier")->check(share);
  command.add_flag("--true-roi", flags->with_true_roi,
                   "Add a column true_roi with the expected ROI; exclude it from training");
  SetCommand(command, context, [&context, flags] { return Generate(context, *flags); });
}

}  // namespace roicast::client
