#include "model/artifact/attention_conversion.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace roicast {

artifact::v1::AttentionNetwork AttentionToBody(const AttentionNetwork& attention) {
  artifact::v1::AttentionNetwork body;
  body.set_width(attention.shape.width);
  body.set_heads(attention.shape.heads);
  body.set_blocks(attention.shape.blocks);
  body.set_hidden(attention.shape.hidden);
  body.mutable_parameters()->Add(attention.parameters.begin(), attention.parameters.end());
  return body;
}

absl::StatusOr<AttentionNetwork> AttentionFromBody(const artifact::v1::AttentionNetwork& body,
                                                   std::vector<int> feature_inputs) {
  AttentionNetwork attention;
  attention.shape = {body.width(), body.heads(), body.blocks(), body.hidden()};
  attention.feature_inputs = std::move(feature_inputs);
  attention.parameters.assign(body.parameters().begin(), body.parameters().end());
  ROICAST_RETURN_IF_ERROR(attention.Validate());
  return attention;
}

}  // namespace roicast
