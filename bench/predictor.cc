// The predictor alone, on one core, compared with scikit-learn, PyTorch and ONNX Runtime on the same network and rows.
//
//   predictor [--peers PYTHON] [--json FILE] [--repeats 5]
//
// PYTHON: an interpreter with the peers (bench/peers/setup.sh prints one). Without it, only roicast's figures are
// printed. The peers get rows that are already scaled and encoded; roicast starts from raw values.
#include "model/predictor/predictor.h"

#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/random.h"
#include "model/data/schema.h"
#include "model/features/preprocessor.h"
#include "model/network/ensemble.h"
#include "model/predictor/kernels.h"
#include "model/uncertainty/uncertainty.h"

namespace roicast {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kRows = 10'000;

struct Case {
  std::string name;
  Artifact artifact;
  std::vector<float> rows;
};

void AddNetwork(const std::vector<int>& hidden, Activation activation, Random& random, Artifact& artifact) {
  const auto preprocessor = Preprocessor::Create(artifact.schema, artifact.features);
  ROICAST_CHECK(preprocessor.ok());
  int inputs = preprocessor->encoded_size();
  std::vector<int> units = hidden;
  units.push_back(1);
  for (size_t l = 0; l < units.size(); ++l) {
    DenseLayer layer;
    layer.weights.resize(units[l], inputs);
    layer.biases = Eigen::VectorXf::Zero(units[l]);
    const double deviation = std::sqrt(1.0 / inputs);
    for (Eigen::Index i = 0; i < layer.weights.size(); ++i) {
      layer.weights.data()[i] = static_cast<float>(deviation * random.Normal());
    }
    layer.activation = l + 1 == units.size() ? Activation::kIdentity : activation;
    inputs = units[l];
    artifact.mlp.layers.push_back(std::move(layer));
  }
  Calibration& calibration = artifact.calibration.emplace();
  std::vector<double> scores(5000);
  for (double& score : scores) score = random.Normal();
  calibration.groups = {MakeGroup(-1, std::move(scores))};
  DenseLayer& head = calibration.log_scale.emplace();
  head.weights = RowMajorMatrix::Constant(1, artifact.mlp.layers.back().weights.cols(), 0.01f);
  head.biases = Eigen::VectorXf::Constant(1, -1.0f);
}

// 20 standardised numeric features, no target transform: a case that the peers can handle as well.
Case NumericCase(const std::string& name, const std::vector<int>& hidden) {
  Random random(1);
  Case result{name, {}, {}};
  for (int f = 0; f < 20; ++f) {
    Feature feature;
    feature.name = absl::StrCat("x", f);
    feature.seen_min = -10.0;
    feature.seen_max = 10.0;
    result.artifact.schema.features.push_back(feature);
  }
  result.artifact.features.resize(20);
  AddNetwork(hidden, Activation::kRelu, random, result.artifact);
  for (int64_t i = 0; i < kRows * 20; ++i) result.rows.push_back(static_cast<float>(random.Normal()));
  return result;
}

// The default schema with logarithms, clipping, indicators, categories and a time; asinh target.
Case CampaignCase(const std::string& name, const std::vector<int>& hidden, Activation activation) {
  Random random(2);
  Case result{name, {}, {}};
  result.artifact.schema = CampaignSchema();
  const int words[] = {12, 8, 10, 4};
  int categorical = 0;
  for (Feature& feature : result.artifact.schema.features) {
    FittedFeature fitted;
    if (feature.kind == FeatureKind::kNumeric) {
      feature.seen_min = 0.01;
      feature.seen_max = 5.0;
      fitted.transform = result.artifact.features.size() % 2 == 0 ? NumericTransform::kLog1p : NumericTransform::kNone;
      fitted.clip_min = 0.02;
      fitted.clip_max = 4.0;
      fitted.center = 1.0;
      fitted.scale = 0.5;
      fitted.fill_value = 1.0;
      fitted.missing_indicator = result.artifact.features.size() % 5 == 0;
    } else if (feature.kind == FeatureKind::kCategorical) {
      for (int i = 0; i < words[categorical]; ++i) feature.vocabulary.push_back(absl::StrCat("w", i));
      ++categorical;
    } else {
      fitted.month = fitted.weekday = true;
    }
    result.artifact.features.push_back(fitted);
  }
  result.artifact.target.transform = TargetTransform::kAsinh;
  AddNetwork(hidden, activation, random, result.artifact);
  for (int64_t i = 0; i < kRows; ++i) {
    for (const Feature& feature : result.artifact.schema.features) {
      const double missing = random.Uniform();
      float value =
          static_cast<float>(random.Uniform(std::max(feature.allowed_min, 0.1), std::min(feature.allowed_max, 3.5)));
      if (feature.kind == FeatureKind::kCategorical) {
        value = static_cast<float>(random.Below(feature.vocabulary.size()));
      } else if (feature.kind == FeatureKind::kTime) {
        value = static_cast<float>(450'000 + random.Below(40'000));
      } else if (missing < 0.002) {
        value = NAN;
      }
      result.rows.push_back(value);
    }
  }
  return result;
}

// The same with scores that change with the prediction.
Case ShapedCase(const std::string& name, const std::vector<int>& hidden, Activation activation) {
  constexpr int kShapes = 8;
  Case result = CampaignCase(name, hidden, activation);
  Calibration& calibration = *result.artifact.calibration;
  for (int k = 0; k < kShapes; ++k) {
    calibration.shapes.push_back(calibration.groups.front());
    calibration.shapes.back().location = 0.25f * static_cast<float>(k - kShapes / 2);
    for (float& score : calibration.shapes.back().scores) score *= 1.0f + 0.1f * static_cast<float>(k);
  }
  std::vector<double> levels;
  for (int i = 1; i <= 2000; ++i) levels.push_back(i / 2001.0);
  calibration.levels = MakeGroup(-1, std::move(levels));
  return result;
}

// The campaign schema with eight ramps a number, and as many networks as the preset has: compact 1, accurate 5.
Case RampsCase(const std::string& name, int networks) {
  Case result = CampaignCase(name, {64, 32}, Activation::kSilu);
  Artifact& artifact = result.artifact;
  for (size_t f = 0; f < artifact.features.size(); ++f) {
    if (artifact.schema.features[f].kind != FeatureKind::kNumeric) continue;
    for (int r = 0; r <= 8; ++r) artifact.features[f].ramps.push_back(0.1 + 0.4 * r);
  }
  Random random(4);
  std::vector<Mlp> members;
  for (int member = 0; member < networks; ++member) {
    artifact.mlp.layers.clear();
    AddNetwork({64, 32}, Activation::kSilu, random, artifact);
    members.push_back(artifact.mlp);
  }
  artifact.mlp = CombineMembers(members);
  // The head sees the units of all members.
  artifact.calibration->log_scale->weights = RowMajorMatrix::Constant(1, artifact.mlp.layers.back().inputs(), 0.01f);
  return result;
}

// The campaign schema with the network of the preset attention.
Case AttentionCase(const std::string& name) {
  Case result = CampaignCase(name, {}, Activation::kRelu);
  Artifact& artifact = result.artifact;
  artifact.mlp.layers.clear();
  AttentionNetwork& network = artifact.attention.emplace();
  network.feature_inputs = Preprocessor::Create(artifact.schema, artifact.features)->InputsPerFeature();
  network.parameters.resize(AttentionLayout(network.shape, network.feature_inputs).size);
  Random random(3);
  for (float& value : network.parameters) value = static_cast<float>(0.2 * random.Normal());
  return result;
}

// Of this thread's processor time: on a busy machine the clock on the wall measures the others, too.
double Seconds() {
  timespec now = {};
  ROICAST_CHECK(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) == 0);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// Units of work per second, measured for at least 0.2 s.
template <typename Body>
double Rate(int64_t units, const Body& body) {
  body();
  const double start = Seconds();
  int64_t done = 0;
  double elapsed = 0.0;
  while (elapsed < 0.2) {
    body();
    done += units;
    elapsed = Seconds() - start;
  }
  return static_cast<double>(done) / elapsed;
}

std::map<std::string, double> MeasureOurs(const Case& c, const Predictor& predictor) {
  const int features = c.artifact.schema.size();
  std::vector<float> roi(kRows);
  std::vector<uint8_t> flags(kRows);
  std::vector<std::vector<float>> columns(features, std::vector<float>(kRows));
  std::vector<ColumnView> views(features);
  for (int f = 0; f < features; ++f) {
    for (int64_t i = 0; i < kRows; ++i) columns[f][i] = c.rows[i * features + f];
    views[f].floats = columns[f].data();
  }
  // Rejected rows would be cheaper than predicted ones.
  predictor.Predict(c.rows.data(), kRows, absl::MakeSpan(roi), absl::MakeSpan(flags));
  for (const float x : roi) ROICAST_CHECK(std::isfinite(x));
  std::map<std::string, double> figures;
  figures["rows"] =
      Rate(kRows, [&] { predictor.Predict(c.rows.data(), kRows, absl::MakeSpan(roi), absl::MakeSpan(flags)); });
  figures["columns"] =
      Rate(kRows, [&] { predictor.PredictColumns(views, kRows, absl::MakeSpan(roi), absl::MakeSpan(flags)); });
  figures["single"] = Rate(kRows, [&] {
    for (int64_t i = 0; i < kRows; ++i) {
      predictor.Predict(&c.rows[i * features], 1, absl::MakeSpan(&roi[i], 1), absl::MakeSpan(&flags[i], 1));
    }
  });
  // The same with 90 % intervals, and with the probability of a profit as well.
  const Uncertainty uncertainty(c.artifact);
  std::vector<float> location(kRows), log_scale(kRows), share(kRows), low(kRows), high(kRows), probability(kRows);
  const auto ask = [&](int64_t begin, int64_t n, const Uncertainty::Question& question) {
    const auto part = [&](auto& values) { return absl::MakeSpan(values).subspan(begin, n); };
    Uncertainty::Rows rows;
    rows.raw.rows = &c.rows[begin * features];
    rows.spread = {part(location), part(log_scale), part(share)};
    predictor.PredictWithSpread(rows.raw.rows, n, part(roi), part(flags), rows.spread);
    rows.roi = part(roi);
    rows.flags = part(flags);
    rows.low = part(low);
    rows.high = part(high);
    rows.probability = part(probability);
    uncertainty.Answer(question, predictor, rows);
  };
  UncertaintyOptions options;
  options.interval_level = 0.9;
  const Uncertainty::Question interval = *uncertainty.Ask(options);
  options.profit_probability = true;
  const Uncertainty::Question both = *uncertainty.Ask(options);
  figures["rows with intervals"] = Rate(kRows, [&] {
    for (int64_t i = 0; i < kRows; i += 500) ask(i, 500, interval);
  });
  figures["rows with intervals and probabilities"] = Rate(kRows, [&] {
    for (int64_t i = 0; i < kRows; i += 500) ask(i, 500, both);
  });
  figures["single with intervals"] = Rate(kRows, [&] {
    for (int64_t i = 0; i < kRows; ++i) ask(i, 1, interval);
  });
  return figures;
}

void WriteFloats(const fs::path& path, const float* values, int64_t n) {
  std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(values), n * 4);
}

// Writes the input of the peers: encoded rows, layers, and our network outputs.
void WriteForPeers(const Case& c, const fs::path& folder) {
  fs::create_directories(folder);
  const auto preprocessor = Preprocessor::Create(c.artifact.schema, c.artifact.features);
  const RowMajorMatrix raw = Eigen::Map<const RowMajorMatrix>(c.rows.data(), kRows, c.artifact.schema.size());
  const RowMajorMatrix encoded = preprocessor->Encode(raw);
  WriteFloats(folder / "x.bin", encoded.data(), encoded.size());
  nlohmann::json shape = {{"rows", kRows}, {"inputs", encoded.cols()}, {"layers", nlohmann::json::array()}};
  for (size_t l = 0; l < c.artifact.mlp.layers.size(); ++l) {
    const DenseLayer& layer = c.artifact.mlp.layers[l];
    WriteFloats(folder / absl::StrCat("w", l, ".bin"), layer.weights.data(), layer.weights.size());
    WriteFloats(folder / absl::StrCat("b", l, ".bin"), layer.biases.data(), layer.biases.size());
    shape["layers"].push_back(
        {{"outputs", layer.weights.rows()}, {"activation", std::string(ActivationName(layer.activation))}});
  }
  std::vector<float> z;
  for (int64_t i = 0; i < kRows; ++i) z.push_back(static_cast<float>(c.artifact.mlp.Evaluate(encoded.row(i).data())));
  WriteFloats(folder / "z.bin", z.data(), kRows);
  std::ofstream(folder / "shape.json") << shape.dump();
}

// {"scikit-learn": {"rows": …, "single": …}, …}; empty if the peers failed.
nlohmann::json MeasurePeers(const std::string& python, const fs::path& folder) {
  const fs::path out = folder / "peers.json";
  fs::remove(out);
  const std::string command = absl::StrCat("OMP_NUM_THREADS=1 '", python, "' '", ROICAST_SOURCE_DIR,
                                           "/bench/peers/predict_peers.py' '", folder.string(), "'");
  if (std::system(command.c_str()) != 0) return nlohmann::json::object();
  return nlohmann::json::parse(std::ifstream(out));
}

double Median(std::vector<double> values) {
  if (values.empty()) return 0.0;
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void Report(const std::string& name, double value, const std::string& peer, double peer_value, std::ostream* json) {
  const bool single = name.find("single") != std::string::npos;
  // Single rows are reported as time, the others as rate; above 1, the ratio favours roicast in both.
  const double shown = single ? 1e9 / value : value;
  const double peer_shown = peer_value == 0.0 ? 0.0 : single ? 1e9 / peer_value : peer_value;
  const std::string unit = single ? "ns" : "rows/s";
  if (peer.empty()) {
    std::printf("%-34s %14.4g %s\n", name.c_str(), shown, unit.c_str());
  } else {
    std::printf("%-34s %14.4g %-7s %-13s %14.4g   %8.1f x\n", name.c_str(), shown, unit.c_str(), peer.c_str(),
                peer_shown, value / peer_value);
  }
  if (json == nullptr) return;
  nlohmann::json line = {{"name", "predictor"}, {"case", name}, {"value", shown}, {"unit", unit}};
  if (!peer.empty()) {
    line["peer"] = peer;
    line["peer_value"] = peer_shown;
    line["ratio"] = value / peer_value;
  }
  *json << line.dump() << "\n";
}

// The peers know neither attention nor layers of blocks.
bool HasPeers(const Case& c) { return !c.artifact.attention.has_value() && c.artifact.features[0].ramps.empty(); }

int Run(const std::string& python, const std::string& json_path, int repeats) {
  const fs::path folder = fs::temp_directory_path() / absl::StrCat("roicast-bench-", ::getpid());
  std::vector<Case> cases;
  cases.push_back(NumericCase("numeric 20→5→1", {5}));
  cases.push_back(NumericCase("numeric 20→64→32→1", {64, 32}));
  cases.push_back(CampaignCase("campaign, 5 ReLU", {5}, Activation::kRelu));
  cases.push_back(CampaignCase("campaign, 32-16 SiLU", {32, 16}, Activation::kSilu));
  cases.push_back(CampaignCase("campaign, 64-32 SiLU", {64, 32}, Activation::kSilu));
  cases.push_back(ShapedCase("campaign, 64-32 SiLU, shapes", {64, 32}, Activation::kSilu));
  cases.push_back(RampsCase("campaign, 64-32 SiLU, ramps", 1));
  cases.push_back(RampsCase("campaign, accurate", 5));
  cases.push_back(AttentionCase("campaign, attention"));
  std::map<std::string, std::vector<double>> ours;
  std::map<std::string, std::map<std::string, std::vector<double>>> peers;
  std::vector<std::unique_ptr<const Predictor>> predictors;
  for (const Case& c : cases) {
    predictors.push_back(*Predictor::CompileUnverified(c.artifact));
    if (!python.empty() && HasPeers(c)) WriteForPeers(c, folder / c.name);
  }
  for (int repeat = 0; repeat < repeats; ++repeat) {
    for (size_t i = 0; i < cases.size(); ++i) {
      for (const auto& [route, rate] : MeasureOurs(cases[i], *predictors[i])) {
        ours[absl::StrCat(cases[i].name, ", ", route)].push_back(rate);
      }
      if (python.empty() || !HasPeers(cases[i])) continue;
      const nlohmann::json measured = MeasurePeers(python, folder / cases[i].name);
      for (const auto& [peer, routes] : measured.items()) {
        for (const auto& [route, rate] : routes.items()) {
          peers[absl::StrCat(cases[i].name, ", ", route)][peer].push_back(rate.get<double>());
        }
      }
    }
  }
  fs::remove_all(folder);
  std::printf("kernels: %s; one core; medians of %d\n", predictor::ChosenKernels().name, repeats);
  std::ofstream json;
  if (!json_path.empty()) json.open(json_path, std::ios::app);
  std::ostream* json_out = json_path.empty() ? nullptr : &json;
  for (const auto& [name, rates] : ours) {
    const auto found = peers.find(name);
    if (found == peers.end()) Report(name, Median(rates), "", 0.0, json_out);
    if (found == peers.end()) continue;
    for (const auto& [peer, peer_rates] : found->second) {
      Report(name, Median(rates), peer, Median(peer_rates), json_out);
    }
  }
  return 0;
}

}  // namespace
}  // namespace roicast

int main(int argc, char** argv) {
  CLI::App app("The predictor alone, on one core, compared with its peers.");
  std::string python, json;
  int repeats = 5;
  app.add_option("--peers", python, "Python interpreter with the peers; bench/peers/setup.sh prints one");
  app.add_option("--json", json, "Append one JSON object per line to this file");
  app.add_option("--repeats", repeats, "Number of rounds; the median is reported")->check(CLI::Range(1, 1000));
  CLI11_PARSE(app, argc, argv);
  return roicast::Run(python, json, repeats);
}
