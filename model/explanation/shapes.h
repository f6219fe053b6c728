// Explanations with the names and words of a schema, for answers and reports.
#pragma once

#include "model/data/moves_with_spend.h"
#include "model/data/schema.h"
#include "model/evaluation/learnt_shapes.h"
#include "model/explanation/dependence.h"
#include "model/explanation/interaction.h"
#include "model/explanation/surrogate_tree.h"

namespace roicast {

// moves: that the dependence was asked with.
DependenceShape ShapeOf(const Schema& schema, const Dependence& dependence, const MovesWithSpend& moves);

InteractionStrength StrengthOf(const Schema& schema, const PairInteraction& pair);

TreeRules RulesOf(const Schema& schema, const SurrogateTree& tree);

}  // namespace roicast
