// Time per training step and loss curves, compared with scikit-learn and PyTorch on the same rows and from the same
// initial weights, interleaved. One core each.
//
//   training [--peers PYTHON] [--json FILE] [--repeats 5]
//
// PYTHON: an interpreter with the peers (bench/peers/setup.sh prints one). Without it, only roicast's figures are
// printed.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/random.h"
#include "model/network/initialization.h"
#include "model/network/kernels/kernels.h"
#include "model/network/trainer.h"

namespace roicast {
namespace {

namespace fs = std::filesystem;

struct Case {
  std::string name;
  int inputs;
  NetworkOptions network;
  int batch_size;
  int epochs;       // ours
  int peer_epochs;  // fewer: peers are slower
};

struct Figure {
  double seconds_per_step = 0.0;
  std::vector<double> losses;  // mean squared error per epoch
  double test_r2 = 0.0;
};

constexpr int kTrainRows = 16'000;
constexpr int kTestRows = 4'000;

struct Data {
  RowMajorMatrix x, x_test;
  std::vector<float> y, y_test;
};

// Standardised inputs; a target of variance about 1 with an interaction, a curve and noise.
Data MakeData(int inputs) {
  Random random(42);
  const auto fill = [&](int rows, RowMajorMatrix& x, std::vector<float>& y) {
    x.resize(rows, inputs);
    y.resize(rows);
    for (int i = 0; i < rows; ++i) {
      for (int j = 0; j < inputs; ++j) x(i, j) = static_cast<float>(random.Normal());
      const double signal =
          0.5 * x(i, 0) - 0.4 * x(i, 1) + 0.4 * x(i, 2) * x(i, 3) + 0.5 * std::abs(x(i, 4)) + 0.3 * x(i, 5);
      y[i] = static_cast<float>(signal - 0.4 + 0.3 * random.Normal());
    }
  };
  Data data;
  fill(kTrainRows, data.x, data.y);
  fill(kTestRows, data.x_test, data.y_test);
  return data;
}

double TestR2(const Mlp& mlp, const Data& data) {
  const double mean = std::accumulate(data.y_test.begin(), data.y_test.end(), 0.0) / kTestRows;
  double sse = 0.0, sst = 0.0;
  for (int i = 0; i < kTestRows; ++i) {
    const double error = mlp.Evaluate(data.x_test.row(i).data()) - data.y_test[i];
    sse += error * error;
    sst += (data.y_test[i] - mean) * (data.y_test[i] - mean);
  }
  return 1.0 - sse / sst;
}

Mlp StartOf(const Case& c) {
  Random random(42);
  return RandomMlp(c.inputs, c.network, random);
}

Figure RunOurs(const Case& c, const Data& data, int epochs) {
  TrainingOptions options;
  options.batch_size = c.batch_size;
  options.epochs = epochs;
  const Mlp start = StartOf(c);
  const auto begin = std::chrono::steady_clock::now();
  const auto result = Train({&data.x, data.y, {}}, {}, c.network, options, {.warm_start = &start});
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  if (!result.ok()) {
    std::cerr << "training: " << result.status() << "\n";
    std::exit(1);
  }
  Figure figure;
  figure.seconds_per_step = seconds / (static_cast<double>((kTrainRows + c.batch_size - 1) / c.batch_size) * epochs);
  for (const EpochRecord& record : result->history) figure.losses.push_back(record.train_loss);
  figure.test_r2 = TestR2(result->mlp, data);
  return figure;
}

template <typename T>
void WriteRaw(const fs::path& path, const T* values, size_t count) {
  std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(values), count * sizeof(T));
}

// Writes the input of a peer: rows and initial weights as raw float32, sizes as JSON.
void WriteCase(const fs::path& folder, const Case& c, const Data& data) {
  WriteRaw(folder / "x", data.x.data(), data.x.size());
  WriteRaw(folder / "y", data.y.data(), data.y.size());
  WriteRaw(folder / "x_test", data.x_test.data(), data.x_test.size());
  WriteRaw(folder / "y_test", data.y_test.data(), data.y_test.size());
  const Mlp start = StartOf(c);
  for (size_t l = 0; l < start.layers.size(); ++l) {
    WriteRaw(folder / absl::StrCat("weights", l), start.layers[l].weights.data(), start.layers[l].weights.size());
  }
  const nlohmann::json sizes = {
      {"inputs", c.inputs},           {"hidden", c.network.hidden},
      {"dropout", c.network.dropout}, {"batch", c.batch_size},
      {"epochs", c.peer_epochs},      {"activation", std::string(ActivationName(c.network.activation))}};
  std::ofstream(folder / "case.json") << sizes;
}

Figure RunPeer(const std::string& python, const fs::path& script, const std::string& peer, const fs::path& folder) {
  const std::string command = absl::StrCat(python, " ", script.string(), " ", peer, " ", folder.string());
  FILE* pipe = popen(command.c_str(), "r");
  std::string text;
  char chunk[4096];
  while (pipe != nullptr && fgets(chunk, sizeof(chunk), pipe) != nullptr) text += chunk;
  if (pipe == nullptr || pclose(pipe) != 0) {
    std::cerr << "training: the peer failed: " << command << "\n";
    std::exit(1);
  }
  const nlohmann::json answer = nlohmann::json::parse(text);
  return {answer.at("seconds_per_step"), answer.at("losses").get<std::vector<double>>(), answer.at("test_r2")};
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : 0.5 * (values[middle - 1] + values[middle]);
}

double MedianSeconds(const std::vector<Figure>& figures) {
  std::vector<double> seconds;
  for (const Figure& figure : figures) seconds.push_back(figure.seconds_per_step);
  return Median(seconds);
}

class Report {
 public:
  explicit Report(const std::string& json_file) {
    if (!json_file.empty()) json_.open(json_file, std::ios::app);
  }

  void Add(const std::string& name, double value, const std::string& unit, const std::string& peer, double peer_value,
           double ratio) {
    std::cout << absl::StrFormat("%-34s %10.3f %-10s %-14s %10.3f   ratio %8.2f\n", name, value, unit, peer, peer_value,
                                 ratio);
    if (json_.is_open()) {
      json_ << nlohmann::json({{"name", "training"},
                               {"case", name},
                               {"value", value},
                               {"unit", unit},
                               {"peer", peer},
                               {"peer_value", peer_value},
                               {"ratio", ratio}})
            << "\n";
    }
  }

 private:
  std::ofstream json_;
};

void PrintCurves(const Figure& ours, const std::map<std::string, std::vector<Figure>>& peers) {
  std::cout << "  mean squared error by epoch\n  epoch      roicast";
  for (const auto& [peer, figures] : peers) std::cout << absl::StrFormat(" %12s", peer);
  std::cout << "\n";
  size_t epochs = ours.losses.size();
  for (const auto& [peer, figures] : peers) epochs = std::min(epochs, figures.front().losses.size());
  for (size_t i = 1; i <= epochs; i = i < 4 ? i + 1 : (i * 3 / 2)) {
    std::cout << absl::StrFormat("  %5d %12.5f", i, ours.losses[i - 1]);
    for (const auto& [peer, figures] : peers) std::cout << absl::StrFormat(" %12.5f", figures.front().losses[i - 1]);
    std::cout << "\n";
  }
}

void RunCase(const Case& c, const std::string& python, const fs::path& script, int repeats, Report& report) {
  const Data data = MakeData(c.inputs);
  const fs::path folder = fs::temp_directory_path() / absl::StrCat("roicast_training_", getpid(), "_", c.name);
  fs::create_directories(folder);
  WriteCase(folder, c, data);
  std::vector<Figure> ours;
  std::map<std::string, std::vector<Figure>> peers;
  for (int i = 0; i < repeats; ++i) {
    ours.push_back(RunOurs(c, data, c.epochs));
    if (python.empty()) continue;
    for (const char* peer : {"scikit-learn", "pytorch"}) {
      // scikit-learn's network has no dropout: its curve is compared only without dropout, its time always.
      peers[peer].push_back(RunPeer(python, script, peer, folder));
    }
  }
  fs::remove_all(folder);
  const double mine = MedianSeconds(ours) * 1e6;
  if (peers.empty()) report.Add(c.name, mine, "us/step", "none", 0.0, 0.0);
  for (const auto& [peer, figures] : peers) {
    const double theirs = MedianSeconds(figures) * 1e6;
    report.Add(c.name, mine, "us/step", peer, theirs, theirs / mine);
  }
  double multiplications = 0.0;
  int width = c.inputs;
  for (const int units : c.network.hidden) multiplications += static_cast<double>(width) * units, width = units;
  const double flops = 6.0 * (multiplications + width) * c.batch_size;
  std::cout << absl::StrFormat("  %.1f GFLOP/s\n", flops / (mine * 1e3));
  if (c.network.dropout == 0.0 && !peers.empty()) {
    PrintCurves(ours.front(), peers);
    const Figure same_epochs = RunOurs(c, data, c.peer_epochs);
    for (const auto& [peer, figures] : peers) {
      const double theirs = figures.front().test_r2;
      report.Add(absl::StrCat(c.name, "_r2_after_", c.peer_epochs, "_epochs"), same_epochs.test_r2, "R2", peer, theirs,
                 same_epochs.test_r2 / theirs);
    }
  }
}

// A complete training run with the classic preset: 16,000 rows × 1,000 epochs.
void RunWhole(int inputs, int repeats, Report& report) {
  const Case c{"", inputs, {{5}, Activation::kRelu, 0.5}, 32, 1000, 0};
  const Data data = MakeData(inputs);
  std::vector<Figure> figures;
  for (int i = 0; i < repeats; ++i) figures.push_back(RunOurs(c, data, c.epochs));
  const double seconds = MedianSeconds(figures) * 500'000;
  constexpr double kLimitSeconds = 3.0;
  report.Add(absl::StrCat("classic_16000x1000_", inputs, "_inputs"), seconds, "s", "limit", kLimitSeconds,
             kLimitSeconds / seconds);
}

int Main(int argc, char** argv) {
  CLI::App app("Training speed and loss curves, compared with scikit-learn and PyTorch");
  std::string python, json_file;
  std::string script = ROICAST_SOURCE_DIR "/bench/peers/train_peers.py";
  int repeats = 5;
  app.add_option("--peers", python, "Python interpreter that has scikit-learn and torch");
  app.add_option("--json", json_file, "Append one JSON object per line to this file");
  app.add_option("--repeats", repeats, "Number of runs per case; medians are printed")->check(CLI::Range(1, 1000));
  CLI11_PARSE(app, argc, argv);

  Report report(json_file);
  std::cout << "kernels: " << ChosenKernels().name << "\n";
  const std::vector<Case> cases = {
      {"classic", 20, {{5}, Activation::kRelu, 0.5}, 32, 60, 4},
      {"classic_without_dropout", 20, {{5}, Activation::kRelu, 0.0}, 32, 60, 20},
      {"classic_48_inputs", 48, {{5}, Activation::kRelu, 0.5}, 32, 60, 4},
      {"64_64", 48, {{64, 64}, Activation::kRelu, 0.0}, 128, 20, 10},
  };
  for (const Case& c : cases) RunCase(c, python, script, repeats, report);
  for (const int inputs : {20, 48}) RunWhole(inputs, repeats, report);
  return 0;
}

}  // namespace
}  // namespace roicast

int main(int argc, char** argv) { return roicast::Main(argc, argv); }
