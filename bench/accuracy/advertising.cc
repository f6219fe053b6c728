#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "bench/accuracy/data_sets.h"
#include "bench/accuracy/measures.h"

namespace roicast::bench {
namespace {

struct AdvertisingPeer {
  Preset preset;
  std::string name, peer;
  double r2, mse, accuracy, june_r2;
};

}  // namespace

absl::Status MeasureAdvertising(const Options& options, Report& report) {
  ROICAST_ASSIGN_OR_RETURN(const CsvTable data, ReadAdvertising(options));
  for (const AdvertisingPeer& peer :
       {AdvertisingPeer{Preset::kCompact, "compact", "scikit-learn MLP 64-64", 0.975, 0.0312, 0.980, 0.921},
        AdvertisingPeer{Preset::kAccurate, "accurate", "scikit-learn gradient boosting", 0.974, 0.0323, 0.971, 0.913},
        AdvertisingPeer{Preset::kAttention, "attention", "scikit-learn MLP 64-64", 0.975, 0.0312, 0.980, 0.921},
        AdvertisingPeer{Preset::kClassic, "classic", "scikit-learn MLP 5 ReLU", 0.936, 0.0783, 0.961, 0.890}}) {
    if (options.preset.empty() ? (peer.name == "attention" || peer.name == "accurate") : options.preset != peer.name)
      continue;
    TrainingSpec spec = SpecFromPreset(peer.preset);
    spec.target = {"", "revenue", "cost"};
    spec.target_transform = TargetTransform::kAsinh;
    // The peers, too, take the sign of the prediction on the asinh scale.
    spec.statistic = PredictionStatistic::kMedian;
    for (const char* column : {kPart, "month", "post_click_conversions", "post_click_sales_amount"}) {
      spec.columns.push_back(Exclude(column));
    }
    Tune(options, spec);
    HoldOut(kPart, "test", spec);
    ROICAST_ASSIGN_OR_RETURN(const std::vector<Metrics> random, Repeat(data, spec, options.runs, 1));
    HoldOut("month", "June", spec);
    ROICAST_ASSIGN_OR_RETURN(const std::vector<Metrics> june, Repeat(data, spec, options.runs, 1));
    const auto r2 = [](const Metrics& metrics) { return metrics.transformed.r2; };
    const std::string prefix = absl::StrCat("online_advertising ", peer.name, " ");
    report.Add(ShareResult(prefix + "random", "R2", MedianOf(random, r2), peer.peer, peer.r2));
    report.Add(ErrorResult(prefix + "random", "MSE",
                           MedianOf(random, [](const Metrics& m) { return m.transformed.mse; }), peer.peer, peer.mse));
    report.Add(ShareResult(prefix + "random ROI>0", "accuracy",
                           MedianOf(random, [](const Metrics& m) { return m.profitable.accuracy; }), peer.peer,
                           peer.accuracy));
    report.Add(ShareResult(prefix + "June", "R2", MedianOf(june, r2), peer.peer, peer.june_r2));
  }
  return absl::OkStatus();
}

}  // namespace roicast::bench
