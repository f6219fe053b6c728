// The models that answer. Readers never wait: a published snapshot is immutable, and whoever polls keeps a reference to
// the last one it saw. Loading happens beside, and a version is swapped in only when it has been verified and warmed.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "server/serving/served_model.h"
#include "server/store/store.h"
#include "server/telemetry/metrics.h"

namespace roicast {

// All that can answer at one moment. Immutable.
class ModelSnapshot {
 public:
  // The version of a model that answers requests which name none; nullptr where there is none.
  const std::shared_ptr<const ServedModel>* Serving(absl::string_view model) const;
  // That version if it is loaded; nullptr otherwise.
  const std::shared_ptr<const ServedModel>* Find(absl::string_view model, int64_t version) const;
  // True for a model that exists, even where none of its versions can be served.
  bool Knows(absl::string_view model) const { return models_.contains(model); }
  // `; existing models: "a", "b"`, for messages.
  std::string Names() const;
  // Number of models that serve.
  int serving() const;
  // Number of models that exist.
  int size() const { return static_cast<int>(models_.size()); }

 private:
  friend class ModelRegistry;
  struct Versions {
    std::shared_ptr<const ServedModel> serving;
    // Further ones, loaded because requests named them.
    std::map<int64_t, std::shared_ptr<const ServedModel>> others;
  };
  absl::flat_hash_map<std::string, Versions> models_;
};

// Thread-safe. The store, the metrics and the registry outlive all served models that it gave.
class ModelRegistry {
 public:
  struct Options {
    // What an empty model name means.
    std::string default_model = "default";
    // Versions kept loaded beside the serving ones; the least recently loaded one goes first. ≥ 1.
    int max_extra_versions = 8;
  };

  ModelRegistry(const Options& options, Store* store, ServerMetrics* metrics);

  // Loads the newest version of each model that verifies; versions that do not are recorded in the store and passed
  // over. Errors: the store's. A model without a good version is no error.
  absl::Status LoadAll();

  // Loads a version that was just published and lets it serve if it is newer than the one that does. On an error the
  // old one goes on serving, and the store has the reason. Errors: NotFound, DataLoss, InvalidArgument.
  absl::StatusOr<std::shared_ptr<const ServedModel>> Activate(absl::string_view model, int64_t version);

  // A version that a request named, loaded from the store where it is not in memory yet; two requests for the same one
  // load it once. Reads the store: never on a polling thread. Errors: NotFound, FailedPrecondition (it cannot be
  // served).
  absl::StatusOr<std::shared_ptr<const ServedModel>> Load(absl::string_view model, int64_t version);

  // The model a request names: the default one where it names none.
  absl::string_view Resolve(absl::string_view model) const {
    return model.empty() ? absl::string_view(options_.default_model) : model;
  }
  const std::string& default_model() const { return options_.default_model; }

  // The snapshot now. Takes a lock that is only ever held for a pointer's copy.
  std::shared_ptr<const ModelSnapshot> Snapshot() const;

  // A polling thread's view: one atomic load per request as long as nothing changes. Not thread-safe.
  class Reader {
   public:
    explicit Reader(const ModelRegistry* registry) : registry_(registry) {}
    // Valid until the next call.
    const ModelSnapshot& Get() {
      const uint64_t epoch = registry_->epoch_.load(std::memory_order_acquire);
      if (epoch != epoch_ || snapshot_ == nullptr) Refresh();
      return *snapshot_;
    }

   private:
    void Refresh();

    const ModelRegistry* const registry_;
    uint64_t epoch_ = 0;
    std::shared_ptr<const ModelSnapshot> snapshot_;
  };

  // Called after each change of the snapshot, on the thread that made it: lets idle readers move on, so that they do
  // not keep an old model in memory. Set once, before anything is loaded.
  void OnChange(std::function<void()> listener) { on_change_ = std::move(listener); }

  // Told of each version that could not be loaded, once; on the thread that tried. Set once, before anything is loaded.
  using LoadErrorListener = std::function<void(absl::string_view model, int64_t version, const absl::Status& error)>;
  void OnLoadError(LoadErrorListener listener) { on_load_error_ = std::move(listener); }

  // Frees what no reader uses any more. Old snapshots are kept until then, so that no polling thread ever pays for
  // freeing a model.
  void FreeRetired();

 private:
  absl::StatusOr<std::shared_ptr<const ServedModel>> ReadAndVerify(absl::string_view model, int64_t version)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(load_mutex_);
  void Replace(std::shared_ptr<const ModelSnapshot> next) ABSL_EXCLUSIVE_LOCKS_REQUIRED(load_mutex_);

  const Options options_;
  Store* const store_;
  ServerMetrics* const metrics_;
  std::function<void()> on_change_;
  LoadErrorListener on_load_error_;

  // Held while a version is loaded: loads come one after the other. Before snapshot_mutex_.
  absl::Mutex load_mutex_;
  // (model, version) in the order of their loading.
  std::list<std::pair<std::string, int64_t>> extra_versions_ ABSL_GUARDED_BY(load_mutex_);
  // What Load said of versions whose bytes are wrong. They stay wrong: requests that name them again are not to read
  // and verify them each time.
  std::map<std::pair<std::string, int64_t>, absl::Status> refused_versions_ ABSL_GUARDED_BY(load_mutex_);

  mutable absl::Mutex snapshot_mutex_;
  std::shared_ptr<const ModelSnapshot> snapshot_ ABSL_GUARDED_BY(snapshot_mutex_);
  std::vector<std::shared_ptr<const ModelSnapshot>> retired_ ABSL_GUARDED_BY(snapshot_mutex_);
  // Counts the snapshots.
  std::atomic<uint64_t> epoch_{1};
};

}  // namespace roicast
