// What one epoch of training has given.
#pragma once

namespace roicast {

struct EpochRecord {
  int epoch = 0;                 // from 1
  double train_loss = 0.0;       // mean over the epoch's batches as they were trained: with dropout, without penalties
  double validation_loss = 0.0;  // NaN: no validation rows
  double validation_r2 = 0.0;
  double learning_rate = 0.0;  // of the epoch's last step
};

}  // namespace roicast
