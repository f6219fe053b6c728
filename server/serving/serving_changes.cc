// How the serving version of a model changes: at the start, when a version is published, and by hand.
#include <algorithm>
#include <atomic>
#include <set>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "server/errors/errors.h"
#include "server/serving/model_registry.h"

namespace roicast {
namespace {

constexpr int kPage = 100;
// How far back a version counts as one that served.
constexpr int kSearchedSteps = 1000;
// Of a start. Each holds an artifact in several forms while it reads one.
constexpr size_t kMaxLoadingThreads = 4;

ServingCandidate CandidateOf(const ServedModel& model) {
  return {model.version(), &model.schema(), &model.holdout(), model.typical_roi(), model.typical_values()};
}

// Of a model from a store of an older release.
ServingStep FirstStep(const ServedModel& model) {
  ServingStep step;
  step.model = model.name();
  step.version = model.version();
  step.cause = ServingCause::kUpgrade;
  return step;
}

}  // namespace

bool ModelRegistry::MayPass(const absl::Status& error) {
  return !absl::IsDataLoss(error) && !absl::IsNotFound(error) && !absl::IsInvalidArgument(error) &&
         !absl::IsAlreadyExists(error);
}

absl::Status ModelRegistry::LoadAll() {
  ROICAST_RETURN_IF_ERROR(LoadFirst());
  return LoadRest([] { return false; });
}

absl::Status ModelRegistry::LoadFirst() {
  absl::MutexLock load_lock(&load_mutex_);
  auto next = std::make_shared<ModelSnapshot>();
  ROICAST_ASSIGN_OR_RETURN(const std::vector<ModelVersion> undecided, store_->UndecidedVersions());
  std::set<std::string, std::less<>> at_once = {options_.default_model};
  for (const ModelVersion& version : undecided) at_once.insert(version.model);
  std::string after;
  while (true) {
    ROICAST_ASSIGN_OR_RETURN(const std::vector<ModelVersion> models, store_->ListModels(after, kPage));
    for (const ModelVersion& newest : models) {
      ROICAST_ASSIGN_OR_RETURN(const std::vector<ServingStep> steps, store_->ServingSteps(newest.model, 1));
      if (steps.empty() || at_once.contains(newest.model)) {
        uint64_t needed = 0;
        const absl::Status started = StartModel(newest.model, *next, &needed);
        if (started.ok()) {
          KeepRefusal(newest, *next);
          continue;
        }
        // There may be room later: no reason to let an older version serve.
        if (!absl::IsResourceExhausted(started)) return started;
        RememberFailure(newest.model, started, needed);
        next->models_[newest.model].pending_failed = true;
      }
      if (!steps.empty()) records_[newest.model] = steps.front();
      next->models_[newest.model].pending = steps.empty() ? newest.version : steps.front().version;
    }
    if (models.size() < kPage) break;
    after = models.back().model;
  }
  std::vector<std::pair<ServingChange, std::string>> decided;
  for (const ModelVersion& version : undecided) {
    const Unrecorded later{.model = version.model, .version = version.version, .actor = version.job_id};
    if (next->Pending(version.model) != 0) {
      Keep(later);
      continue;
    }
    absl::StatusOr<Loaded> loaded = ReadAndVerify(version.model, version.version);
    if (absl::IsResourceExhausted(loaded.status())) {
      Keep(later);
      continue;
    }
    if (!loaded.ok()) {
      DecideUnloadable(version.model, version.version, loaded.status(), *next);
      continue;
    }
    absl::StatusOr<ServingChange> change = Decide(*loaded, version.job_id, *next);
    ROICAST_RETURN_IF_ERROR(WaitForRoom(change.status(), later));
    if (change.ok()) decided.emplace_back(*std::move(change), version.job_id);
  }
  metrics_->SetModelFallbacks(static_cast<int>(fallbacks_.size()));
  Replace(std::move(next));
  if (on_decided_) {
    for (const auto& [change, actor] : decided) on_decided_(change, actor);
  }
  return absl::OkStatus();
}

void ModelRegistry::Keep(Unrecorded unrecorded) {
  const auto same = [&](const Unrecorded& one) {
    return one.model == unrecorded.model && one.version == unrecorded.version;
  };
  if (std::any_of(unrecorded_.begin(), unrecorded_.end(), same)) return;
  unrecorded_.push_back(std::move(unrecorded));
  behind_.store(static_cast<int>(unrecorded_.size()), std::memory_order_relaxed);
}

absl::Status ModelRegistry::WaitForRoom(const absl::Status& status, Unrecorded unrecorded) {
  if (!absl::IsResourceExhausted(status)) return status;
  Keep(std::move(unrecorded));
  return absl::OkStatus();
}

absl::Status ModelRegistry::CatchUp(const std::function<bool()>& stop) {
  std::vector<ModelAndVersion> waiting;
  if (behind() > 0) {
    absl::MutexLock load_lock(&load_mutex_);
    waiting = Waiting();
  }
  absl::Status recorded;
  for (size_t i = 0; i < waiting.size() && recorded.ok() && !stop(); ++i) {
    // Others who load have their turn between two of them.
    absl::MutexLock load_lock(&load_mutex_);
    recorded = RecordOne(waiting[i]);
  }
  std::vector<std::string> to_start;
  if (not_started() > 0) {
    absl::MutexLock load_lock(&load_mutex_);
    to_start = WorthStarting();
  }
  for (const std::string& model : to_start) {
    if (stop()) break;
    absl::MutexLock load_lock(&load_mutex_);
    StartPending(model).IgnoreError();
  }
  return recorded;
}

absl::StatusOr<bool> ModelRegistry::Prepare(Unrecorded& one) {
  if (one.serves) return !records_.contains(one.model);
  // The version that serves until then has to be known.
  ROICAST_RETURN_IF_ERROR(StartPending(one.model));
  ROICAST_ASSIGN_OR_RETURN(const ModelVersion known, store_->GetVersion(one.model, one.version));
  if (known.decided) return false;
  if (one.loaded != nullptr) return true;
  ROICAST_RETURN_IF_ERROR(StillShort({one.model, one.version}));
  absl::StatusOr<Loaded> loaded = ReadMakingRoom(one.model, one.version);
  if (!loaded.ok()) {
    auto next = std::make_shared<ModelSnapshot>(*Snapshot());
    DecideUnloadable(one.model, one.version, loaded.status(), *next);
    Replace(std::move(next));
    return loaded.status();
  }
  one.loaded = *std::move(loaded);
  return true;
}

std::vector<ModelRegistry::ModelAndVersion> ModelRegistry::Waiting() const {
  std::vector<ModelAndVersion> waiting;
  for (const Unrecorded& one : unrecorded_) waiting.emplace_back(one.model, one.version);
  return waiting;
}

absl::Status ModelRegistry::RecordWhatWaits() {
  for (const ModelAndVersion& key : Waiting()) ROICAST_RETURN_IF_ERROR(RecordOne(key));
  return absl::OkStatus();
}

absl::Status ModelRegistry::RecordOne(const ModelAndVersion& key) {
  AwaitReading(key.first);
  const auto at = std::find_if(unrecorded_.begin(), unrecorded_.end(), [&](const Unrecorded& one) {
    return one.model == key.first && one.version == key.second;
  });
  if (at == unrecorded_.end()) return absl::OkStatus();
  bool no_room = false;
  const absl::Status recorded = RecordNow(*at, &no_room);
  if (recorded.ok() || !MayPass(recorded)) {
    if (!recorded.ok() && on_load_error_) on_load_error_(key.first, key.second, recorded);
    unrecorded_.erase(at);
    behind_.store(static_cast<int>(unrecorded_.size()), std::memory_order_relaxed);
  }
  return no_room ? recorded : absl::OkStatus();
}

absl::Status ModelRegistry::RecordNow(Unrecorded& one, bool* no_room) {
  ROICAST_ASSIGN_OR_RETURN(const bool needed, Prepare(one));
  if (!needed) return absl::OkStatus();
  if (one.serves) {
    const absl::Status recorded = Record(FirstStep(*one.loaded), "");
    *no_room = absl::IsResourceExhausted(recorded);
    return recorded;
  }
  auto next = std::make_shared<ModelSnapshot>(*Snapshot());
  const absl::StatusOr<ServingChange> change = Decide(one.loaded, one.actor, *next);
  *no_room = absl::IsResourceExhausted(change.status());
  ROICAST_RETURN_IF_ERROR(change.status());
  Replace(std::move(next));
  if (on_decided_) on_decided_(*change, one.actor);
  return absl::OkStatus();
}

absl::Status ModelRegistry::LoadRest(const std::function<bool()>& stop) {
  const std::vector<std::string> names = Snapshot()->AllPending();
  const size_t cores = std::clamp<size_t>(std::thread::hardware_concurrency(), 1, kMaxLoadingThreads);
  std::vector<absl::Status> outcomes(std::min(cores, names.size()));
  std::atomic<size_t> next{0};
  std::vector<std::thread> threads;
  for (absl::Status& outcome : outcomes) {
    threads.emplace_back([&] { outcome = LoadPending(names, &next, stop); });
  }
  for (std::thread& thread : threads) thread.join();
  for (absl::Status& outcome : outcomes) ROICAST_RETURN_IF_ERROR(outcome);
  return absl::OkStatus();
}

absl::Status ModelRegistry::LoadPending(const std::vector<std::string>& names, std::atomic<size_t>* next,
                                        const std::function<bool()>& stop) {
  absl::Status first_error;
  for (size_t i = (*next)++; i < names.size() && !stop(); i = (*next)++) {
    const std::string& name = names[i];
    int64_t version = 0;
    {
      absl::MutexLock load_lock(&load_mutex_);
      version = Snapshot()->Pending(name);
      if (version == 0) continue;
      being_read_.insert(name);
    }
    absl::StatusOr<Loaded> loaded = Read(name, version);
    absl::MutexLock load_lock(&load_mutex_);
    being_read_.erase(name);
    ahead_.insert_or_assign({name, version}, std::move(loaded));
    first_error.Update(StartPending(name));
    ahead_.erase({name, version});
  }
  return first_error;
}

void ModelRegistry::AwaitReading(absl::string_view model) {
  const auto is_free = [this, model]()
                           ABSL_EXCLUSIVE_LOCKS_REQUIRED(load_mutex_) { return !being_read_.contains(model); };
  load_mutex_.Await(absl::Condition(&is_free));
}

absl::Status ModelRegistry::StartPending(absl::string_view model) {
  AwaitReading(model);
  const int64_t version = Snapshot()->Pending(model);
  if (version == 0) return absl::OkStatus();
  const auto key = std::make_pair(std::string(model), version);
  if (!ahead_.contains(key)) {
    ROICAST_RETURN_IF_ERROR(JustFailed(model));
    ahead_.emplace(key, ReadUnlessRefused(model, version));
  }
  const absl::Status started = StartRead(key);
  ahead_.erase(key);  // If another version serves.
  return started;
}

absl::Status ModelRegistry::StartRead(const ModelAndVersion& key) {
  const auto& [model, version] = key;
  const auto ahead = ahead_.find(key);
  while (absl::IsResourceExhausted(ahead->second.status()) && EvictFor(NeededFor(model, version))) {
    ahead->second = ReadUnlessRefused(model, version);
  }
  if (absl::IsResourceExhausted(ahead->second.status())) {
    // There may be room later: no reason to let an older version serve.
    const absl::Status short_of = ahead->second.status();
    if (on_load_error_) on_load_error_(model, version, short_of);
    return Postpone(model, short_of, NeededFor(model, version));
  }
  std::shared_ptr<ModelSnapshot> next;
  uint64_t needed = 0;
  absl::Status started;
  do {
    next = std::make_shared<ModelSnapshot>(*Snapshot());
    next->models_[model].pending = 0;
    next->models_[model].pending_failed = false;
    started = StartModel(model, *next, &needed);
    // It has the versions that are to be evicted.
    if (!started.ok()) next = nullptr;
  } while (absl::IsResourceExhausted(started) && EvictFor(needed));
  if (!started.ok()) return Postpone(model, started, needed);
  ROICAST_ASSIGN_OR_RETURN(const ModelVersion newest, store_->GetVersion(model, 0));
  KeepRefusal(newest, *next);
  metrics_->SetModelFallbacks(static_cast<int>(fallbacks_.size()));
  Replace(std::move(next));
  ForgetFailure(model);
  return absl::OkStatus();
}

absl::Status ModelRegistry::Postpone(absl::string_view model, const absl::Status& error, uint64_t needed) {
  RememberFailure(model, error, needed);
  auto next = std::make_shared<ModelSnapshot>(*Snapshot());
  if (!std::exchange(next->models_[model].pending_failed, true)) Replace(std::move(next));
  return error;
}

void ModelRegistry::KeepRefusal(const ModelVersion& newest, ModelSnapshot& next) {
  if (next.Serving(newest.model) != nullptr || !newest.decided || !newest.load_error.empty()) return;
  next.models_[newest.model].refused = newest.not_serving.empty() ? 0 : newest.version;
  next.models_[newest.model].refusal = newest.not_serving;
}

absl::Status ModelRegistry::StartModel(absl::string_view model, ModelSnapshot& next, uint64_t* needed) {
  next.models_[model];  // It exists, whether or not one of its versions can serve.
  ROICAST_ASSIGN_OR_RETURN(const std::vector<ServingStep> steps, store_->ServingSteps(model, 1));
  if (steps.empty()) {
    ROICAST_ASSIGN_OR_RETURN(Loaded newest, LoadNewest(model, 0, needed));
    if (newest == nullptr) return absl::OkStatus();
    ROICAST_RETURN_IF_ERROR(WaitForRoom(
        Record(FirstStep(*newest), ""),
        {.model = newest->name(), .version = newest->version(), .actor = "", .serves = true, .loaded = newest}));
    MakeServing(std::move(newest), next);
    return absl::OkStatus();
  }
  const ServingStep& recorded = records_[std::string(model)] = steps.front();
  absl::StatusOr<Loaded> loaded = ReadAndVerify(model, recorded.version);
  if (absl::IsResourceExhausted(loaded.status())) {
    *needed = NeededFor(model, recorded.version);
    return loaded.status();
  }
  if (!loaded.ok()) {
    ROICAST_ASSIGN_OR_RETURN(loaded, LoadNewest(model, recorded.version, needed));
    fallbacks_.emplace(model);
    if (on_fallback_) on_fallback_(model, recorded.version, *loaded == nullptr ? 0 : (*loaded)->version());
  }
  if (*loaded != nullptr) MakeServing(*std::move(loaded), next);
  return absl::OkStatus();
}

absl::StatusOr<ModelRegistry::Loaded> ModelRegistry::LoadNewest(absl::string_view model, int64_t before,
                                                                uint64_t* needed) {
  const bool stands_in = before > 0;
  absl::Status short_of;
  while (true) {
    ROICAST_ASSIGN_OR_RETURN(const std::vector<ModelVersion> versions, store_->ListVersions(model, before, kPage));
    for (const ModelVersion& version : versions) {
      if (!version.not_serving.empty()) continue;
      absl::StatusOr<Loaded> loaded = ReadAndVerify(model, version.version);
      if (loaded.ok()) return loaded;
      if (!absl::IsResourceExhausted(loaded.status())) continue;
      const uint64_t needed_for = NeededFor(model, version.version);
      *needed = short_of.ok() ? needed_for : std::min(*needed, needed_for);
      short_of.Update(loaded.status());
      if (!stands_in) return short_of;
    }
    if (versions.size() < kPage) {
      if (!short_of.ok()) return short_of;
      return Loaded();
    }
    before = versions.back().version;
  }
}

absl::StatusOr<ModelRegistry::ServingChange> ModelRegistry::Activate(absl::string_view model, int64_t version,
                                                                     absl::string_view actor) {
  absl::MutexLock load_lock(&load_mutex_);
  absl::StatusOr<ServingChange> change = ActivateNow(model, version, actor);
  if (!change.ok() && MayPass(change.status())) {
    Keep({.model = std::string(model), .version = version, .actor = std::string(actor)});
  }
  return change;
}

absl::StatusOr<ModelRegistry::ServingChange> ModelRegistry::ActivateNow(absl::string_view model, int64_t version,
                                                                        absl::string_view actor) {
  ROICAST_RETURN_IF_ERROR(RecordWhatWaits());
  ROICAST_RETURN_IF_ERROR(StartPending(model));
  absl::StatusOr<Loaded> loaded = ReadMakingRoom(model, version);
  if (absl::IsNotFound(loaded.status())) return loaded.status();
  auto next = std::make_shared<ModelSnapshot>(*Snapshot());
  next->models_[model];
  if (!loaded.ok()) {
    DecideUnloadable(model, version, loaded.status(), *next);
    Replace(std::move(next));
    return loaded.status();
  }
  absl::StatusOr<ServingChange> change = Decide(*std::move(loaded), actor, *next);
  Replace(std::move(next));
  return change;
}

absl::StatusOr<ModelRegistry::ServingChange> ModelRegistry::Decide(Loaded loaded, absl::string_view actor,
                                                                   ModelSnapshot& next) {
  const std::string& model = loaded->name();
  const ServingState now = StateOf(model, next);
  ServingChange change;
  change.loaded = loaded;
  change.before = change.serving = now.version;
  if (now.version == loaded->version()) return change;
  const std::vector<Objection> objections = ObjectionsByRule(now, CandidateOf(*loaded));
  if (!objections.empty()) {
    change.not_serving = NotServingText(objections, model, loaded->version());
    ROICAST_RETURN_IF_ERROR(store_->RecordNotServing(model, loaded->version(), change.not_serving));
    metrics_->CountModelNotServing(ObstacleName(objections.front().obstacle));
    if (now.version == 0) {
      next.models_[model].refused = loaded->version();
      next.models_[model].refusal = change.not_serving;
    }
    return change;
  }
  ServingStep step;
  step.model = model;
  step.version = loaded->version();
  step.cause = ServingCause::kRule;
  step.actor = std::string(actor);
  ROICAST_RETURN_IF_ERROR(Record(step, ""));
  change.serving = step.version;
  change.recorded = true;
  metrics_->CountModelSwap();
  MakeServing(std::move(loaded), next);
  return change;
}

void ModelRegistry::DecideUnloadable(absl::string_view model, int64_t version, const absl::Status& error,
                                     ModelSnapshot& next) {
  next.models_[model];
  if (!absl::IsDataLoss(error) && !absl::IsInvalidArgument(error)) return;
  // A note for people, as the load error is; serving does not depend on whether it can be written.
  store_->RecordNotServing(model, version, absl::StrCat("it cannot be loaded: ", error.message())).IgnoreError();
  metrics_->CountModelNotServing("unloadable");
}

absl::StatusOr<ModelRegistry::ServingChange> ModelRegistry::Serve(absl::string_view name, int64_t version,
                                                                  const ByHand& by_hand) {
  const absl::string_view model = Resolve(name);
  if (version < 1) return absl::InvalidArgumentError(absl::StrCat("model.version: expected ≥ 1, got ", version));
  // Checked without the lock, so that requests for unknown versions do not queue behind loads.
  ROICAST_RETURN_IF_ERROR(store_->GetVersion(model, version).status());
  absl::MutexLock load_lock(&load_mutex_);
  ROICAST_RETURN_IF_ERROR(RecordWhatWaits());
  // The recorded one may be too large for the memory that there is: another one is the way out.
  const absl::Status started = StartPending(model);
  if (!started.ok() && !absl::IsResourceExhausted(started)) return started;
  absl::StatusOr<Loaded> loaded = InMemory(model, version);
  if (*loaded == nullptr) loaded = LoadOnce(model, version);
  ROICAST_RETURN_IF_ERROR(loaded.status());
  // Afterwards, for other versions may have made room for it.
  const std::shared_ptr<const ModelSnapshot> snapshot = Snapshot();
  const ServingState now = StateOf(model, *snapshot);
  ROICAST_ASSIGN_OR_RETURN(const ModelVersion newest, store_->GetVersion(model, 0));

  ServingChange change;
  change.loaded = *loaded;
  change.before = now.version;
  change.serving = version;
  change.holds = version < newest.version && !by_hand.follow;
  const auto record = records_.find(model);
  const bool same = record != records_.end() && record->second.version == version && now.version == version;
  if (same && record->second.holds == change.holds) return change;
  if (!same) {
    const std::vector<Objection> objections = ObjectionsByHand(now, CandidateOf(**loaded));
    if (!objections.empty()) {
      ROICAST_ASSIGN_OR_RETURN(const bool way_back, IsWayBack(now, *loaded));
      if (!way_back && !by_hand.force) {
        return VersionRefused(model, version, NotServingText(objections, model, version));
      }
      change.forced = !way_back;
      change.objections = ObjectionsText(objections);
    }
  }
  ServingStep step;
  step.model = std::string(model);
  step.version = version;
  step.cause = ServingCause::kHand;
  step.forced = change.forced;
  step.holds = change.holds;
  step.actor = by_hand.actor;
  step.reason = by_hand.reason;
  // So that it is not taken again without a person if this one cannot be loaded some day.
  const std::string left_behind =
      version < now.version
          ? absl::StrCat("version ", version,
                         " was made to serve by hand in its place. To serve it all the same: roicast ", "models serve ",
                         model, " ", now.version)
          : "";
  ROICAST_RETURN_IF_ERROR(Record(step, left_behind));
  change.recorded = true;
  metrics_->CountModelServedByHand(change.forced);
  auto next = std::make_shared<ModelSnapshot>(*snapshot);
  if (now.version != version) {
    metrics_->CountModelSwap();
    MakeServing(*std::move(loaded), *next);
  }
  Replace(std::move(next));
  ForgetFailure(model);
  return change;
}

absl::StatusOr<bool> ModelRegistry::IsWayBack(const ServingState& now, const Loaded& to) const {
  if (to->version() > now.version) return false;
  ROICAST_ASSIGN_OR_RETURN(const ModelVersion version, store_->GetVersion(to->name(), to->version()));
  // It served, and a newer one took over.
  if (version.decided && version.not_serving.empty()) return true;
  ROICAST_ASSIGN_OR_RETURN(const std::vector<ServingStep> steps, store_->ServingSteps(to->name(), kSearchedSteps));
  return std::any_of(steps.begin(), steps.end(), [&](const ServingStep& step) {
    return step.version == to->version() || step.from_version == to->version();
  });
}

absl::Status ModelRegistry::Record(const ServingStep& step, absl::string_view left_behind) {
  ROICAST_ASSIGN_OR_RETURN(records_[step.model], store_->RecordServing(step, left_behind));
  fallbacks_.erase(step.model);
  metrics_->SetModelFallbacks(static_cast<int>(fallbacks_.size()));
  return absl::OkStatus();
}

ServingState ModelRegistry::StateOf(absl::string_view model, const ModelSnapshot& snapshot) const {
  ServingState state;
  if (const auto* const serving = snapshot.Serving(model)) {
    state.version = (*serving)->version();
    state.schema = &(*serving)->schema();
    state.holdout = &(*serving)->holdout();
    state.typical_roi = (*serving)->typical_roi();
    state.typical_values = (*serving)->typical_values();
  }
  const auto record = records_.find(model);
  if (record != records_.end() && record->second.holds) state.held = record->second.version;
  return state;
}

void ModelRegistry::MakeServing(Loaded loaded, ModelSnapshot& next) {
  ModelSnapshot::Versions& versions = next.models_[loaded->name()];
  if (versions.serving != nullptr) versions.serving->metrics().SetServing(false);
  loaded->metrics().SetServing(true);
  versions.others.erase(loaded->version());
  extra_versions_.remove_if([key = ModelAndVersion(loaded->name(), loaded->version())](const ExtraVersion& extra) {
    return extra.key == key;
  });
  versions.refused = 0;
  versions.refusal.clear();
  versions.pending = 0;
  versions.pending_failed = false;
  versions.serving = std::move(loaded);
}

}  // namespace roicast
