// Where the transport may differ from gRPC's C core.
#pragma once

#include <optional>
#include <string>

#include "tests/differential/outcome.h"
#include "tests/differential/raw_call.h"

namespace roicast {

bool Same(const RawCall& call, const Outcome& ours, const Outcome& reference);

// Why outcomes that are not the same may differ; nullopt: they may not.
std::optional<std::string> Deliberate(const RawCall& call, const Outcome& ours, const Outcome& reference);

}  // namespace roicast
