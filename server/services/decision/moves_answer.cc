#include "server/services/decision/moves_answer.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "server/services/decision/decision_call.h"

namespace roicast {
namespace {

constexpr size_t kMostMovingNames = 8;

std::string QuotedFeature(const ServedModel& model, int feature) {
  return absl::StrCat("\"", model.schema().features[static_cast<size_t>(feature)].name, "\"");
}

std::string ListOfNames(std::vector<std::string> names) {
  if (names.size() > kMostMovingNames) {
    names.resize(kMostMovingNames);
    names.push_back("…");
  }
  return absl::StrJoin(names, ", ");
}

// `, of campaigns with the same "Channel"`
std::string OfWords(const ServedModel& model, const MovesWithSpend& moves) {
  std::vector<std::string> names;
  for (const int feature : moves.LevelFeatures()) names.push_back(QuotedFeature(model, feature));
  return names.empty() ? "" : absl::StrCat(" of campaigns with the same ", ListOfNames(names));
}

// What rows that usually lack a value, such as those of television without clicks, are asked about with.
std::string OfRowsThatLack(const MovesWithSpend& moves, bool one) {
  const bool any = std::any_of(moves.features.begin(), moves.features.end(),
                               [](const SpendCompanion& moving) { return moving.lacking > 0.0; });
  return any ? absl::StrCat(", or nothing where ", moves.LevelFeatures().empty() ? "most" : "most of these",
                            " had none of ", one ? "it" : "them")
             : "";
}

// How many times the usual value of one word is that of another, at most.
double LargestRatio(const MovesWithSpend& moves) {
  double most = 0.0;
  for (const SpendCompanion& moving : moves.features) {
    if (moving.words.empty()) continue;
    const auto [low, high] = std::minmax_element(moving.words.begin(), moving.words.end(),
                                                 [](const auto& a, const auto& b) { return a.level < b.level; });
    most = std::max(most, high->level - low->level);
  }
  return std::exp(most);
}

}  // namespace

void AddMoving(const ServedModel& model, int spend, google::protobuf::RepeatedPtrField<v1::MovesAlong>* moving) {
  const MovesWithSpend& moves = model.decisions().facts.moves;
  if (moves.spend != spend) return;
  for (const SpendCompanion& feature : moves.features) {
    v1::MovesAlong& added = *moving->Add();
    added.set_feature(model.schema().features[static_cast<size_t>(feature.feature)].name);
    added.set_elasticity(feature.elasticity);
    added.set_level(feature.level);
    added.set_lacking(feature.lacking);
    for (const WordLevel& word : feature.words) {
      const Feature& of = model.schema().features[static_cast<size_t>(word.feature)];
      v1::WordLevel& level = *added.add_words();
      level.set_feature(of.name);
      if (word.code >= 0) level.set_word(of.vocabulary[static_cast<size_t>(word.code)]);
      level.set_level(word.level);
      level.set_lacking(word.lacking);
    }
  }
}

void AddMovesCaveat(const ServedModel& model, absl::Span<const int> free,
                    google::protobuf::RepeatedPtrField<v1::Caveat>* caveats) {
  const MovesWithSpend& moves = model.decisions().facts.moves;
  if (moves.empty()) return;
  const auto is_free = [&](int feature) { return std::find(free.begin(), free.end(), feature) != free.end(); };
  const std::string spend = QuotedFeature(model, moves.spend);
  std::vector<std::string> along, themselves;
  for (const SpendCompanion& moving : moves.features) {
    const std::string name = QuotedFeature(model, moving.feature);
    if (is_free(moving.feature)) {
      themselves.push_back(name);
    } else {
      along.push_back(absl::StrCat(name, absl::StrFormat(" (spend^%.2f)", moving.elasticity)));
    }
  }
  if (!is_free(moves.spend)) {
    // Of another spend nothing is known.
    for (const std::string& name : themselves) {
      AddCaveat(caveats, "moves_with_spend",
                absl::StrCat(name, " moved with ", spend,
                             " in training, and here that one stays as it is: no past campaign was like these"));
    }
    return;
  }
  if (!along.empty()) {
    const bool one = along.size() == 1;
    AddCaveat(caveats, "moves_with_spend",
              absl::StrCat(ListOfNames(along), one ? " goes" : " go", " along with ", spend,
                           " here, as in training, and from what each row has at its present spend; without a value, ",
                           one ? "it is" : "they are", " what usually goes with the spend", OfWords(model, moves),
                           OfRowsThatLack(moves, one), ". Where ", one ? "it does" : "they do",
                           " not follow the spend, these answers are wrong; a model without ", one ? "it" : "them",
                           " (train with --exclude) does not depend on that"));
  }
  if (!themselves.empty()) {
    AddCaveat(caveats, "moves_with_spend",
              absl::StrCat(ListOfNames(themselves), " moved with ", spend,
                           " in training, and may change without it "
                           "here: there may be no past campaign like the answer"));
  }
}

void AddFilledCaveat(const ServedModel& model, int spend, absl::Span<const float> rows,
                     google::protobuf::RepeatedPtrField<v1::Caveat>* caveats) {
  const MovesWithSpend& moves = model.decisions().facts.moves;
  if (moves.spend != spend || moves.LevelFeatures().empty()) return;
  const auto width = static_cast<size_t>(model.schema().size());
  int64_t unknown = 0;
  for (size_t at = 0; at < rows.size(); at += width) unknown += moves.UnknownLevel(rows.data() + at) > 0.0 ? 1 : 0;
  if (unknown == 0) return;
  std::vector<std::string> names, words;
  for (const SpendCompanion& moving : moves.features) names.push_back(QuotedFeature(model, moving.feature));
  for (const int feature : moves.LevelFeatures()) words.push_back(QuotedFeature(model, feature));
  AddCaveat(caveats, "filled_values",
            absl::StrCat(unknown, unknown == 1 ? " row lacks" : " rows lack", " a value of ", ListOfNames(names),
                         ", and what is usual there is not known: it differs by up to ",
                         absl::StrFormat("%.3g", LargestRatio(moves)), " times between the words of ",
                         ListOfNames(words), unknown == 1 ? ", and its word" : ", and their words",
                         " had too few rows in training, or none. What was filled in is a guess between those, and the "
                         "intervals are as wide as that; enter the values, or train without these columns"));
}

}  // namespace roicast
