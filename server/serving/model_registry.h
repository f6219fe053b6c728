// The models that serve. Readers never wait: a published snapshot is immutable, and each polling thread keeps a
// reference to the last one it saw. Versions are loaded on other threads and swapped in once they are verified and
// warmed up.
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
#include "server/flag_defaults.h"
#include "server/serving/served_model.h"
#include "server/store/store.h"
#include "server/telemetry/metrics.h"

namespace roicast {

// Everything that can serve at one moment. Immutable.
class ModelSnapshot {
 public:
  // The version of a model that answers requests which name none; nullptr if there is none.
  const std::shared_ptr<const ServedModel>* Serving(absl::string_view model) const;
  // The number of that version; 0 if there is none.
  int64_t ServingVersion(absl::string_view model) const;
  // That version if it is loaded; nullptr otherwise.
  const std::shared_ptr<const ServedModel>* Find(absl::string_view model, int64_t version) const;
  // True for a model that exists, even if none of its versions can be served.
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
    std::string default_model = defaults::kModel;
    // Versions kept loaded beside the serving ones; the least recently loaded one is evicted first. ≥ 1.
    int max_extra_versions = defaults::kMaxExtraVersions;
    // Works out what the prediction service keeps with each version. May be empty.
    AttachmentFactory attach = nullptr;
  };

  ModelRegistry(const Options& options, Store* store, ServerMetrics* metrics);

  // Which version of a model serves: the newest one that can be loaded. The one home of this rule; `serving` is the
  // version that serves now, 0 if none does.
  static constexpr bool TakesOver(int64_t candidate, int64_t serving) { return candidate > serving; }

  // Lets the version of each model serve that should. Versions that do not verify are recorded in the store and passed
  // over. Call once, before requests come. Errors: the store's. A model without a good version is no error.
  absl::Status LoadAll();

  // Loads a version that was just published and lets it serve if it should. On an error the old one continues to serve,
  // and the store has the reason. Errors: NotFound, DataLoss, InvalidArgument.
  absl::StatusOr<std::shared_ptr<const ServedModel>> Activate(absl::string_view model, int64_t version);

  // The model a request names: the default one if it names none.
  absl::string_view Resolve(absl::string_view model) const {
    return model.empty() ? absl::string_view(options_.default_model) : model;
  }

  // A request refers to a model by name and version: no name means the default model, version 0 the one that serves.
  // Errors of all three: NotFound, FailedPrecondition (no version is ready, or it cannot be loaded), InvalidArgument
  // (version < 0).

  // The served model in `snapshot`; nullptr if it has to be loaded first, which FindOrLoad does. Never waits.
  absl::StatusOr<const std::shared_ptr<const ServedModel>*> Find(const ModelSnapshot& snapshot, absl::string_view model,
                                                                 int64_t version) const;

  // The served model, loaded from the store if it is not in memory yet; two requests for the same one load it once.
  // May read the store: never on a polling thread.
  absl::StatusOr<std::shared_ptr<const ServedModel>> FindOrLoad(absl::string_view model, int64_t version);

  // What the store knows of the version. If none serves, version 0 means the newest one. Reads the store.
  absl::StatusOr<ModelVersion> Describe(absl::string_view model, int64_t version) const;

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

  // Called for each attempt to load a version that failed, on the thread that tried. Set once, before anything is
  // loaded.
  using LoadErrorListener = std::function<void(absl::string_view model, int64_t version, const absl::Status& error)>;
  void OnLoadError(LoadErrorListener listener) { on_load_error_ = std::move(listener); }

  // Frees what no reader uses any longer. Old snapshots are kept until then, so that no polling thread ever pays for
  // freeing a model. Call now and then.
  void FreeRetired();

 private:
  absl::StatusOr<std::shared_ptr<const ServedModel>> Load(absl::string_view model, int64_t version);
  // From the bytes in the store to a model that is ready to serve. Records in the store what is wrong with a version.
  absl::StatusOr<std::shared_ptr<const ServedModel>> ReadAndVerify(absl::string_view model, int64_t version)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(load_mutex_);
  // Lets the newest good version of a model serve in `next`.
  absl::Status ServeNewest(absl::string_view model, ModelSnapshot& next) ABSL_EXCLUSIVE_LOCKS_REQUIRED(load_mutex_);
  // Makes a loaded version the serving one of `next`.
  void Serve(std::shared_ptr<const ServedModel> loaded, ModelSnapshot& next) ABSL_EXCLUSIVE_LOCKS_REQUIRED(load_mutex_);
  void Replace(std::shared_ptr<const ModelSnapshot> next) ABSL_EXCLUSIVE_LOCKS_REQUIRED(load_mutex_);

  const Options options_;
  Store* const store_;
  ServerMetrics* const metrics_;
  std::function<void()> on_change_;
  LoadErrorListener on_load_error_;

  // Held while a version is loaded: loads come one after the other. Lock order: load_mutex_, then snapshot_mutex_. The
  // listeners are called with load_mutex_ held and snapshot_mutex_ free: they may ask for the snapshot, but not load.
  absl::Mutex load_mutex_;
  // (model, version) of the versions beside the serving ones, in the order of their loading.
  std::list<std::pair<std::string, int64_t>> extra_versions_ ABSL_GUARDED_BY(load_mutex_);
  // Errors of versions whose bytes are wrong. They stay wrong: later requests for them do not read and verify them
  // again.
  std::map<std::pair<std::string, int64_t>, absl::Status> refused_versions_ ABSL_GUARDED_BY(load_mutex_);

  mutable absl::Mutex snapshot_mutex_;
  std::shared_ptr<const ModelSnapshot> snapshot_ ABSL_GUARDED_BY(snapshot_mutex_);
  std::vector<std::shared_ptr<const ModelSnapshot>> retired_ ABSL_GUARDED_BY(snapshot_mutex_);
  // Counts the snapshots.
  std::atomic<uint64_t> epoch_{1};
};

}  // namespace roicast
