#include "client/cli/json_output.h"

#include <google/protobuf/util/json_util.h>

#include <cmath>
#include <cstdio>
#include <string>

#include "base/check.h"
#include "base/printable.h"

namespace roicast::client {

nlohmann::ordered_json ToJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  std::string text;
  ROICAST_CHECK(google::protobuf::util::MessageToJsonString(message, &text, options).ok());
  return nlohmann::ordered_json::parse(text);
}

nlohmann::ordered_json NumberToJson(double value) {
  if (!std::isfinite(value)) return nullptr;
  return value;
}

std::string JsonLine(const nlohmann::ordered_json& json) {
  return PrintableJson(json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

void PrintJson(const nlohmann::ordered_json& json) {
  const std::string text = PrintableJson(json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
  std::printf("%s\n", text.c_str());
}

}  // namespace roicast::client
