// Flags that ask how sure predictions are.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>

#include "roicast/v1/prediction.pb.h"

namespace roicast::client {

class UncertaintyFlags {
 public:
  // --interval, --profit-probability and --profit-threshold.
  void AddTo(CLI::App& command);

  bool asked() const { return level_.has_value() || probability_; }
  bool interval() const { return level_.has_value(); }
  // 0 unless asked for.
  double level() const { return level_.value_or(0.0); }
  bool probability() const { return probability_; }
  v1::UncertaintyOptions ToProto() const;

 private:
  std::optional<double> level_, threshold_;
  bool probability_ = false;
};

}  // namespace roicast::client
