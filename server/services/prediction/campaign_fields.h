// The fields of a Campaign as read from the wire, without a message: a bidder's request has twenty of them, and
// building a message costs more than the prediction.
#pragma once

#include <array>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "roicast/v1/prediction.pb.h"

namespace roicast {

// By field number; only those that are set count. Views point to what was read.
struct CampaignFields {
  static constexpr size_t kSize = v1::Campaign::kStartTimeFieldNumber + 1;

  bool has(int field) const { return (set >> field & 1) != 0; }

  uint32_t set = 0;  // Bit n: field n.
  std::array<double, kSize> numbers;
  std::array<absl::string_view, kSize> words;
  // start_time.
  int64_t seconds = 0;
  int32_t nanos = 0;
};

// False if the bytes are not a Campaign written as libraries write it: each field once, and none that is unknown.
bool ParseCampaign(absl::string_view bytes, CampaignFields* fields);

CampaignFields FieldsOf(const v1::Campaign& campaign);

// Reads a Timestamp; false as ParseCampaign.
bool ParseTimestamp(absl::string_view bytes, int64_t* seconds, int32_t* nanos);

}  // namespace roicast
