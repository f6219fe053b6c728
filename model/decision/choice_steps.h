// States of the dynamic programme of split_search.h, and the way back through them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace roicast {

// A choice for the campaigns so far.
struct ChoiceState {
  int64_t spend = 0;
  int64_t room = 0;  // that campaigns with any_up_to have above their levels
  double value = 0.0;
  double loss = 0.0;   // against the prices
  int32_t parent = 0;  // index of the state before
  int32_t choice = 0;  // a level, or the state of a group
};

// States after each step, for the way back.
class ChoiceSteps {
 public:
  // What they take.
  size_t bytes() const { return bytes_; }
  void Push(const std::vector<ChoiceState>& states) {
    Step& step = steps_.emplace_back();
    size_t runs = 0;
    for (size_t i = 0; i < states.size(); ++i) runs += i == 0 || !Continues(states[i - 1], states[i]) ? 1 : 0;
    step.in_runs = runs * sizeof(Run) < states.size() * sizeof(Choice);
    bytes_ += sizeof(Step) + std::min(runs * sizeof(Run), states.size() * sizeof(Choice));
    if (!step.in_runs) {
      step.choices.reserve(states.size());
      for (const ChoiceState& state : states) step.choices.push_back({state.parent, state.choice});
      return;
    }
    step.runs.reserve(runs);
    for (size_t i = 0; i < states.size(); ++i) {
      if (i > 0 && Continues(states[i - 1], states[i])) continue;
      step.runs.push_back({static_cast<int32_t>(i), {states[i].parent, states[i].choice}});
    }
  }
  // The choices that led to a state of the last step, the first step's first.
  std::vector<int32_t> Trace(int32_t state) const {
    std::vector<int32_t> choices(steps_.size());
    for (size_t i = steps_.size(); i-- > 0;) {
      const Choice choice = steps_[i].Of(state);
      choices[i] = choice.choice;
      state = choice.parent;
    }
    return choices;
  }

 private:
  struct Choice {
    int32_t parent, choice;
  };
  // States with one choice and parents that follow each other, as where a campaign has a single amount: ten thousand of
  // them would otherwise keep all states each.
  struct Run {
    int32_t begin;
    Choice first;
  };
  struct Step {
    bool in_runs = false;
    std::vector<Choice> choices;
    std::vector<Run> runs;

    Choice Of(int32_t state) const {
      if (!in_runs) return choices[static_cast<size_t>(state)];
      const auto behind = std::upper_bound(runs.begin(), runs.end(), state,
                                           [](int32_t index, const Run& run) { return index < run.begin; });
      const Run& run = *(behind - 1);
      return {run.first.parent + (state - run.begin), run.first.choice};
    }
  };

  static bool Continues(const ChoiceState& before, const ChoiceState& state) {
    return state.parent == before.parent + 1 && state.choice == before.choice;
  }

  std::vector<Step> steps_;
  size_t bytes_ = 0;
};

}  // namespace roicast
