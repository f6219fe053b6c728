#include "model/training/fit/network_fit.h"

#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace roicast {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int kRows = 300, kInputs = 4;

TrainingSpec SmallSpec() {
  TrainingSpec spec = SpecFromPreset(Preset::kAccurate);
  spec.network.hidden = {12, 6};
  return spec;
}

// Numbers that are inputs as they are.
Preprocessor Plain() {
  Schema schema;
  for (int f = 0; f < kInputs; ++f) schema.features.emplace_back().name = absl::StrCat("x", f);
  auto preprocessor = Preprocessor::Create(schema, std::vector<FittedFeature>(kInputs));
  EXPECT_TRUE(preprocessor.ok()) << preprocessor.status();
  return *preprocessor;
}

// Something to learn that is not linear, under noise.
RowPart NoisyRows() {
  Random random(5);
  RowPart part;
  part.raw.resize(kRows, kInputs);
  for (Eigen::Index i = 0; i < part.raw.size(); ++i) part.raw.data()[i] = static_cast<float>(random.Normal());
  part.encoded = part.raw;
  double mean = 0.0;
  for (int i = 0; i < kRows; ++i) {
    const float* x = part.raw.row(i).data();
    part.roi.push_back(x[0] + std::sin(2.0 * x[1]) + x[2] * x[3] + 2.0 * random.Normal());
    mean += part.roi.back() / kRows;
  }
  for (const double roi : part.roi) part.standardised.push_back(static_cast<float>((roi - mean) / 2.5));
  return part;
}

CapacitySelection SelectionOf(const RowPart& part) {
  TrainingObserver nobody;
  FitJournal journal(nullptr, nobody);
  const auto selection = ChooseCapacity(part, SmallSpec(), journal);
  EXPECT_TRUE(selection.ok()) << selection.status();
  return *selection;
}

EnsembleMembers MembersOf(const RowPart& part, const CapacitySelection& selection) {
  TrainingObserver nobody;
  FitJournal journal(nullptr, nobody);
  auto members = FitMembers(part, Plain(), SmallSpec(), selection, journal);
  EXPECT_TRUE(members.ok()) << members.status();
  return *std::move(members);
}

TEST(FitMembers, AddMoreOfTheirNetworksThanASingleOneWould) {
  const RowPart part = NoisyRows();
  CapacitySelection selection = SelectionOf(part);
  ASSERT_GT(selection.network_share, 0.2);
  ASSERT_LT(selection.network_share, 0.8);
  ASSERT_THAT(selection.network_out_of_fold, SizeIs(kRows));
  const EnsembleMembers members = MembersOf(part, selection);
  ASSERT_THAT(members.mlps, SizeIs(kEnsembleMembers));
  EXPECT_GT(members.network_share, selection.network_share + 0.1);
  EXPECT_LE(members.network_share, 1.0);
  // What was known before is used, and the predictions out of fold remain those of a single network.
  selection.ensemble_share = 0.0;
  const EnsembleMembers linear = MembersOf(part, selection);
  selection.ensemble_share = 1.0;
  const EnsembleMembers whole = MembersOf(part, selection);
  EXPECT_EQ(linear.network_share, 0.0);
  EXPECT_EQ(whole.network_share, 1.0);
  EXPECT_EQ(linear.out_of_fold, members.out_of_fold);
  for (const size_t m : {size_t{0}, size_t{4}}) {
    for (const int row : {0, 100, 299}) {
      const float* x = part.encoded.row(row).data();
      const double path = linear.mlps[m].Evaluate(x), network = whole.mlps[m].Evaluate(x) - path;
      EXPECT_NEAR(members.mlps[m].Evaluate(x), path + members.network_share * network, 1e-5);
    }
  }
}

TEST(FitMembers, AreLinearWhereNoNetworkIsWorthIt) {
  RowPart part = NoisyRows();
  for (int i = 0; i < kRows; ++i) part.standardised[i] = 0.5f * part.encoded(i, 0);
  CapacitySelection selection = SelectionOf(part);
  selection.network_share = 0.0;
  selection.network_out_of_fold.clear();
  const EnsembleMembers members = MembersOf(part, selection);
  EXPECT_EQ(members.network_share, 0.0);
  ASSERT_THAT(members.mlps, SizeIs(kEnsembleMembers));
  EXPECT_THAT(members.mlps[0].layers, SizeIs(1));
}

TEST(FitEnsemble, TellsTheShareForTheFitToAllRows) {
  const RowPart part = NoisyRows();
  const CapacitySelection selection = SelectionOf(part);
  TrainingObserver nobody;
  FitJournal journal(nullptr, nobody), other(nullptr, nobody);
  const auto fit = FitEnsemble(part, Plain(), SmallSpec(), selection, journal);
  ASSERT_TRUE(fit.ok()) << fit.status();
  EXPECT_EQ(fit->ensemble_share, MembersOf(part, selection).network_share);
  const auto single = FitChosenNetwork(part, Plain(), SmallSpec(), selection, other);
  ASSERT_TRUE(single.ok()) << single.status();
  EXPECT_EQ(single->ensemble_share, std::nullopt);
}

TEST(FitEnsemble, LearnsFromAllRowsWhereTheShareIsKnown) {
  const RowPart part = NoisyRows();
  CapacitySelection selection = SelectionOf(part);
  selection.ensemble_share = 0.5;
  TrainingObserver nobody;
  FitJournal journal(nullptr, nobody), again(nullptr, nobody), other(nullptr, nobody);
  const auto fit = FitEnsemble(part, Plain(), SmallSpec(), selection, journal);
  ASSERT_TRUE(fit.ok()) << fit.status();
  EXPECT_EQ(fit->members, kEnsembleMembers);
  EXPECT_EQ(fit->ensemble_share, 0.5);
  EXPECT_THAT(fit->out_of_fold, IsEmpty());
  const auto members = FitMembersToAll(part, Plain(), SmallSpec(), selection, again);
  ASSERT_TRUE(members.ok()) << members.status();
  ASSERT_THAT(members->mlps, SizeIs(kEnsembleMembers));
  // The first begins as a single network does.
  selection.network_share = 0.5;
  const auto single = FitChosenNetwork(part, Plain(), SmallSpec(), selection, other);
  ASSERT_TRUE(single.ok()) << single.status();
  const float* x = part.encoded.row(7).data();
  EXPECT_EQ(members->mlps[0].Evaluate(x), single->mlp.Evaluate(x));
  EXPECT_NE(members->mlps[1].Evaluate(x), members->mlps[0].Evaluate(x));
  double mean = 0.0;
  for (const Mlp& mlp : members->mlps) mean += mlp.Evaluate(x) / kEnsembleMembers;
  EXPECT_NEAR(fit->mlp.Evaluate(x), mean, 1e-5);
}

}  // namespace
}  // namespace roicast
