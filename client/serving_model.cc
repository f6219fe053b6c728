#include "client/serving_model.h"

#include "absl/strings/str_cat.h"

namespace roicast::client {

absl::Status CheckServes(const v1::ModelRef& asked, const v1::Model& answered) {
  if (asked.version() != 0 || answered.serving() || answered.not_serving().empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("no version of model \"", answered.name(), "\" is ready: version ",
                                                    answered.version(),
                                                    " is stored but does not serve: ", answered.not_serving()));
}

}  // namespace roicast::client
