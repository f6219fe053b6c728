#include "server/services/prediction/schema_digest.h"

#include "absl/strings/str_cat.h"
#include "server/errors/errors.h"

namespace roicast {

absl::Status CheckSchemaDigest(absl::string_view field, absl::string_view digest, const ServedModel& model) {
  if (digest == model.schema_digest()) return absl::OkStatus();
  const std::string expected =
      absl::StrCat(field, ".schema_digest: expected \"", model.schema_digest(), "\" (", model.label(), "), got ");
  if (digest.empty()) return absl::InvalidArgumentError(absl::StrCat(expected, "none"));
  return WithReason(
      absl::FailedPreconditionError(
          absl::StrCat(expected, "\"", digest.substr(0, 64), "\": the rows were built for another schema")),
      v1::SCHEMA_MISMATCH,
      {{"model", model.name()}, {"version", absl::StrCat(model.version())}, {"schema_digest", model.schema_digest()}});
}

}  // namespace roicast
