// Prints results as JSON on stdout.
#pragma once

#include <google/protobuf/message.h>

#include <nlohmann/json.hpp>
#include <string>

#include "roicast/v1/prediction.pb.h"

namespace roicast::client {

// The standard JSON form of a protobuf, with the proto's own field names; 64-bit integers are strings there.
nlohmann::ordered_json ToJson(const google::protobuf::Message& message);
// NaN and infinities become null.
nlohmann::ordered_json NumberToJson(double value);
// On one line, without a newline. Harmless on a terminal: see PrintableJson; so is what PrintJson prints.
std::string JsonLine(const nlohmann::ordered_json& json);
// Indented by two spaces, with a newline.
void PrintJson(const nlohmann::ordered_json& json);

}  // namespace roicast::client
