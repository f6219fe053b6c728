// Accuracy of the presets, compared with scikit-learn on the same rows and inputs.
//
//   accuracy [--data FOLDER] [--json FILE] [--runs 5] [--only TEXT] [--preset compact|classic] [--hidden 64,32] …
//
// FOLDER has online_advertising/ and uci/. The peers' figures are from its README; split, inputs and scale are the
// same. Each figure is the median over `runs` training seeds; the split is fixed. The ratio compares errors, which are
// 1 − R², 1 − accuracy, or RMSE: the peer's error divided by ours, so that above 1 roicast is better.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "base/status_macros.h"
#include "bench/accuracy/measures.h"

namespace roicast::bench {
namespace {

absl::Status Run(const Options& options) {
  Report report(options.json);
  const auto wanted = [&](absl::string_view name) {
    return options.only.empty() || absl::StrContains(name, options.only);
  };
  const auto present = [&](const std::string& folder) {
    if (std::filesystem::exists(options.data + "/" + folder)) return true;
    std::printf("accuracy: skipped: %s/%s does not exist (set --data)\n", options.data.c_str(), folder.c_str());
    return false;
  };
  if (wanted("online_advertising") && present("online_advertising")) {
    ROICAST_RETURN_IF_ERROR(MeasureAdvertising(options, report));
  }
  if (wanted("two-valued")) ROICAST_RETURN_IF_ERROR(MeasureTwoValued(options, report));
  if (wanted("generated")) ROICAST_RETURN_IF_ERROR(MeasureGenerated(options, report));
  if (wanted("worlds")) ROICAST_RETURN_IF_ERROR(MeasureWorlds(options, report));
  if (wanted("uci") && present("uci")) ROICAST_RETURN_IF_ERROR(MeasureUci(options, report));
  if (wanted("intervals generated")) ROICAST_RETURN_IF_ERROR(MeasureGeneratedIntervals(options, report));
  if (wanted("intervals worlds")) ROICAST_RETURN_IF_ERROR(MeasureWorldIntervals(options, false, report));
  if (wanted("intervals zero-heavy")) ROICAST_RETURN_IF_ERROR(MeasureWorldIntervals(options, true, report));
  if (wanted("intervals uci") && present("uci")) ROICAST_RETURN_IF_ERROR(MeasureUciIntervals(options, report));
  if (wanted("intervals online_advertising") && present("online_advertising")) {
    ROICAST_RETURN_IF_ERROR(MeasureAdvertisingIntervals(options, report));
  }
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  Options options;
  CLI::App app("Accuracy of the presets, compared with scikit-learn on the same rows and inputs.");
  app.add_option("--data", options.data, "Folder with online_advertising/ and uci/")->envname("ROICAST_TEST_DATA");
  app.add_option("--json", options.json, "Append one JSON object per line to this file");
  app.add_option("--runs", options.runs, "Number of training seeds; the median is reported")->check(CLI::Range(1, 100));
  app.add_option("--set", options.set,
                 "uci: only this set, such as airfoil; intervals: also only tables of so many rows");
  app.add_option("--splits", options.splits, "uci and two-valued: the first so many splits")->check(CLI::Range(1, 10));
  app.add_flag("--served", options.served,
               "uci: what serves after a training on the training rows alone, instead of the model of the metrics");
  app.add_option("--only", options.only, "online_advertising, two-valued, generated, worlds, uci or intervals");
  app.add_option("--preset", options.preset,
                 "On online_advertising, run only this preset: compact, classic, accurate or attention (slow); on uci, "
                 "accurate, auto (beside accurate) or attention "
                 "beside compact");
  app.add_option("--time_budget", options.time_budget, "uci, of the preset auto: seconds");
  app.add_option("--threads", options.threads, "uci: threads that train")->check(CLI::Range(1, 64));
  app.add_option("--hidden", options.hidden, "Tuning: units per hidden layer")->delimiter(',');
  app.add_option("--activation", options.activation, "Tuning: ReLU, SiLU, GELU …");
  app.add_option("--loss", options.loss, "Tuning: squared or huber");
  app.add_option("--epochs", options.epochs, "Tuning");
  app.add_option("--batch_size", options.batch_size, "Tuning");
  app.add_option("--patience", options.patience, "Tuning");
  app.add_option("--warmup_epochs", options.warmup_epochs, "Tuning");
  app.add_option("--learning_rate", options.learning_rate, "Tuning");
  app.add_option("--weight_decay", options.weight_decay, "Tuning");
  app.add_option("--dropout", options.dropout, "Tuning");
  app.add_option("--validation_fraction", options.validation_fraction, "Tuning");
  app.add_option("--fence_quantile", options.fence_quantile, "Tuning");
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = Run(options);
  if (!status.ok()) std::fprintf(stderr, "accuracy: %s\n", std::string(status.message()).c_str());
  return status.ok() ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace roicast::bench

int main(int argc, char** argv) { return roicast::bench::Main(argc, argv); }
