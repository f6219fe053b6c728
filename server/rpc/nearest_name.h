// What a misspelt feature name was probably meant to be.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "model/data/schema.h"

namespace roicast {

// `; did you mean "price"?`, or the schema's features where none is near.
std::string DidYouMean(absl::string_view name, const Schema& schema);

}  // namespace roicast
