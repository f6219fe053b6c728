// What a reader of a decision should know, as text.
#pragma once

#include <google/protobuf/repeated_field.h>

#include <string>

#include "client/cli/terminal.h"
#include "roicast/v1/decision.pb.h"

namespace roicast::client {

// A line each, wrapped; empty without caveats.
std::string CaveatsText(const google::protobuf::RepeatedPtrField<v1::Caveat>& caveats, const Terminal& terminal);

}  // namespace roicast::client
