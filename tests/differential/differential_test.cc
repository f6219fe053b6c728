// Random calls, right and wrong, to a server on this transport and to one on gRPC's C core: both have to give the same
// status and the same bytes, but for what Deliberate lists.
//
// ROICAST_DIFFERENTIAL_CALLS: how many, in each test; ROICAST_DIFFERENTIAL_SEED: the seed of the first. The next one
// has the next, so that a failure can be repeated alone.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "tests/differential/conversation.h"
#include "tests/differential/differences.h"
#include "tests/differential/echo_servers.h"
#include "tests/differential/hold.h"
#include "tests/differential/raw_client.h"

namespace roicast {
namespace {

constexpr int kMaxDifferences = 20;

int FromEnvironment(const char* name, int otherwise) {
  const char* const text = std::getenv(name);
  int value = 0;
  return text != nullptr && absl::SimpleAtoi(text, &value) ? value : otherwise;
}

int Calls() { return FromEnvironment("ROICAST_DIFFERENTIAL_CALLS", 3000); }
int FirstSeed() { return FromEnvironment("ROICAST_DIFFERENTIAL_SEED", 1); }

std::string HowToRepeat(int seed) {
  return absl::StrCat("repeat it with ROICAST_DIFFERENTIAL_SEED=", seed, " ROICAST_DIFFERENTIAL_CALLS=1");
}

// Outcomes that were compared.
class Comparison {
 public:
  // Fails the test if the outcomes differ and may not; `where` tells of the call.
  void Compare(const RawCall& call, const Outcome& ours, const Outcome& reference, const std::string& where) {
    ++calls_;
    if (call.resets) ++resets_;
    if (Same(call, ours, reference)) return;
    if (const auto why = Deliberate(call, ours, reference); why.has_value()) {
      ++deliberate_[*why];
      return;
    }
    ++differences_;
    ADD_FAILURE() << where << "\n  ours: " << ours.ToString() << "\n  gRPC: " << reference.ToString();
  }
  bool too_different() const { return differences_ >= kMaxDifferences; }
  int calls() const { return calls_; }

  void Print() const {
    int same = calls_ - differences_;
    for (const auto& [why, count] : deliberate_) same -= count;
    std::cout << calls_ << " calls, of which " << resets_ << " reset by the client: " << same << " the same"
              << std::endl;
    for (const auto& [why, count] : deliberate_) std::cout << count << " × " << why << std::endl;
  }

 private:
  int calls_ = 0;
  int resets_ = 0;
  int differences_ = 0;
  std::map<std::string, int> deliberate_;
};

// Over the connection if it can be used, and over a new one if it turns out that it cannot: gRPC's server closes some
// after a call that is wrong.
Outcome Call(std::unique_ptr<RawClient>& client, int port, const RawCall& call) {
  if (client != nullptr && client->usable()) {
    Outcome outcome = client->Send(call);
    if (!outcome.unanswered) return outcome;
  }
  client = std::make_unique<RawClient>(port);
  return client->Send(call);
}

std::string Frames(const RawCall& call) {
  std::string text = "in parts of";
  for (size_t i = 0; i < call.parts.size(); ++i)
    absl::StrAppend(&text, " ", call.parts[i].size(), call.between.substr(i, 1));
  return text;
}

TEST(Differential, TheSameStatusAndBytesAsGrpc) {
  EchoServer ours;
  ReferenceServer reference;
  auto to_ours = std::make_unique<RawClient>(ours.port());
  std::unique_ptr<RawClient> to_reference;
  Comparison comparison;
  for (int seed = FirstSeed(); comparison.calls() < Calls() && !comparison.too_different(); ++seed) {
    std::mt19937_64 random(static_cast<uint64_t>(seed));
    const RawCall call = RandomCall(random);
    if (!to_ours->usable()) {
      ADD_FAILURE() << "seed " << seed << ": the connection was closed after the call before";
      to_ours = std::make_unique<RawClient>(ours.port());
    }
    const Outcome our_outcome = to_ours->Send(call);
    comparison.Compare(
        call, our_outcome, Call(to_reference, reference.port(), call),
        absl::StrCat("to ", call.header(":path"), ": ", call.mutations, Frames(call), "; ", HowToRepeat(seed)));
  }
  comparison.Print();
}

TEST(Differential, TheSameForCallsWhoseFramesAreInterleaved) {
  EchoServer ours;
  ReferenceServer reference;
  Comparison comparison;
  int conversations = 0;
  size_t frames = 0;
  for (int seed = FirstSeed(); comparison.calls() < Calls() && !comparison.too_different(); ++seed) {
    std::mt19937_64 random(static_cast<uint64_t>(seed));
    const Conversation conversation = RandomConversation(random, 2 + random() % 7);
    const HeldConversation our = Hold(conversation, ours.port());
    const HeldConversation its = Hold(conversation, reference.port());
    ++conversations;
    frames += conversation.steps.size();
    const std::string where = absl::StrCat(HowToRepeat(seed), conversation.ToString());
    EXPECT_FALSE(our.broken) << where;
    EXPECT_EQ(our.violation, "") << where;
    EXPECT_FALSE(its.broken) << its.violation << where;
    for (size_t i = 0; i < conversation.calls.size(); ++i) {
      comparison.Compare(conversation.calls[i], our.calls[i], its.calls[i],
                         absl::StrCat("stream ", 2 * i + 1, "; ", where));
    }
  }
  std::cout << conversations << " conversations of " << frames << " frames" << std::endl;
  comparison.Print();
}

}  // namespace
}  // namespace roicast
