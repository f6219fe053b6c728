#include "server/serving/model_snapshot.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace roicast {

const std::shared_ptr<const ServedModel>* ModelSnapshot::Serving(absl::string_view model) const {
  const auto found = models_.find(model);
  return found == models_.end() || found->second.serving == nullptr ? nullptr : &found->second.serving;
}

int64_t ModelSnapshot::ServingVersion(absl::string_view model) const {
  const auto* const serving = Serving(model);
  return serving == nullptr ? Pending(model) : (*serving)->version();
}

int64_t ModelSnapshot::Pending(absl::string_view model) const {
  const auto found = models_.find(model);
  return found == models_.end() ? 0 : found->second.pending;
}

std::vector<std::string> ModelSnapshot::AllPending() const {
  std::vector<std::string> names;
  for (const auto& [name, versions] : models_) {
    if (versions.pending != 0) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

const std::shared_ptr<const ServedModel>* ModelSnapshot::Find(absl::string_view model, int64_t version) const {
  const auto found = models_.find(model);
  if (found == models_.end()) return nullptr;
  const Versions& versions = found->second;
  if (versions.serving != nullptr && versions.serving->version() == version) return &versions.serving;
  const auto other = versions.others.find(version);
  return other == versions.others.end() ? nullptr : &other->second;
}

int ModelSnapshot::serving() const {
  return static_cast<int>(std::count_if(models_.begin(), models_.end(), [](const auto& entry) {
    const Versions& versions = entry.second;
    return versions.serving != nullptr || (versions.pending != 0 && !versions.pending_failed);
  }));
}

std::string ModelSnapshot::Refusal(absl::string_view model) const {
  const auto found = models_.find(model);
  if (found == models_.end() || found->second.refused == 0) return "";
  return absl::StrCat("version ", found->second.refused, " is stored but does not serve: ", found->second.refusal);
}

std::string ModelSnapshot::Names() const {
  if (models_.empty()) return "; there are no models yet";
  std::vector<absl::string_view> names;
  for (const auto& [name, versions] : models_) names.push_back(name);
  std::sort(names.begin(), names.end());
  constexpr size_t kListed = 10;
  const size_t more = names.size() - std::min(kListed, names.size());
  names.resize(names.size() - more);
  return absl::StrCat("; existing models: \"", absl::StrJoin(names, "\", \""), "\"",
                      more > 0 ? absl::StrCat(" and ", more, " more") : "");
}

}  // namespace roicast
