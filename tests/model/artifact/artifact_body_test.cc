// Bodies with a right checksum and wrong content.
#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "base/random.h"
#include "model/artifact/artifact.h"
#include "model/predictor/predictor.h"
#include "roicast/artifact/v1/artifact.pb.h"
#include "tests/model/artifact/artifact_bytes.h"

namespace roicast {
namespace {

using ::testing::HasSubstr;
using testing::SmallArtifact;
using testing::SmallAttentionArtifact;
using testing::WithBody;
using Body = artifact::v1::Artifact;

Body SmallBody() {
  Body body;
  EXPECT_TRUE(body.ParseFromString(SerializeArtifact(SmallArtifact()).substr(56)));
  return body;
}

std::string MessageAfter(const std::function<void(Body&)>& change) {
  Body body = SmallBody();
  change(body);
  const absl::Status status = ParseArtifact(WithBody(body.SerializeAsString())).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
  return std::string(status.message());
}

TEST(ArtifactBody, KeepsAttention) {
  const Artifact artifact = SmallAttentionArtifact();
  const std::string bytes = SerializeArtifact(artifact);
  const auto parsed = ParseArtifact(bytes);
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  ASSERT_TRUE(parsed->attention.has_value());
  EXPECT_TRUE(parsed->mlp.layers.empty());
  EXPECT_EQ(parsed->attention->parameters, artifact.attention->parameters);
  EXPECT_EQ(parsed->attention->feature_inputs, artifact.attention->feature_inputs);
  EXPECT_EQ(parsed->DescribeNetwork(), "5 features → 2 blocks of attention, 4 wide, 2 heads → 1");
  EXPECT_EQ(SerializeArtifact(*parsed), bytes);
  EXPECT_TRUE(Predictor::Compile(*parsed).ok());
}

TEST(ArtifactBody, KeepsTheModelsError) {
  Artifact artifact = SmallArtifact();
  EXPECT_FALSE(ParseArtifact(SerializeArtifact(artifact))->model_error.has_value());
  ModelError& error = artifact.model_error.emplace();
  error.level = 0.25;
  error.common = 0.125;
  error.slopes.resize(artifact.schema.features.size());
  error.slopes[1] = {0.5, 0.375};
  error.rows = 77;
  const auto parsed = ParseArtifact(SerializeArtifact(artifact));
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  ASSERT_TRUE(parsed->model_error.has_value());
  EXPECT_EQ(parsed->model_error->level, 0.25);
  EXPECT_EQ(parsed->model_error->common, 0.125);
  EXPECT_EQ(parsed->model_error->slopes[1].all, 0.5);
  EXPECT_EQ(parsed->model_error->slopes[1].common, 0.375);
  EXPECT_EQ(parsed->model_error->rows, 77);
  artifact.model_error->slopes.pop_back();
  EXPECT_THAT(ParseArtifact(SerializeArtifact(artifact)).status().message(),
              ::testing::HasSubstr("model_error.slopes: expected one per feature"));
}

TEST(ArtifactBody, KeepsWhatMovesWithTheSpend) {
  Artifact artifact = SmallArtifact();
  EXPECT_TRUE(ParseArtifact(SerializeArtifact(artifact))->moves_with_spend.empty());
  int spend = -1, other = -1;
  for (int f = 0; f < artifact.schema.size(); ++f) {
    if (artifact.schema.features[static_cast<size_t>(f)].kind == FeatureKind::kNumeric)
      std::swap(spend, other), spend = f;
  }
  ASSERT_GE(other, 0);
  artifact.moves_with_spend = {spend, {{other, 0.75, -1.5}}};
  const auto parsed = ParseArtifact(SerializeArtifact(artifact));
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->moves_with_spend.spend, spend);
  EXPECT_EQ(parsed->moves_with_spend.features, artifact.moves_with_spend.features);
  for (int f = 0; f < artifact.schema.size(); ++f) {
    const Feature& feature = artifact.schema.features[static_cast<size_t>(f)];
    if (feature.kind != FeatureKind::kCategorical || !artifact.moves_with_spend.features[0].words.empty()) continue;
    artifact.moves_with_spend.features[0].spread = 0.25;
    artifact.moves_with_spend.features[0].lacking = 0.125;
    artifact.moves_with_spend.features[0].words = {{f, kMissingCode, 0.5}, {f, 0, -0.75, 0.875}};
  }
  const auto with_words = ParseArtifact(SerializeArtifact(artifact));
  ASSERT_TRUE(with_words.ok()) << with_words.status();
  EXPECT_EQ(with_words->moves_with_spend.features[0].words.size(), 2u);
  EXPECT_EQ(with_words->moves_with_spend.features, artifact.moves_with_spend.features);
  artifact.moves_with_spend.features[0].elasticity = 1e9;
  EXPECT_EQ(ParseArtifact(SerializeArtifact(artifact)).status().message(),
            "artifact body: moves_with_spend.features[0].elasticity: expected a number from -10 to 10, got 1e+09");
}

// Artifacts of older releases have none, and keep their bytes.
TEST(ArtifactBody, KeepsTheSlopeOfTheMean) {
  Artifact artifact = SmallArtifact();
  artifact.target = {};
  artifact.target.transform = TargetTransform::kAsinh;
  const std::string of_one = SerializeArtifact(artifact);
  artifact.target.mean_slope = 1.25;
  const std::string with = SerializeArtifact(artifact);
  EXPECT_EQ(with.size(), of_one.size() + 9);  // a tag and a double
  EXPECT_EQ(ParseArtifact(of_one)->target.mean_slope, 1.0);
  const auto parsed = ParseArtifact(with);
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->target.mean_slope, 1.25);
  artifact.target.mean_slope = 9.0;
  EXPECT_THAT(ParseArtifact(SerializeArtifact(artifact)).status().message(),
              ::testing::HasSubstr("target.mean_slope: expected 0.25 to 4, got 9"));
}

// 3 rows with missing values.
Artifact ArtifactWithBackground() {
  Artifact artifact = SmallArtifact();
  Background& background = artifact.background.emplace();
  Random random(3);
  background.rows = testing::MakeRows(artifact.schema, 3, false, random);
  background.rows[2] = std::numeric_limits<float>::quiet_NaN();
  background.weights = {0.5f, 0.25f, 0.25f};
  return artifact;
}

TEST(ArtifactBody, KeepsTheBackground) {
  const Artifact artifact = ArtifactWithBackground();
  const std::string bytes = SerializeArtifact(artifact);
  const auto parsed = ParseArtifact(bytes);
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  ASSERT_TRUE(parsed->background.has_value());
  EXPECT_EQ(parsed->background->weights, artifact.background->weights);
  EXPECT_EQ(parsed->background->rows.size(), 15u);
  EXPECT_EQ(SerializeArtifact(*parsed), bytes);
  EXPECT_FALSE(ParseArtifact(SerializeArtifact(SmallArtifact()))->background.has_value());
}

TEST(ArtifactBody, RefusesAHostileBackground) {
  const auto message_after = [](const std::function<void(artifact::v1::Background&)>& change) {
    Body body;
    EXPECT_TRUE(body.ParseFromString(SerializeArtifact(ArtifactWithBackground()).substr(56)));
    change(*body.mutable_background());
    const absl::Status status = ParseArtifact(WithBody(body.SerializeAsString())).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
    return std::string(status.message());
  };
  using Rows = artifact::v1::Background;
  EXPECT_EQ(message_after([](Rows& b) { b.Clear(); }), "artifact body: background.weights: expected 1 to 64, got 0");
  EXPECT_EQ(message_after([](Rows& b) { b.mutable_weights()->Resize(65, 0.01f); }),
            "artifact body: background.weights: expected 1 to 64, got 65");
  EXPECT_EQ(message_after([](Rows& b) { b.add_rows(1.0f); }),
            "artifact body: background.rows: expected 15 numbers, got 16");
  EXPECT_EQ(message_after([](Rows& b) { b.set_weights(0, 1.0f); }),
            "artifact body: background.weights: expected the sum 1, got 1.5");
  EXPECT_EQ(message_after([](Rows& b) { b.set_weights(0, -0.5f); }),
            "artifact body: background.weights: expected numbers > 0 and ≤ 1, got -0.5");
  EXPECT_THAT(message_after([](Rows& b) { b.set_rows(4, INFINITY); }),
              HasSubstr("expected a value that serving accepts, got inf"));
}

TEST(ArtifactBody, RefusesHostileAttention) {
  const auto message_after = [](const std::function<void(artifact::v1::AttentionNetwork&)>& change) {
    Body body;
    EXPECT_TRUE(body.ParseFromString(SerializeArtifact(SmallAttentionArtifact()).substr(56)));
    change(*body.mutable_attention());
    const absl::Status status = ParseArtifact(WithBody(body.SerializeAsString())).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
    return std::string(status.message());
  };
  using Network = artifact::v1::AttentionNetwork;
  EXPECT_THAT(message_after([](Network& a) { a.set_width(2000000000); }),
              HasSubstr("attention.width: expected 1 to 256, got 2000000000"));
  EXPECT_THAT(message_after([](Network& a) { a.set_width(-4); }),
              HasSubstr("attention.width: expected 1 to 256, got -4"));
  EXPECT_THAT(message_after([](Network& a) { a.set_heads(0); }), HasSubstr("attention.heads: expected 1 to 4, got 0"));
  EXPECT_THAT(message_after([](Network& a) { a.set_heads(3); }),
              HasSubstr("attention.heads: expected a divisor of the width (4), got 3"));
  EXPECT_THAT(message_after([](Network& a) { a.set_blocks(9); }),
              HasSubstr("attention.blocks: expected 1 to 8, got 9"));
  EXPECT_THAT(message_after([](Network& a) { a.set_hidden(1 << 30); }),
              HasSubstr("attention.hidden: expected 1 to 1024, got 1073741824"));
  EXPECT_THAT(message_after([](Network& a) { a.set_blocks(3); }), HasSubstr("attention.parameters: expected "));
  EXPECT_THAT(message_after([](Network& a) { a.set_parameters(5, NAN); }),
              HasSubstr("attention.parameters: expected finite numbers, got NaN or infinity"));
  Body both = SmallBody();
  both.mutable_attention()->set_width(4);
  EXPECT_THAT(ParseArtifact(WithBody(both.SerializeAsString())).status().message(),
              HasSubstr("layers: expected none beside attention, got 2"));
}

TEST(ArtifactBody, RefusesAHostileGate) {
  const auto message_after = [](const std::function<void(Body&)>& change) {
    Random random(2);
    Artifact artifact = testing::MakeArtifact({.hidden = {3}, .kind = TargetKind::kZeroHeavy}, random);
    testing::AddGoldenRows(16, random, artifact);
    Body body;
    EXPECT_TRUE(body.ParseFromString(SerializeArtifact(artifact).substr(56)));
    EXPECT_TRUE(ParseArtifact(WithBody(body.SerializeAsString())).ok());
    change(body);
    const absl::Status status = ParseArtifact(WithBody(body.SerializeAsString())).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
    return std::string(status.message());
  };
  EXPECT_THAT(message_after([](Body& b) { b.clear_gate(); }),
              HasSubstr("gate: expected one of a zero-heavy target, got none"));
  EXPECT_THAT(message_after([](Body& b) { b.mutable_target()->set_kind(v1::TARGET_KIND_UNSPECIFIED); }),
              HasSubstr("gate: expected none unless the target is zero-heavy, got one"));
  EXPECT_THAT(message_after([](Body& b) { b.mutable_gate()->set_inputs(2000000000); }), HasSubstr("gate"));
  EXPECT_THAT(message_after([](Body& b) { b.mutable_gate()->set_outputs(2); }), HasSubstr("gate"));
  EXPECT_THAT(message_after([](Body& b) { b.mutable_gate()->add_weights(1.0f); }), HasSubstr("gate"));
  EXPECT_THAT(message_after([](Body& b) { b.mutable_gate()->set_weights(1, NAN); }),
              HasSubstr(".weights: expected finite numbers, got NaN or infinity"));
  EXPECT_THAT(message_after([](Body& b) { b.mutable_gate()->set_biases(0, INFINITY); }),
              HasSubstr(".biases: expected finite numbers"));
  EXPECT_THAT(message_after([](Body& b) { b.mutable_gate()->clear_biases(); }), HasSubstr("gate"));
  EXPECT_THAT(message_after([](Body& b) { b.mutable_gate()->set_activation(v1::ACTIVATION_RELU); }), HasSubstr("gate"));
  EXPECT_THAT(message_after([](Body& b) { b.mutable_target()->set_rest(INFINITY); }),
              HasSubstr("target.rest: expected a number from -1e+30 to 1e+30, got inf"));
  EXPECT_THAT(message_after([](Body& b) { b.mutable_target()->set_rest(NAN); }), HasSubstr("target.rest"));
}

TEST(ArtifactBody, NamesTheInvalidField) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(MessageAfter([](Body& b) { b.clear_layers(); }), HasSubstr("layers: expected 1 to 17, got 0"));
  EXPECT_THAT(MessageAfter([&](Body& b) { b.mutable_layers(0)->set_weights(2, nan); }),
              HasSubstr("layers[0].weights: expected finite numbers, got NaN or infinity"));
  EXPECT_THAT(MessageAfter([&](Body& b) { b.mutable_layers(1)->set_biases(0, INFINITY); }),
              HasSubstr("layers[1].biases: expected finite numbers"));
  EXPECT_THAT(MessageAfter([](Body& b) { b.mutable_layers(1)->set_inputs(4); }),
              HasSubstr("layers[1].inputs: expected 3, got 4"));
  EXPECT_THAT(MessageAfter([](Body& b) { b.mutable_layers(0)->add_weights(1.0f); }),
              HasSubstr("layers[0].weights: expected "));
  EXPECT_THAT(MessageAfter([](Body& b) { b.mutable_layers(0)->set_outputs(2000000000); }),
              HasSubstr("layers[0].outputs: expected 1 to 4096, got 2000000000"));
  EXPECT_THAT(MessageAfter([](Body& b) { b.mutable_layers(1)->set_outputs(-1); }),
              HasSubstr("layers[1].outputs: expected 1, got -1"));
  EXPECT_THAT(MessageAfter([](Body& b) { b.mutable_layers(1)->set_activation(v1::ACTIVATION_RELU); }),
              HasSubstr("layers[1].activation"));
  EXPECT_THAT(MessageAfter([](Body& b) { b.mutable_target()->set_factor(0.0); }),
              HasSubstr("target.factor: expected > 0, got 0"));
  EXPECT_THAT(MessageAfter([](Body& b) { b.mutable_target()->set_offset(NAN); }), HasSubstr("target.offset"));
  EXPECT_THAT(MessageAfter([](Body& b) { b.mutable_target()->set_roi_floor(NAN); }),
              HasSubstr("target.roi_floor: expected a finite number or nothing, got nan"));
  EXPECT_THAT(MessageAfter([](Body& b) { b.mutable_target()->set_roi_floor(-2e30); }),
              HasSubstr("roi_floor: expected a number from -1e+30 to 1e+30, or none, got -2e+30"));
  EXPECT_THAT(MessageAfter([](Body& b) { b.mutable_features()->RemoveLast(); }),
              HasSubstr("features: expected 5 as in the schema, got 4"));
  EXPECT_THAT(MessageAfter([](Body& b) { b.mutable_schema()->set_digest("00"); }), HasSubstr("schema.digest"));
  EXPECT_THAT(MessageAfter([](Body& b) { b.mutable_schema()->mutable_features(0)->clear_kind(); }),
              HasSubstr("schema.features[0].kind: expected NUMERIC, CATEGORICAL or TIME, got 0"));
  EXPECT_THAT(MessageAfter([](Body& b) { b.mutable_golden()->mutable_predictions()->Truncate(15); }),
              HasSubstr("golden.predictions: expected 16 to 4096, got 15"));
  EXPECT_THAT(MessageAfter([](Body& b) { b.mutable_golden()->add_rows(1.0f); }),
              HasSubstr("golden.rows: expected 80 numbers, got 81"));
  EXPECT_THAT(MessageAfter([&](Body& b) { b.mutable_golden()->set_predictions(0, nan); }),
              HasSubstr("golden.predictions: expected finite numbers"));
  EXPECT_THAT(MessageAfter([](Body& b) {
                b.mutable_learnt_rows()->set_limit(9);
                for (const int hash : {3, 7, 7}) b.mutable_learnt_rows()->add_hashes(hash);
              }),
              HasSubstr("learnt_rows.hashes[2]: expected more than the one before and at most the limit, 9, got 7"));
  EXPECT_THAT(MessageAfter([](Body& b) { b.mutable_learnt_rows()->add_hashes(1); }),
              HasSubstr("learnt_rows.hashes[0]: expected more than the one before and at most the limit, 0, got 1"));
  EXPECT_THAT(MessageAfter([](Body& b) {
                b.mutable_learnt_rows()->set_limit(10'000);
                for (int i = 0; i < 8193; ++i) b.mutable_learnt_rows()->add_hashes(i);
              }),
              HasSubstr("learnt_rows.hashes: expected at most 8192 numbers, got 8193"));
  EXPECT_THAT(
      MessageAfter([](Body& b) { b.mutable_provenance()->mutable_spec()->mutable_network()->set_dropout(1.5); }),
      HasSubstr("provenance.spec.network.dropout: expected at least 0 and below 1, got 1.5"));
}

TEST(ArtifactBody, PreprocessingOutOfRangeIsRefused) {
  const Body small = SmallBody();
  int numeric = 0;
  while (small.schema().features(numeric).kind() != v1::FEATURE_KIND_NUMERIC) ++numeric;
  const auto after = [&](const std::function<void(artifact::v1::FittedFeature&)>& change) {
    return MessageAfter([&](Body& body) { change(*body.mutable_features(numeric)); });
  };
  EXPECT_THAT(after([](auto& f) { f.set_scale(0.0); }), HasSubstr("scale: expected > 0, got 0"));
  EXPECT_THAT(after([](auto& f) { f.set_scale(INFINITY); }), HasSubstr("scale: expected > 0, got inf"));
  EXPECT_THAT(after([](auto& f) { f.set_center(NAN); }), HasSubstr("center: expected a finite number, got nan"));
  EXPECT_THAT(after([](auto& f) { f.set_fill_value(INFINITY); }), HasSubstr("fill_value"));
  EXPECT_THAT(after([](auto& f) { f.set_unseen_excess(-1.0); }), HasSubstr("unseen_excess: expected a number from 0"));
  EXPECT_THAT(after([](auto& f) { f.set_clip_min(2.0), f.set_clip_max(1.0); }), HasSubstr("clip range"));
  EXPECT_THAT(after([](auto& f) { f.clear_transform(); }), HasSubstr("transform: not chosen"));
  EXPECT_THAT(after([](auto& f) { f.set_transform(static_cast<v1::NumericTransform>(77)); }),
              HasSubstr("transform: unknown transform 77"));
}

// Whatever is accepted must also compile or be refused, and predict without a crash.
void Use(const std::string& bytes) {
  const auto parsed = ParseArtifact(bytes);
  if (!parsed.ok()) {
    ASSERT_EQ(parsed.status().code(), absl::StatusCode::kInvalidArgument) << parsed.status();
    return;
  }
  const auto predictor = Predictor::CompileUnverified(*parsed);
  if (!predictor.ok()) return;
  std::vector<float> roi(parsed->golden.predictions.size());
  std::vector<uint8_t> flags(roi.size());
  (*predictor)
      ->Predict(parsed->golden.rows.data(), static_cast<int64_t>(roi.size()), absl::MakeSpan(roi),
                absl::MakeSpan(flags));
}

TEST(ArtifactBody, RandomMutationsWithAValidChecksumNeverCrash) {
  const std::string body = SerializeArtifact(SmallArtifact()).substr(56);
  Random random(2);
  for (int round = 0; round < 3000; ++round) {
    std::string mutated = body;
    const int changes = 1 + static_cast<int>(random.Below(8));
    for (int i = 0; i < changes && !mutated.empty(); ++i) {
      const size_t at = random.Below(mutated.size());
      switch (random.Below(4)) {
        case 0:
          mutated[at] = static_cast<char>(random.Below(256));
          break;
        case 1:
          mutated[at] = static_cast<char>(mutated[at] ^ 1 << random.Below(8));
          break;
        case 2:
          mutated.erase(at, 1 + random.Below(4));
          break;
        default:
          mutated.insert(at, mutated.substr(at, random.Below(16)));
          break;
      }
    }
    ASSERT_NO_FATAL_FAILURE(Use(WithBody(mutated))) << round;
  }
}

// Fills a message with valid fields of random values.
void FillAtRandom(Random& random, int depth, google::protobuf::Message& message) {
  using google::protobuf::FieldDescriptor;
  const auto* reflection = message.GetReflection();
  const auto* descriptor = message.GetDescriptor();
  const double doubles[] = {0.0, 1.0, -1.0, NAN, INFINITY, -INFINITY, 1e300, 1e-300, 0.5, 1e38};
  const int64_t integers[] = {0, 1, -1, 3, 5, 1000000, INT32_MAX, INT32_MIN};
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const FieldDescriptor* field = descriptor->field(i);
    if (random.Below(4) == 0) continue;
    const int count = field->is_repeated() ? static_cast<int>(random.Below(6)) : 1;
    for (int k = 0; k < count; ++k) {
      const double number = doubles[random.Below(10)];
      const int64_t integer = integers[random.Below(8)];
      switch (field->cpp_type()) {
        case FieldDescriptor::CPPTYPE_MESSAGE: {
          if (depth == 0) break;
          auto* child = field->is_repeated() ? reflection->AddMessage(&message, field)
                                             : reflection->MutableMessage(&message, field);
          FillAtRandom(random, depth - 1, *child);
          break;
        }
        case FieldDescriptor::CPPTYPE_DOUBLE:
          field->is_repeated() ? reflection->AddDouble(&message, field, number)
                               : reflection->SetDouble(&message, field, number);
          break;
        case FieldDescriptor::CPPTYPE_FLOAT:
          field->is_repeated() ? reflection->AddFloat(&message, field, static_cast<float>(number))
                               : reflection->SetFloat(&message, field, static_cast<float>(number));
          break;
        case FieldDescriptor::CPPTYPE_INT32:
          field->is_repeated() ? reflection->AddInt32(&message, field, static_cast<int32_t>(integer))
                               : reflection->SetInt32(&message, field, static_cast<int32_t>(integer));
          break;
        case FieldDescriptor::CPPTYPE_INT64:
          field->is_repeated() ? reflection->AddInt64(&message, field, integer)
                               : reflection->SetInt64(&message, field, integer);
          break;
        case FieldDescriptor::CPPTYPE_BOOL:
          reflection->SetBool(&message, field, random.Below(2) == 1);
          break;
        case FieldDescriptor::CPPTYPE_ENUM:
          reflection->SetEnumValue(&message, field, static_cast<int>(random.Below(8)));
          break;
        case FieldDescriptor::CPPTYPE_STRING: {
          const std::string text(random.Below(12), static_cast<char>('a' + random.Below(3)));
          field->is_repeated() ? reflection->AddString(&message, field, text)
                               : reflection->SetString(&message, field, text);
          break;
        }
        default:
          break;
      }
    }
  }
}

TEST(ArtifactBody, ValidProtobufNonsenseIsRefusedWithAReason) {
  Random random(3);
  for (int round = 0; round < 2000; ++round) {
    Body body;
    FillAtRandom(random, 6, body);
    const absl::Status status = ParseArtifact(WithBody(body.SerializeAsString())).status();
    ASSERT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
    ASSERT_THAT(std::string(status.message()), HasSubstr(": "));
  }
}

// One part at a time replaced by nonsense, so that the parts behind it are reached.
TEST(ArtifactBody, AValidBodyWithOnePartReplacedNeverCrashes) {
  Random random(4);
  for (int round = 0; round < 2000; ++round) {
    Body body = SmallBody();
    switch (random.Below(5)) {
      case 0:
        FillAtRandom(random, 2, *body.mutable_features(static_cast<int>(random.Below(5))));
        break;
      case 1:
        FillAtRandom(random, 2, *body.mutable_layers(static_cast<int>(random.Below(2))));
        break;
      case 2:
        FillAtRandom(random, 2, *body.mutable_target());
        break;
      case 3:
        FillAtRandom(random, 6, *body.mutable_report());
        break;
      default:
        FillAtRandom(random, 6, *body.mutable_provenance());
        break;
    }
    ASSERT_NO_FATAL_FAILURE(Use(WithBody(body.SerializeAsString()))) << round;
  }
}

}  // namespace
}  // namespace roicast
