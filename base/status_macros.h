// Return early on an absl::Status that is not OK.
//
//   ROICAST_RETURN_IF_ERROR(table.Validate());
//   ROICAST_ASSIGN_OR_RETURN(const Schema schema, InferSchema(table, options));
#pragma once

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

#define ROICAST_STATUS_CONCAT_INNER(x, y) x##y
#define ROICAST_STATUS_CONCAT(x, y) ROICAST_STATUS_CONCAT_INNER(x, y)

#define ROICAST_RETURN_IF_ERROR(expression)                                                         \
  do {                                                                                              \
    if (absl::Status roicast_status_ = (expression); !roicast_status_.ok()) return roicast_status_; \
  } while (false)

#define ROICAST_ASSIGN_OR_RETURN(declaration, expression) \
  ROICAST_ASSIGN_OR_RETURN_IMPL(ROICAST_STATUS_CONCAT(roicast_status_or_, __LINE__), declaration, expression)

#define ROICAST_ASSIGN_OR_RETURN_IMPL(holder, declaration, expression) \
  auto holder = (expression);                                          \
  if (!holder.ok()) return std::move(holder).status();                 \
  declaration = *std::move(holder)

namespace roicast {

// Replaces the message and keeps code and payloads. OK stays OK.
inline absl::Status WithMessage(const absl::Status& status, absl::string_view message) {
  absl::Status result(status.code(), message);
  status.ForEachPayload(
      [&result](absl::string_view url, const absl::Cord& payload) { result.SetPayload(url, payload); });
  return result;
}

// Prefixes the message with "context: " and keeps code and payloads. OK stays OK.
inline absl::Status WithContext(const absl::Status& status, absl::string_view context) {
  return status.ok() ? status : WithMessage(status, absl::StrCat(context, ": ", status.message()));
}

}  // namespace roicast
