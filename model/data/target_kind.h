// What kind of number a target is.
#pragma once

namespace roicast {

enum class TargetKind {
  kAuto,       // seen from the values
  kNumber,     // any number
  kTwoValued,  // one of two values: 1 and 0 stand for them, and predictions are probabilities
  kZeroHeavy,  // a number that is the same for many rows, and never below that
};

}  // namespace roicast
