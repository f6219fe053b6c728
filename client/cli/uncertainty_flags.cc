#include "client/cli/uncertainty_flags.h"

#include "client/cli/usage.h"

namespace roicast::client {

void UncertaintyFlags::AddTo(CLI::App& command) {
  command
      .add_option("--interval", level_,
                  "Also give the interval that the truth is in with this probability, such as 0.9")
      ->type_name("SHARE")
      ->check(AboveAndBelow(0, 1));
  CLI::Option* const probability =
      command.add_flag("--profit-probability", probability_,
                       "Also give the probability that the ROI is above the threshold of --profit-threshold");
  command
      .add_option("--profit-threshold", threshold_,
                  "ROI above which --profit-probability counts a campaign as profitable; default: that of training")
      ->type_name("ROI")
      ->needs(probability);
}

v1::UncertaintyOptions UncertaintyFlags::ToProto() const {
  v1::UncertaintyOptions options;
  if (level_.has_value()) options.set_interval_level(*level_);
  options.set_profit_probability(probability_);
  if (threshold_.has_value()) options.set_profit_threshold(*threshold_);
  return options;
}

}  // namespace roicast::client
