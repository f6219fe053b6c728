// The models that serve. Readers never wait: a published snapshot is immutable, and each polling thread keeps a
// reference to the last one it saw. Versions are loaded on other threads and swapped in once they are verified and
// warmed up. Which version of a model serves is recorded in the store before it is swapped in, so that a restart, and a
// crash at any moment, keeps it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "base/memory_budget.h"
#include "server/flag_defaults.h"
#include "server/serving/model_snapshot.h"
#include "server/serving/served_model.h"
#include "server/serving/serving_rule.h"
#include "server/store/store.h"
#include "server/telemetry/metrics.h"

namespace roicast {

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
    // What loaded versions draw from (kModels).
    MemoryBudget* memory = MemoryBudget::Unlimited();
  };

  ModelRegistry(const Options& options, Store* store, ServerMetrics* metrics);

  // Lets the recorded version of each model serve. If it cannot be loaded, the newest older
  // one that can and that was not refused serves in its place, and the record stays. A model without a record, from a
  // store of an older release, gets one: of its newest version that can be loaded. Then decides about versions whose
  // publication was interrupted, as Activate does. Call once, before requests come. Errors: the store's. A model
  // without a good version is no error, and neither is a full disk: what is to be recorded then waits for CatchUp.
  // The same as LoadFirst and LoadRest.
  absl::Status LoadAll();
  // Loads the default model, and what has to be decided about; other models wait for LoadRest, or for the first request
  // that names them.
  absl::Status LoadFirst();
  // Loads the others, several at a time, while requests are answered. Returns between two of them once `stop` says so,
  // and otherwise the first error; requests try again to load the model that it is of.
  absl::Status LoadRest(const std::function<bool()>& stop);

  // Versions of which it could not be recorded whether they serve, as on a full disk. Where that is not decided, the
  // version before serves. Never waits.
  int behind() const { return behind_.load(std::memory_order_relaxed); }
  // Models that do not serve because the version that should could not be loaded when last tried. Hardly waits.
  int not_started() const;
  // Does what LoadFirst and Activate could not, and starts models that could not be started if there is memory for them
  // now; nothing if there are none, and it is not behind. Activate and Serve record first, so that
  // versions come in their order. What cannot be recorded for another reason than a full disk keeps no others from it:
  // it is tried again if that may pass, and otherwise left to the next start. Errors: ResourceExhausted (there is still
  // no room on the disk).
  // Returns between two of them once `stop` says so.
  absl::Status CatchUp(const std::function<bool()>& stop = [] { return false; });

  // Whether what could not be decided or recorded for this error is tried again by CatchUp. PermissionDenied may pass:
  // so says SQLite when the process has no descriptor left.
  static bool MayPass(const absl::Status& error);

  // What became of the wish to serve a version.
  struct ServingChange {
    std::shared_ptr<const ServedModel> loaded;  // The version. Never nullptr.
    int64_t before = 0;                         // The version that served before; 0: none.
    int64_t serving = 0;                        // The version that serves now; 0: none.
    std::string not_serving;                    // Why the version does not serve; empty: it does.
    bool recorded = false;                      // A step was recorded. False: refused, or it served already.
    bool forced = false;                        // The rule would have refused it.
    std::string objections;                     // By hand: what the rule says against it although it serves.
    bool holds = false;                         // Newer versions do not take over by themselves.
  };

  // Loads a version that was just published and lets it serve if the rule allows it (serving_rule.h); records either.
  // actor: who published it, for the record. On an error the old one continues to serve, and the store has the reason.
  // Errors: NotFound, DataLoss, InvalidArgument; the store's, and then CatchUp or the next start decides.
  absl::StatusOr<ServingChange> Activate(absl::string_view model, int64_t version, absl::string_view actor = {});

  struct ByHand {
    bool force = false;   // Although the rule refuses it.
    bool follow = false;  // Newer versions take over by themselves, even if this one is older than the newest.
    std::string actor;    // For the record, as is the reason.
    std::string reason;
  };
  // Makes a version serve because a person wants it. An older one than the newest then holds its place until a person
  // serves another. The way back to an older version that has served before needs no force: whoever takes it is in a
  // hurry, and clients sent its requests before. No name means the default model. Errors: InvalidArgument (version <
  // 1), NotFound, FailedPrecondition (VersionNotLoadable, VersionRefused); the store's, and then nothing has changed.
  absl::StatusOr<ServingChange> Serve(absl::string_view model, int64_t version, const ByHand& by_hand);

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
  // Also ResourceExhausted: there is no memory for it even without other versions that only requests keep loaded. It is
  // not tried again at once then: for kRetryAfter, unless memory becomes free, others get the same error.
  // May read the store: never on a polling thread.
  absl::StatusOr<std::shared_ptr<const ServedModel>> FindOrLoad(absl::string_view model, int64_t version);
  static constexpr std::chrono::seconds kRetryAfter{1};

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

  // Called at the start for each model of which another version serves than the recorded one, because that cannot be
  // loaded; serving 0: none does. Set once, before anything is loaded.
  using FallbackListener = std::function<void(absl::string_view model, int64_t recorded, int64_t serving)>;
  void OnFallback(FallbackListener listener) { on_fallback_ = std::move(listener); }

  // Called for each version that is decided about after its publication, by a start or by CatchUp, once what serves is
  // in the snapshot. actor: who published it. Set once, before anything is loaded.
  using DecisionListener = std::function<void(const ServingChange& change, absl::string_view actor)>;
  void OnDecided(DecisionListener listener) { on_decided_ = std::move(listener); }

  // Frees what no reader uses any longer. Old snapshots are kept until then, so that no polling thread ever pays for
  // freeing a model. Call now and then.
  void FreeRetired();

 private:
  using Loaded = std::shared_ptr<const ServedModel>;
  using ModelAndVersion = std::pair<std::string, int64_t>;

  absl::StatusOr<Loaded> Load(absl::string_view model, int64_t version);
  // nullptr: it is not.
  Loaded InMemory(absl::string_view model, int64_t version) const;
  // A version that is not in memory; not tried again if it can never be loaded. Errors: VersionNotLoadable, NotFound,
  // ResourceExhausted (memory).
  absl::StatusOr<Loaded> LoadOnce(absl::string_view model, int64_t version) ABSL_EXCLUSIVE_LOCKS_REQUIRED(load_mutex_);
  // What has to be free to load it; 0: unknown.
  uint64_t NeededFor(absl::string_view model, int64_t version) const;
  // From the bytes in the store to a model that is ready to serve. Safe to call concurrently.
  absl::StatusOr<Loaded> Read(absl::string_view model, int64_t version) const;
  // The same, or why the version can never be loaded, without reading it again.
  absl::StatusOr<Loaded> ReadUnlessRefused(absl::string_view model, int64_t version) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(load_mutex_);
  // The same, or what a thread of LoadRest has read. Records in the store what is wrong with a version, and remembers
  // those that can never be loaded.
  absl::StatusOr<Loaded> ReadAndVerify(absl::string_view model, int64_t version)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(load_mutex_);

  // --- serving_changes.cc
  // The same after others have made room where that helps; if it does not, version_failures_ has why. Nobody who calls
  // it may hold a snapshot: it keeps what is evicted.
  absl::StatusOr<Loaded> ReadMakingRoom(absl::string_view model, int64_t version)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(load_mutex_);
  // Starts a model that LoadFirst left for later; nothing if there is nothing left to do. Waits for the thread of
  // LoadRest that reads it.
  absl::Status StartPending(absl::string_view model) ABSL_EXCLUSIVE_LOCKS_REQUIRED(load_mutex_);
  // The same once the version, its model and number, is in ahead_, or why it cannot be loaded is.
  absl::Status StartRead(const ModelAndVersion& key) ABSL_EXCLUSIVE_LOCKS_REQUIRED(load_mutex_);
  // An attempt to start the model failed with `error`, which is returned. needed: as of RememberFailure.
  absl::Status Postpone(absl::string_view model, const absl::Status& error, uint64_t needed)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(load_mutex_);
  // Why the last attempt to start it failed, if that was just now and there is no more memory since; otherwise OK. Any
  // thread.
  absl::Status JustFailed(absl::string_view model) const ABSL_LOCKS_EXCLUDED(failures_mutex_);
  // The models of which it makes sense to try again.
  std::vector<std::string> WorthStarting() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(load_mutex_)
      ABSL_LOCKS_EXCLUDED(failures_mutex_);
  // An attempt to start a model failed. needed: what has to be free to try again at once; 0: nothing helps.
  void RememberFailure(absl::string_view model, const absl::Status& error, uint64_t needed)
      ABSL_LOCKS_EXCLUDED(failures_mutex_);
  // One thread of LoadRest: the models of `names` from *next on.
  absl::Status LoadPending(const std::vector<std::string>& names, std::atomic<size_t>* next,
                           const std::function<bool()>& stop);
  // If nothing serves although a version is stored: why, for messages.
  void KeepRefusal(const ModelVersion& newest, ModelSnapshot& next) ABSL_EXCLUSIVE_LOCKS_REQUIRED(load_mutex_);
  // Lets the version serve that the record names, or the one that stands in for it. Errors: the store's;
  // ResourceExhausted (memory), and then `needed` is what has to be free.
  absl::Status StartModel(absl::string_view model, ModelSnapshot& next, uint64_t* needed)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(load_mutex_);
  // The newest version below `before` (0: of all) that can be loaded and was not refused; nullptr: none. Where there is
  // no memory for it, an older one may stand in, but nothing takes the place of the newest of all: errors as of
  // StartModel.
  absl::StatusOr<Loaded> LoadNewest(absl::string_view model, int64_t before, uint64_t* needed)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(load_mutex_);
  struct Unrecorded {
    std::string model;
    int64_t version = 0;
    std::string actor;    // who published it
    bool serves = false;  // already: the model had no record. Otherwise it is still to be decided
    Loaded loaded = {};   // nullptr: not yet
  };
  // Keeps it for CatchUp, unless it is kept already.
  void Keep(Unrecorded unrecorded) ABSL_EXCLUSIVE_LOCKS_REQUIRED(load_mutex_);
  // Keeps for CatchUp what a full disk refuses to record. OK: it does that. Otherwise `status`.
  absl::Status WaitForRoom(const absl::Status& status, Unrecorded unrecorded)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(load_mutex_);
  absl::Status RecordWhatWaits() ABSL_EXCLUSIVE_LOCKS_REQUIRED(load_mutex_);
  // Model and version of all that wait, oldest first.
  std::vector<ModelAndVersion> Waiting() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(load_mutex_);
  // One of them, unless another thread has done it meanwhile. It stays in its place until it is done. Errors:
  // ResourceExhausted (there is no room on the disk, for others neither).
  absl::Status RecordOne(const ModelAndVersion& key) ABSL_EXCLUSIVE_LOCKS_REQUIRED(load_mutex_);
  // Loads what is not loaded, and decides or records. Errors: as they come.
  absl::Status RecordNow(Unrecorded& one, bool* no_room) ABSL_EXCLUSIVE_LOCKS_REQUIRED(load_mutex_);
  // Until no thread of LoadRest reads the model: releases load_mutex_ meanwhile.
  void AwaitReading(absl::string_view model) ABSL_EXCLUSIVE_LOCKS_REQUIRED(load_mutex_);
  // Loads what has not been loaded. False: it does not have to be recorded any more.
  absl::StatusOr<bool> Prepare(Unrecorded& one) ABSL_EXCLUSIVE_LOCKS_REQUIRED(load_mutex_);
  absl::StatusOr<ServingChange> ActivateNow(absl::string_view model, int64_t version, absl::string_view actor)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(load_mutex_);
  // Applies the rule to a loaded version, records what it says, and lets it serve in `next` accordingly.
  absl::StatusOr<ServingChange> Decide(Loaded loaded, absl::string_view actor, ModelSnapshot& next)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(load_mutex_);
  // Decides about a version that cannot be loaded: it does not serve. Nothing if it may be loadable later.
  void DecideUnloadable(absl::string_view model, int64_t version, const absl::Status& error, ModelSnapshot& next)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(load_mutex_);
  // Whether the version is older than the one that serves and has served before.
  absl::StatusOr<bool> IsWayBack(const ServingState& now, const Loaded& to) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(load_mutex_);
  // Records a step and keeps it in records_.
  absl::Status Record(const ServingStep& step, absl::string_view left_behind)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(load_mutex_);
  // What serves in `snapshot`. Points into it.
  ServingState StateOf(absl::string_view model, const ModelSnapshot& snapshot) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(load_mutex_);
  // Makes a loaded version the serving one of `next`.
  void MakeServing(Loaded loaded, ModelSnapshot& next) ABSL_EXCLUSIVE_LOCKS_REQUIRED(load_mutex_);
  // Takes the version that was loaded first, of those beside the serving ones, out of `next`. There has to be one.
  std::weak_ptr<const ServedModel> EvictOldest(ModelSnapshot& next) ABSL_EXCLUSIVE_LOCKS_REQUIRED(load_mutex_);
  // The same at once, and waits a moment until nobody uses it. False: there is none, or all of them together do not
  // make room for so many bytes.
  bool EvictFor(uint64_t needed) ABSL_EXCLUSIVE_LOCKS_REQUIRED(load_mutex_);
  // Whether there would be room for so many bytes without them.
  bool MayFit(uint64_t needed) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(load_mutex_);
  void Replace(std::shared_ptr<const ModelSnapshot> next) ABSL_EXCLUSIVE_LOCKS_REQUIRED(load_mutex_);

  const Options options_;
  Store* const store_;
  ServerMetrics* const metrics_;
  std::function<void()> on_change_;
  LoadErrorListener on_load_error_;
  FallbackListener on_fallback_;
  DecisionListener on_decided_;

  // Held while a version is loaded: loads come one after the other. Lock order: load_mutex_, then failures_mutex_ or
  // snapshot_mutex_. The listeners are called with load_mutex_ held and the others free: they may ask for the snapshot,
  // but not load.
  absl::Mutex load_mutex_;
  struct ExtraVersion {
    ModelAndVersion key;
    uint64_t bytes = 0;
  };
  // The versions beside the serving ones, in the order of their loading.
  std::list<ExtraVersion> extra_versions_ ABSL_GUARDED_BY(load_mutex_);
  // Errors of versions whose bytes are wrong. They stay wrong: they are not read and verified again.
  std::map<std::pair<std::string, int64_t>, absl::Status> refused_versions_ ABSL_GUARDED_BY(load_mutex_);

  // While LoadRest runs: the models that its threads read, and what one has read and starts now.
  std::set<std::string, std::less<>> being_read_ ABSL_GUARDED_BY(load_mutex_);
  std::map<std::pair<std::string, int64_t>, absl::StatusOr<Loaded>> ahead_ ABSL_GUARDED_BY(load_mutex_);

  // The last recorded step of each model; none for models of which nothing ever served.
  std::map<std::string, ServingStep, std::less<>> records_ ABSL_GUARDED_BY(load_mutex_);
  // What could not be recorded, oldest first.
  std::list<Unrecorded> unrecorded_ ABSL_GUARDED_BY(load_mutex_);
  std::atomic<int> behind_{0};
  // Models of which another version serves than the recorded one.
  std::set<std::string, std::less<>> fallbacks_ ABSL_GUARDED_BY(load_mutex_);

  // Why an attempt to load something failed.
  struct Failure {
    absl::Status error;
    std::chrono::steady_clock::time_point retry_at;
    // What has to be free to try again before; 0: nothing helps.
    uint64_t needed = 0;
  };
  // needed: as of RememberFailure.
  Failure FailureNow(const absl::Status& error, uint64_t needed) const;
  // The model has started.
  void ForgetFailure(absl::string_view model) ABSL_LOCKS_EXCLUDED(failures_mutex_);
  // Its error if that is not to be tried again yet; otherwise OK.
  absl::Status ErrorStill(const Failure& failure) const;
  // The same of a version that requests name, or OK if there was no such attempt.
  absl::Status JustFailed(const ModelAndVersion& key) const ABSL_LOCKS_EXCLUDED(failures_mutex_);
  // The same, for as long as there would be no room even if others made some: nobody waits for it.
  absl::Status StillShort(const ModelAndVersion& key) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(load_mutex_)
      ABSL_LOCKS_EXCLUDED(failures_mutex_);

  // Held for a look-up alone: requests for what cannot be loaded do not wait for what is being loaded.
  mutable absl::Mutex failures_mutex_;
  // Of models that have not started, and of versions for which there was no memory.
  std::map<std::string, Failure, std::less<>> failures_ ABSL_GUARDED_BY(failures_mutex_);
  std::map<ModelAndVersion, Failure> version_failures_ ABSL_GUARDED_BY(failures_mutex_);

  mutable absl::Mutex snapshot_mutex_;
  std::shared_ptr<const ModelSnapshot> snapshot_ ABSL_GUARDED_BY(snapshot_mutex_);
  std::vector<std::shared_ptr<const ModelSnapshot>> retired_ ABSL_GUARDED_BY(snapshot_mutex_);
  // Counts the snapshots.
  std::atomic<uint64_t> epoch_{1};
};

}  // namespace roicast
