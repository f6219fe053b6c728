#include "model/artifact/background_conversion.h"

#include "base/status_macros.h"

namespace roicast {

artifact::v1::Background BackgroundToBody(const Background& background) {
  artifact::v1::Background body;
  body.mutable_rows()->Add(background.rows.begin(), background.rows.end());
  body.mutable_weights()->Add(background.weights.begin(), background.weights.end());
  return body;
}

absl::StatusOr<Background> BackgroundFromBody(const artifact::v1::Background& body, const Schema& schema) {
  Background background;
  background.rows.assign(body.rows().begin(), body.rows().end());
  background.weights.assign(body.weights().begin(), body.weights().end());
  ROICAST_RETURN_IF_ERROR(background.Validate(schema));
  return background;
}

}  // namespace roicast
