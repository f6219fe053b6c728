// An observer that records its calls and answers as a test wants.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "model/network/training_observer.h"

namespace roicast {

class ScriptedObserver final : public TrainingObserver {
 public:
  // Asked by Poll, which counts first. Unset: kContinue.
  std::function<TrainingSignal()> signal;
  bool wants_checkpoint = false;

  std::vector<TrainingPhase> phases;
  std::vector<int> epochs;
  int polls = 0;
  std::optional<Checkpoint> checkpoint;  // the last one

  void OnPhase(TrainingPhase phase) override { phases.push_back(phase); }
  void OnEpoch(const EpochRecord& record) override { epochs.push_back(record.epoch); }
  TrainingSignal Poll() override {
    ++polls;
    return signal ? signal() : TrainingSignal::kContinue;
  }
  bool WantsCheckpoint() const override { return wants_checkpoint; }
  void OnCheckpoint(const Checkpoint& latest) override { checkpoint = latest; }

  // Cancels after an epoch, with a checkpoint of it.
  void CancelAfterEpoch(int epoch) {
    wants_checkpoint = true;
    signal = [this, epoch] {
      return !epochs.empty() && epochs.back() == epoch ? TrainingSignal::kCancel : TrainingSignal::kContinue;
    };
  }
  // Cancels at the nth poll, counted from 1, with a checkpoint of that moment.
  void CancelAtPoll(int poll) {
    wants_checkpoint = true;
    signal = [this, poll] { return polls == poll ? TrainingSignal::kCancel : TrainingSignal::kContinue; };
  }
};

}  // namespace roicast
