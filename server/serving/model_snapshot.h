// Which models and versions are in memory, and which of them serve, at one moment.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "server/serving/served_model.h"

namespace roicast {

// Everything that can serve at one moment. Immutable.
class ModelSnapshot {
 public:
  // The version of a model that answers requests which name none; nullptr if there is none.
  const std::shared_ptr<const ServedModel>* Serving(absl::string_view model) const;
  // The number of that version, also of one that is not loaded yet; 0 if there is none.
  int64_t ServingVersion(absl::string_view model) const;
  // That version if it is loaded; nullptr otherwise.
  const std::shared_ptr<const ServedModel>* Find(absl::string_view model, int64_t version) const;
  // The version that is to answer requests which name none, and is not loaded yet; 0: there is none.
  int64_t Pending(absl::string_view model) const;
  // The models that have one, by name.
  std::vector<std::string> AllPending() const;
  // True for a model that exists, even if none of its versions can be served.
  bool Knows(absl::string_view model) const { return models_.contains(model); }
  // Why no version of the model serves although some are stored, for messages; empty if that is not why.
  std::string Refusal(absl::string_view model) const;
  // `; existing models: "a", "b"`, for messages.
  std::string Names() const;
  // Number of models that serve, those included whose version is loaded when it is asked for, unless that failed.
  int serving() const;
  // Number of models that exist.
  int size() const { return static_cast<int>(models_.size()); }

 private:
  friend class ModelRegistry;
  struct Versions {
    std::shared_ptr<const ServedModel> serving;
    // Recorded to serve, and not loaded yet: then nothing serves. 0: none.
    int64_t pending = 0;
    // The last attempt to load it failed, as for a lack of memory.
    bool pending_failed = false;
    // Further ones, loaded because requests named them.
    std::map<int64_t, std::shared_ptr<const ServedModel>> others;
    // If none serves: the newest version that was refused, and why. 0 and empty: there is none.
    int64_t refused = 0;
    std::string refusal;
  };
  absl::flat_hash_map<std::string, Versions> models_;
};

}  // namespace roicast
