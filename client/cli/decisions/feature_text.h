// Values of features for people.
#pragma once

#include <string>

#include "roicast/v1/schema.pb.h"

namespace roicast::client {

// A raw value (DenseMatrix.values) as a person would write it: "2,500", "search", "2025-03-01"; "missing", "a word not
// seen in training".
std::string FeatureText(const v1::Feature& feature, float value);

// A signed number of few digits: "+0.2101", "-12,493".
std::string SignedText(double value);
// "1,234.50"; without decimals from 100,000 on, "1.2e+15" from there on.
std::string MoneyText(double value);
// "12.5 %", signed; an ROI as a share of the money.
std::string RoiText(double roi);

}  // namespace roicast::client
