// Explanations on one core: how many rows a second, how near to exact Shapley values, and the package shap beside them
// on the same model, rows and background.
//
//   explanation [--peers PYTHON] [--json FILE] [--repeats 5]
//
// The models are `compact`, trained on generated campaigns: with the default schema's 20 features, and with 12 of them,
// for which all sets of features can be counted. PYTHON: bench/peers/setup_explanation.sh prints one.
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
#include "bench/report.h"
#include "client/generator/campaign_csv.h"
#include "client/generator/campaign_generator.h"
#include "model/data/csv_table.h"
#include "model/explanation/counterfactual.h"
#include "model/explanation/row_groups.h"
#include "model/explanation/shapley.h"
#include "model/features/preprocessor.h"
#include "model/predictor/predictor.h"
#include "model/training/evaluate_artifact.h"
#include "model/training/train_model.h"

namespace roicast::bench {
namespace {

namespace fs = std::filesystem;

constexpr int kTrainingRows = 6'000, kRows = 1'000, kCheckedRows = 100, kPeerRows = 50;

std::string Campaigns(int skip, int rows) {
  auto generator = client::CampaignGenerator::Create({});
  ROICAST_CHECK(generator.ok());
  std::string text;
  client::AppendCampaignHeader(false, &text);
  for (int i = 0; i < skip + rows; ++i) {
    const client::GeneratedCampaign campaign = generator->Next();
    if (i >= skip) client::AppendCampaignRow(campaign, false, &text);
  }
  return text;
}

struct Model {
  std::string name;
  Artifact artifact;
  std::unique_ptr<const Predictor> predictor;
  std::vector<float> rows;  // [kRows, features], that were not learnt from

  int features() const { return artifact.schema.size(); }
};

Model Train(const std::string& name, const std::vector<std::string>& excluded) {
  TrainingSpec spec = SpecFromPreset(Preset::kCompact);
  spec.target = {"", "revenue", "spend"};
  for (const std::string& column : excluded) {
    spec.columns.emplace_back();
    spec.columns.back().name = column;
    spec.columns.back().exclude = true;
  }
  const auto data = ReadCsvText(Campaigns(0, kTrainingRows), {});
  ROICAST_CHECK(data.ok());
  auto artifact = TrainModel(*data, spec);
  if (!artifact.ok()) std::cerr << artifact.status() << "\n";
  ROICAST_CHECK(artifact.ok() && artifact->background.has_value());
  Model model{name, *std::move(artifact), nullptr, {}};
  model.predictor = *Predictor::Compile(model.artifact);
  CsvTableOptions options;
  ReadAsModelDoes(model.artifact, spec.target, options);
  const auto fresh = ReadCsvText(Campaigns(kTrainingRows, kRows), options);
  ROICAST_CHECK(fresh.ok());
  const RowMajorMatrix raw = ToRawRows(fresh->table, model.artifact.schema);
  model.rows.assign(raw.data(), raw.data() + raw.size());
  return model;
}

// Of this thread's processor time: on a busy machine the clock on the wall measures the others, too.
double Seconds() {
  timespec now = {};
  ROICAST_CHECK(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) == 0);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

Attributions Explain(const Model& model, int rows, const ShapleyOptions& options) {
  auto result = ExplainRows(*model.predictor, *model.artifact.background, model.rows.data(), rows, options);
  ROICAST_CHECK(result.ok());
  return *std::move(result);
}

struct Agreement {
  double correlation = 0.0, error = 0.0;  // mean absolute error, as a share of the predictions' spread
};

Agreement Compare(const Attributions& truth, const std::vector<double>& values) {
  Agreement agreement;
  double xy = 0.0, xx = 0.0, yy = 0.0;
  for (size_t i = 0; i < values.size(); ++i) {
    const double x = truth.values[i], y = values[i];
    agreement.error += std::abs(x - y) / static_cast<double>(values.size());
    xy += x * y;
    xx += x * x;
    yy += y * y;
  }
  agreement.correlation = xy / std::sqrt(xx * yy);
  const size_t rows = values.size() / (truth.values.size() / truth.predictions.size());
  const auto [low, high] =
      std::minmax_element(truth.predictions.begin(), truth.predictions.begin() + static_cast<ptrdiff_t>(rows));
  agreement.error /= *high - *low;
  return agreement;
}

void Add(Report& report, const std::string& what, double value, const std::string& unit, const std::string& peer,
         double limit, bool more_is_better) {
  report.Add({"explanation", what, value, unit, peer, limit, more_is_better ? value / limit : limit / value, 1.0});
}

void MeasureRate(const Model& model, int repeats, Report& report) {
  std::vector<double> rates, evaluations;
  for (int repeat = 0; repeat < repeats; ++repeat) {
    const double start = Seconds();
    const Attributions result = Explain(model, kRows, {});
    rates.push_back(kRows / (Seconds() - start));
    evaluations.push_back(static_cast<double>(result.evaluations) / kRows);
  }
  Add(report, absl::StrCat(model.name, ", explained rows"), Median(rates), "rows/s", "target", 2000.0, true);
  std::printf("%.0f predictions a row, %.3g a second\n", Median(evaluations), Median(evaluations) * Median(rates));
}

void MeasureAgreement(const Model& model, const std::string& truth_name, const ShapleyOptions& truth_options,
                      Report& report) {
  const Attributions truth = Explain(model, kCheckedRows, truth_options);
  for (const int rounds : {2, 8}) {
    const Attributions sampled = Explain(model, kCheckedRows, {.rounds = rounds, .exact_features = 0});
    const Agreement agreement = Compare(truth, sampled.values);
    const std::string what = absl::StrCat(model.name, ", ", rounds, " rounds beside ", truth_name);
    Add(report, absl::StrCat(what, ", correlation"), agreement.correlation, "", "target", 0.99, true);
    Add(report, absl::StrCat(what, ", mean error"), 100.0 * agreement.error, "%", "target", 1.0, false);
    double squares = 0.0;
    for (size_t i = 0; i < truth.values.size(); ++i) {
      const double error = std::max(sampled.standard_errors[i], 1e-9);
      squares += std::pow((sampled.values[i] - truth.values[i]) / error, 2) / static_cast<double>(truth.values.size());
    }
    std::printf("errors are %.2f of the standard errors (root mean square)\n", std::sqrt(squares));
  }
}

// The attributions against several backgrounds, each with the same weight: they are linear in the background.
Attributions ExplainAgainst(const Model& model, const std::vector<Background>& backgrounds) {
  Attributions sum;
  for (const Background& background : backgrounds) {
    auto part = ExplainRows(*model.predictor, background, model.rows.data(), kCheckedRows, {.rounds = 8});
    ROICAST_CHECK(part.ok());
    sum.predictions = part->predictions;
    sum.values.resize(part->values.size());
    const auto share = 1.0 / static_cast<double>(backgrounds.size());
    sum.base_value += share * part->base_value;
    for (size_t i = 0; i < sum.values.size(); ++i) sum.values[i] += share * part->values[i];
  }
  return sum;
}

// Rows that are real ones.
Background RealRows(const Model& model, int from, int count) {
  Background background;
  background.rows.assign(model.rows.begin() + static_cast<ptrdiff_t>(from) * model.features(),
                         model.rows.begin() + static_cast<ptrdiff_t>(from + count) * model.features());
  background.weights.assign(count, 1.0f / static_cast<float>(count));
  return background;
}

// The usual summary: means of groups of similar rows, and their most frequent words.
Background GroupMeans(const Model& model, int from, int count, int groups) {
  const RowMajorMatrix rows = Eigen::Map<const RowMajorMatrix>(
      model.rows.data() + static_cast<ptrdiff_t>(from) * model.features(), count, model.features());
  const std::vector<int> group_of = *GroupRows(rows, model.artifact.schema, groups);
  Background background;
  background.weights.assign(groups, 1.0f / static_cast<float>(groups));
  for (int g = 0; g < groups; ++g) {
    for (int f = 0; f < model.features(); ++f) {
      std::map<float, int> counts;
      double sum = 0.0, present = 0.0;
      for (int i = 0; i < count; ++i) {
        if (group_of[i] != g || std::isnan(rows(i, f))) continue;
        ++counts[rows(i, f)];
        sum += rows(i, f);
        present += 1.0;
      }
      const bool words = model.artifact.schema.features[f].kind == FeatureKind::kCategorical;
      const auto fewer = [](const auto& a, const auto& b) { return a.second < b.second; };
      background.rows.push_back(words ? std::max_element(counts.begin(), counts.end(), fewer)->first
                                      : static_cast<float>(sum / present));
    }
  }
  return background;
}

// The stored background beside as many real rows: how near explanations are to those against 768 real rows.
void MeasureBackground(const Model& model) {
  std::vector<Background> many;
  for (int from = 200; from + kMaxBackgroundRows <= kRows; from += kMaxBackgroundRows) {
    many.push_back(RealRows(model, from, kMaxBackgroundRows));
  }
  const Attributions truth = ExplainAgainst(model, many);
  const Background& stored = *model.artifact.background;
  const auto print = [&](const char* name, const Background& background) {
    const Attributions found = ExplainAgainst(model, {background});
    const Agreement agreement = Compare(truth, found.values);
    std::printf(
        "  against %s: base value %.4f (%zu real rows: %.4f), correlation %.4f, mean error %.2f %% of the spread\n",
        name, found.base_value, many.size() * kMaxBackgroundRows, truth.base_value, agreement.correlation,
        100.0 * agreement.error);
  };
  print("the stored background", stored);
  print("as many real rows", RealRows(model, 100, stored.size()));
  print("means of as many groups", GroupMeans(model, 200, kRows - 200, stored.size()));
}

// What training takes for the background of a large table.
void MeasureFit(const Model& model, Report& report) {
  constexpr int64_t kLarge = 1'000'000;
  RowMajorMatrix raw(kLarge, model.features());
  for (int64_t i = 0; i < kLarge; ++i) {
    const float* row = &model.rows[static_cast<size_t>(i % kRows) * model.features()];
    std::copy(row, row + model.features(), raw.row(i).data());
  }
  const double start = Seconds();
  ROICAST_CHECK(FitBackground(raw, model.artifact.schema)->has_value());
  Add(report, "background of 1,000,000 training rows", Seconds() - start, "s", "limit", 1.0, false);
}

void MeasureCounterfactuals(const Model& model, Report& report) {
  std::vector<Freedom> freedoms;
  for (int f = 0; f < model.features(); ++f) freedoms.push_back({.feature = f});
  std::vector<double> seconds;
  int reached = 0;
  for (int i = 0; i < kPeerRows; ++i) {
    const float* row = &model.rows[static_cast<size_t>(i) * model.features()];
    float now = 0.0f;
    model.predictor->Predict(row, 1, absl::MakeSpan(&now, 1), {});
    const double start = Seconds();
    const auto found =
        FindCounterfactual(*model.predictor, *model.artifact.background, row, freedoms, {.wanted = now + 0.5});
    seconds.push_back(Seconds() - start);
    ROICAST_CHECK(found.ok());
    reached += found->reached;
  }
  std::printf("%d of %d counterfactuals found\n", reached, kPeerRows);
  report.Add({"explanation", absl::StrCat(model.name, ", counterfactual, ROI + 0.5"), 1e3 * Median(seconds), "ms",
              "none", 0, 0});
}

template <typename T>
void Write(const fs::path& path, const std::vector<T>& values) {
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(values.data()), static_cast<std::streamsize>(values.size() * sizeof(T)));
}

// Time and agreement of shap's explainers, each with the same background.
void MeasurePeers(const Model& model, const std::string& python, const Attributions& truth, Report& report) {
  const fs::path folder = fs::temp_directory_path() / absl::StrCat("roicast-explanation-", ::getpid());
  fs::create_directories(folder);
  std::ofstream(folder / "model.roicast", std::ios::binary) << SerializeArtifact(model.artifact);
  Write(folder / "rows.bin", std::vector<float>(model.rows.begin(), model.rows.begin() + kPeerRows * model.features()));
  Write(folder / "background.bin", model.artifact.background->rows);
  const std::string command =
      absl::StrCat("OMP_NUM_THREADS=1 '", python, "' '", ROICAST_SOURCE_DIR, "/bench/peers/explanation_peers.py' '",
                   folder.string(), "' '", ROICAST_PREDICT_LIBRARY, "' ", model.features());
  ROICAST_CHECK(std::system(command.c_str()) == 0);
  const nlohmann::json peers = nlohmann::json::parse(std::ifstream(folder / "peers.json"));
  for (const auto& [peer, figures] : peers.items()) {
    const double start = Seconds();
    const Attributions ours = Explain(model, kRows, {});
    const double rate = kRows / (Seconds() - start);
    const double peer_rate = figures["rows_per_second"];
    report.Add({"explanation", absl::StrCat(model.name, ", explained rows"), rate, "rows/s", peer, peer_rate,
                rate / peer_rate, 0.0});
    const Agreement theirs = Compare(truth, figures["values"].get<std::vector<double>>());
    const std::vector<double> head(ours.values.begin(),
                                   ours.values.begin() + static_cast<ptrdiff_t>(kPeerRows) * model.features());
    const Agreement own = Compare(truth, head);
    std::printf("  %s: correlation %.6f, mean error %.4f %%; roicast: %.6f, %.4f %%\n", peer.c_str(),
                theirs.correlation, 100.0 * theirs.error, own.correlation, 100.0 * own.error);
  }
  fs::remove_all(folder);
}

int Run(const std::string& python, const std::string& json, int repeats) {
  Report report(json);
  const Model all = Train("compact, 20 features", {});
  const Model some =
      Train("compact, 12 features", {"avg_session_seconds", "page_views_per_user", "purchases_per_user_90d",
                                     "avg_user_rating", "review_count", "units_sold_30d", "audience_size", "device"});
  ROICAST_CHECK(all.features() == 20 && some.features() == 12);
  std::printf("%s; one core; medians of %d\n", all.artifact.DescribeNetwork().c_str(), repeats);
  MeasureRate(all, repeats, report);
  MeasureRate(some, repeats, report);
  const ShapleyOptions exact{.exact_features = 12}, many{.rounds = 500};
  MeasureAgreement(some, "exact values", exact, report);
  MeasureAgreement(all, "500 rounds", many, report);
  MeasureBackground(all);
  MeasureFit(all, report);
  MeasureCounterfactuals(all, report);
  if (python.empty()) return 0;
  MeasurePeers(all, python, Explain(all, kPeerRows, many), report);
  MeasurePeers(some, python, Explain(some, kPeerRows, exact), report);
  return 0;
}

}  // namespace
}  // namespace roicast::bench

int main(int argc, char** argv) {
  CLI::App app("Explanations on one core, beside exact values and the package shap.");
  std::string python, json;
  int repeats = 5;
  app.add_option("--peers", python, "Python interpreter with shap; bench/peers/setup_explanation.sh prints one");
  app.add_option("--json", json, "Append one JSON object per line to this file");
  app.add_option("--repeats", repeats, "Number of rounds; the median is reported")->check(CLI::Range(1, 1000));
  CLI11_PARSE(app, argc, argv);
  return roicast::bench::Run(python, json, repeats);
}
