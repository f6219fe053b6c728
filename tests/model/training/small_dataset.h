// A dataset whose truth is known, small enough to train on in a test.
#pragma once

#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "model/training/training_spec.h"

namespace roicast {

// Columns: price, clicks, channel, start, spend, roi, with
// roi = sin(2 · price) + 0.5 · price · clicks + (search: 0.5, social: −0.5, email: 0) + noise.
inline std::string SmallDatasetCsv(int rows, uint64_t seed = 7, double noise = 0.05) {
  const char* channels[] = {"search", "social", "email"};
  const double effects[] = {0.5, -0.5, 0.0};
  Random random(seed);
  std::string text = "price,clicks,channel,start,spend,roi\n";
  for (int i = 0; i < rows; ++i) {
    const double price = random.Uniform(0.5, 3.0);
    const double clicks = random.Uniform(0.0, 2.0);
    const int channel = static_cast<int>(random.Below(3));
    const double roi = std::sin(2.0 * price) + 0.5 * price * clicks + effects[channel] + noise * random.Normal();
    absl::StrAppend(&text, price, ",", clicks, ",", channels[channel], ",2024-0", 1 + random.Below(9), "-1",
                    random.Below(10), ",", random.Uniform(10.0, 100.0), ",", roi, "\n");
  }
  return text;
}

// Learns it in well under a second.
inline TrainingSpec SmallSpec() {
  TrainingSpec spec = SpecFromPreset(Preset::kCompact);
  spec.choose_capacity = false;
  spec.split.validation_fraction = 0.1;
  spec.network.hidden = {16, 16};
  spec.network.activation = Activation::kTanh;
  spec.training.epochs = 40;
  spec.training.patience = 0;
  spec.training.warmup_epochs = 0;
  spec.training.batch_size = 32;
  spec.training.learning_rate = 0.01;
  return spec;
}

}  // namespace roicast
