#include "model/predictor/model_compiler.h"

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <cstring>
#include <new>
#include <numbers>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/status_macros.h"
#include "model/features/calendar.h"

namespace roicast::predictor {
namespace {

constexpr std::align_val_t kAlignment{64};
constexpr int kMaxUnitTable = 64;  // entries of a table that is also stored by unit

int64_t Padded(int64_t n) { return (n + kPad - 1) / kPad * kPad; }

Inverse InverseOf(const FittedTarget& target) {
  if (target.kind == TargetKind::kTwoValued) return Inverse::kLogistic;
  switch (target.transform) {
    case TargetTransform::kAuto:  // refused by FittedTarget::Validate
    case TargetTransform::kNone:
      return Inverse::kNone;
    case TargetTransform::kAsinh:
      return Inverse::kAsinh;
    case TargetTransform::kLog1p:
      return Inverse::kLog1p;
  }
  return Inverse::kNone;
}

// One number per unit of the first layer: the weights of an input, or the biases.
using Units = std::vector<double>;

class ModelCompiler {
 public:
  ModelCompiler(const Artifact& artifact, const Preprocessor& preprocessor)
      : artifact_(artifact), preprocessor_(preprocessor), first_(artifact.mlp.layers.front()) {}

  absl::StatusOr<std::unique_ptr<const OwnedModel>> Compile() {
    CompiledModel& model = owned_->model;
    model.features = artifact_.schema.size();
    model.layers = static_cast<int32_t>(artifact_.mlp.layers.size());
    units_ = static_cast<int>(first_.weights.rows());
    padded_units_ = static_cast<int>(Padded(units_));
    biases_.assign(first_.biases.data(), first_.biases.data() + units_);
    CollectNumericSlots();
    CollectCategories();
    CollectTimes();
    WriteIndicators();
    WriteLookups();
    WriteFirstLayer();
    WriteOtherLayers();
    WriteTarget();
    WriteLogScale();
    WriteGate();
    model.scratch_floats = ScratchFloats();
    if (!finite_) {
      return absl::InvalidArgumentError("network: weights overflow float32 when scales are folded into them");
    }
    return std::unique_ptr<const OwnedModel>(std::move(owned_));
  }

 private:
  Units InputWeights(int input) const {
    Units weights(units_);
    for (int u = 0; u < units_; ++u) weights[u] = first_.weights(u, input);
    return weights;
  }

  // The last layer computes the target before its inverse transform: m = offset + factor · z.
  double Factor(int layer) const { return layer + 1 == owned_->model.layers ? artifact_.target.factor : 1.0; }
  double Offset(int layer) const { return layer + 1 == owned_->model.layers ? artifact_.target.offset : 0.0; }

  float Narrow(double x) {
    const auto narrow = static_cast<float>(x);
    finite_ = finite_ && std::isfinite(narrow);
    return narrow;
  }

  // Numbered as in Transform in inputs.h.
  static int Group(NumericTransform transform) {
    switch (transform) {
      case NumericTransform::kAuto:  // refused by Preprocessor::Create
      case NumericTransform::kNone:
        return 0;
      case NumericTransform::kLog1p:
        return 1;
      case NumericTransform::kAsinh:
        return 2;
    }
    return 0;
  }

  void CollectNumericSlots() {
    std::vector<int> groups[3];
    for (int f = 0; f < artifact_.schema.size(); ++f) {
      const FeatureKind kind = artifact_.schema.features[f].kind;
      if (kind == FeatureKind::kNumeric || (kind == FeatureKind::kTime && artifact_.features[f].trend)) {
        groups[Group(artifact_.features[f].transform)].push_back(f);
      }
    }
    NumericSlots& slots = owned_->model.numeric;
    for (int g = 0; g < 3; ++g) {
      slots.count[g] = static_cast<int32_t>(groups[g].size());
      slots.start[g] = slots.padded;
      slots.padded += static_cast<int32_t>(Padded(slots.count[g]));
    }
    auto* feature = owned_->Allocate<int32_t>(slots.padded);
    float* values[8];
    for (float*& array : values) array = owned_->Allocate<float>(slots.padded);
    std::fill(values[4], values[4] + slots.padded, -FLT_MAX);
    std::fill(values[5], values[5] + slots.padded, FLT_MAX);
    for (int g = 0; g < 3; ++g) {
      for (int i = 0; i < slots.count[g]; ++i) {
        const int f = groups[g][i], s = slots.start[g] + i;
        feature[s] = f;
        FillSlot(artifact_.schema.features[f], artifact_.features[f], s, values);
        AddNumericInput(f, values[3][s]);
        AddRamps(f, s, values[3][s]);
        const bool numeric = artifact_.schema.features[f].kind == FeatureKind::kNumeric;
        if (numeric && artifact_.features[f].missing_indicator) indicators_.push_back(f);
      }
    }
    slots.feature = feature;
    slots.fill = values[0], slots.clip_min = values[1], slots.clip_max = values[2], slots.center = values[3];
    slots.usual_min = values[4], slots.usual_max = values[5];
    slots.allowed_min = values[6], slots.allowed_max = values[7];
  }

  static float Bounded(double x) { return static_cast<float>(std::clamp(x, -kMaxMagnitude, kMaxMagnitude)); }

  // The bounds of ClassifyRawValue, made inclusive and finite.
  static void FillSlot(const Feature& feature, const FittedFeature& fitted, int s, float* const* values) {
    values[0][s] = Bounded(fitted.fill_value);
    values[1][s] = Bounded(fitted.clip_min);
    values[2][s] = Bounded(fitted.clip_max);
    values[3][s] = static_cast<float>(fitted.center);
    if (feature.kind == FeatureKind::kTime) {  // CollectTimes judges the value; a NaN is unusual there, too
      values[6][s] = -FLT_MAX, values[7][s] = FLT_MAX;
      return;
    }
    float low = static_cast<float>(feature.allowed_min);
    if (feature.allowed_min_exclusive) low = std::nextafter(low, FLT_MAX);
    const float allowed_min = std::max(low, -FLT_MAX);
    const float allowed_max = std::min(static_cast<float>(feature.allowed_max), FLT_MAX);
    values[4][s] = std::max(static_cast<float>(feature.seen_min), allowed_min);
    values[5][s] = std::min(static_cast<float>(feature.seen_max), allowed_max);
    values[6][s] = allowed_min;
    values[7][s] = allowed_max;
  }

  // The kernels subtract the centre rounded to float32; the rounding error goes into the biases.
  void AddNumericInput(int f, float center) {
    const FittedFeature& fitted = artifact_.features[f];
    Units weights = InputWeights(preprocessor_.numeric_offset(f));
    for (int u = 0; u < units_; ++u) {
      weights[u] /= fitted.scale;
      biases_[u] -= weights[u] * (fitted.center - static_cast<double>(center));
    }
    dense_.push_back(std::move(weights));
  }

  // The limits, like the slot's value, have the rounded centre subtracted.
  void AddRamps(int f, int slot, float center) {
    const FittedFeature& fitted = artifact_.features[f];
    if (fitted.ramps.empty()) return;
    const size_t limits = fitted.ramps.size();
    float* narrowed = owned_->Allocate<float>(static_cast<int64_t>(limits));
    Units level(units_, 0.0);  // at the limit: all ramps below end at ½, and all others begin at −½
    for (size_t r = 1; r < limits; ++r)
      Accumulate(InputWeights(preprocessor_.numeric_offset(f) + static_cast<int>(r)), -0.5, level);
    std::vector<Units> levels = {level}, slopes = {Units(units_, 0.0)};
    for (size_t r = 0; r < limits; ++r) {
      const double t = ApplyTransform(fitted.transform, fitted.ramps[r]);
      narrowed[r] = static_cast<float>(t - static_cast<double>(center));
      levels.push_back(level);
      Units slope(units_, 0.0);
      if (r + 1 < limits) {
        const Units weights = InputWeights(preprocessor_.numeric_offset(f) + static_cast<int>(r) + 1);
        Accumulate(weights, 1.0 / (ApplyTransform(fitted.transform, fitted.ramps[r + 1]) - t), slope);
        Accumulate(weights, 1.0, level);
      }
      slopes.push_back(std::move(slope));
    }
    const int lookup = AddLookupTable(std::move(levels));
    pieces_.push_back({slot, static_cast<int32_t>(dense_.size()) - 1, lookup, static_cast<int32_t>(limits), narrowed,
                       WriteLookup(slopes)});
  }

  int AddLookupTable(std::vector<Units> entries) {
    tables_.push_back(std::move(entries));
    return static_cast<int>(tables_.size()) - 1;
  }

  static void Accumulate(const Units& from, double factor, Units& to) {
    for (size_t u = 0; u < to.size(); ++u) to[u] += factor * from[u];
  }

  void CollectCategories() {
    std::vector<CategoricalInput> inputs;
    for (int f = 0; f < artifact_.schema.size(); ++f) {
      const Feature& feature = artifact_.schema.features[f];
      if (feature.kind != FeatureKind::kCategorical) continue;
      const FittedFeature& fitted = artifact_.features[f];
      const int offset = preprocessor_.offset(f);
      const int size = static_cast<int>(feature.vocabulary.size());
      std::vector<Units> entries;
      for (int code = 0; code <= size; ++code) entries.push_back(InputWeights(offset + code));
      Units missing = entries[static_cast<size_t>(fitted.fill_value)];
      if (fitted.missing_indicator) Accumulate(InputWeights(offset + size + 1), 1.0, missing);
      entries.push_back(std::move(missing));
      inputs.push_back({f, size, AddLookupTable(std::move(entries))});
    }
    owned_->model.categoricals = static_cast<int32_t>(inputs.size());
    owned_->model.categorical = Copy(inputs);
  }

  // A cyclic part with `period` values and so many harmonics, the first at input `input`; the entry after them is for a
  // missing time.
  int AddCycle(int input, int period, int fill, int harmonics = 1) {
    std::vector<Units> entries;
    for (int part = 0; part < period; ++part) {
      Units entry(units_, 0.0);
      for (int h = 0; h < harmonics; ++h) {
        const double angle = 2.0 * std::numbers::pi * part * (h + 1) / period;
        Accumulate(InputWeights(input + 2 * h), static_cast<float>(std::sin(angle)), entry);
        Accumulate(InputWeights(input + 2 * h + 1), static_cast<float>(std::cos(angle)), entry);
      }
      entries.push_back(std::move(entry));
    }
    entries.push_back(entries[fill]);
    return AddLookupTable(std::move(entries));
  }

  // The bounds of ClassifyRawValue, which compares whole hours.
  static void SetUsualTimes(const Feature& feature, TimeInput& input) {
    input.first = Bounded(feature.seen_min);
    input.end = Bounded(static_cast<double>(LatestUsualHour(feature)) + 1.0);
  }

  void CollectTimes() {
    std::vector<TimeInput> inputs;
    for (int f = 0; f < artifact_.schema.size(); ++f) {
      if (artifact_.schema.features[f].kind != FeatureKind::kTime) continue;
      const FittedFeature& fitted = artifact_.features[f];
      const CalendarParts fill = PartsOfHour(static_cast<int64_t>(fitted.fill_value));
      int next = preprocessor_.offset(f);
      TimeInput input{f, -1, -1, -1, -FLT_MAX, FLT_MAX, artifact_.schema.features[f].seen_months};
      SetUsualTimes(artifact_.schema.features[f], input);
      const size_t first_table = tables_.size();
      const int harmonics = fitted.half_year ? 2 : 1;
      if (fitted.month) input.month_lookup = AddCycle(next, 12, fill.month, harmonics), next += 2 * harmonics;
      if (fitted.weekday) input.weekday_lookup = AddCycle(next, 7, fill.weekday), next += 2;
      if (fitted.hour) input.hour_lookup = AddCycle(next, 24, fill.hour), next += 2;
      if (fitted.missing_indicator && tables_.size() > first_table) {
        Accumulate(InputWeights(LastInput(f)), 1.0, tables_[first_table].back());
      } else if (fitted.missing_indicator) {
        indicators_.push_back(f);
      }
      inputs.push_back(input);
    }
    owned_->model.times = static_cast<int32_t>(inputs.size());
    owned_->model.time = Copy(inputs);
  }

  // Where a feature's missing indicator is.
  int LastInput(int f) const {
    const bool last = f + 1 == artifact_.schema.size();
    return (last ? preprocessor_.encoded_size() : preprocessor_.offset(f + 1)) - 1;
  }

  void WriteIndicators() {
    for (const int f : indicators_) dense_.push_back(InputWeights(LastInput(f)));
    owned_->model.indicators = static_cast<int32_t>(indicators_.size());
    owned_->model.indicator_feature = Copy(indicators_);
  }

  Lookup WriteLookup(const std::vector<Units>& entries) {
    const int count = static_cast<int>(entries.size());
    float* by_entry = owned_->Allocate<float>(static_cast<int64_t>(count) * padded_units_);
    Lookup lookup{count, by_entry, nullptr, 0};
    float* by_unit = nullptr;
    if (count <= kMaxUnitTable) {
      lookup.by_unit_stride = count <= 16 ? 16 : count <= 32 ? 32 : 64;
      by_unit = owned_->Allocate<float>(static_cast<int64_t>(units_) * lookup.by_unit_stride);
      lookup.by_unit = by_unit;
    }
    for (int e = 0; e < count; ++e) {
      for (int u = 0; u < units_; ++u) {
        const float value = Narrow(entries[e][u] * Factor(0));
        by_entry[static_cast<int64_t>(e) * padded_units_ + u] = value;
        if (by_unit != nullptr) by_unit[u * lookup.by_unit_stride + e] = value;
      }
    }
    return lookup;
  }

  void WriteLookups() {
    std::vector<Lookup> lookups;
    for (const std::vector<Units>& entries : tables_) lookups.push_back(WriteLookup(entries));
    owned_->model.lookups = static_cast<int32_t>(lookups.size());
    owned_->model.lookup = Copy(lookups);
    owned_->model.pieces = static_cast<int32_t>(pieces_.size());
    owned_->model.piece = Copy(pieces_);
  }

  void WriteFirstLayer() {
    layers_.resize(owned_->model.layers);
    const auto inputs = static_cast<int32_t>(dense_.size());
    float* weights = owned_->Allocate<float>(static_cast<int64_t>(inputs) * padded_units_);
    float* biases = owned_->Allocate<float>(padded_units_);
    for (int i = 0; i < inputs; ++i) {
      for (int u = 0; u < units_; ++u) {
        weights[static_cast<int64_t>(i) * padded_units_ + u] = Narrow(dense_[i][u] * Factor(0));
      }
    }
    for (int u = 0; u < units_; ++u) biases[u] = Narrow(Offset(0) + Factor(0) * biases_[u]);
    layers_[0] = {inputs, units_, padded_units_, weights, biases, first_.activation, 1};
  }

  void WriteOtherLayers() {
    int64_t max_units = padded_units_;
    for (int l = 1; l < owned_->model.layers; ++l) {
      const DenseLayer& layer = artifact_.mlp.layers[l];
      const int blocks = layer.blocks, inputs = layer.inputs() / blocks, outputs = layer.outputs() / blocks;
      const bool last = l + 1 == owned_->model.layers;
      const int64_t stride = last ? 1 : Padded(outputs);
      float* weights = owned_->Allocate<float>(last ? Padded(inputs) : blocks * inputs * stride);
      float* biases = owned_->Allocate<float>(blocks * Padded(outputs));
      for (int unit = 0; unit < layer.outputs(); ++unit) {
        const int block = unit / outputs, u = unit % outputs;
        float* of_block = weights + static_cast<int64_t>(block) * inputs * stride;
        for (int i = 0; i < inputs; ++i) of_block[i * stride + u] = Narrow(layer.weights(unit, i) * Factor(l));
        biases[block * Padded(outputs) + u] = Narrow(Offset(l) + Factor(l) * layer.biases[unit]);
      }
      layers_[l] = {inputs, outputs, static_cast<int32_t>(Padded(outputs)), weights, biases, layer.activation, blocks};
      // A row's last block is written with its padding.
      max_units = std::max(max_units, Padded((blocks - 1) * outputs + Padded(outputs)));
    }
    owned_->model.layer = Copy(layers_);
    owned_->model.max_units = static_cast<int32_t>(max_units);
  }

  void WriteTarget() {
    CompiledModel& model = owned_->model;
    model.inverse = InverseOf(artifact_.target);
    model.smear_cosh = static_cast<float>(artifact_.target.smear_cosh);
    model.smear_sinh = static_cast<float>(artifact_.target.smear_sinh);
    model.smear_exp = static_cast<float>(artifact_.target.smear_exp);
    model.mean_slope = static_cast<float>(artifact_.target.mean_slope);
    model.mean_rise = static_cast<float>(0.5 * (artifact_.target.smear_cosh + artifact_.target.smear_sinh));
    model.mean_fall = static_cast<float>(0.5 * (artifact_.target.smear_cosh - artifact_.target.smear_sinh));
    model.roi_floor = static_cast<float>(artifact_.target.roi_floor);
  }

  // One more last layer of several.
  Layer WriteHead(const DenseLayer& head) {
    const auto inputs = static_cast<int>(head.weights.cols());
    float* weights = owned_->Allocate<float>(Padded(inputs));
    float* biases = owned_->Allocate<float>(kPad);
    std::copy(head.weights.data(), head.weights.data() + inputs, weights);
    biases[0] = head.biases[0];
    return {inputs, 1, kPad, weights, biases, Activation::kIdentity, 1};
  }

  void WriteLogScale() {
    CompiledModel& model = owned_->model;
    model.deviation = Narrow(artifact_.target.factor);
    if (!artifact_.calibration.has_value() || !artifact_.calibration->log_scale.has_value()) return;
    model.log_scale = WriteHead(*artifact_.calibration->log_scale);
  }

  void WriteGate() {
    owned_->model.rest = static_cast<float>(artifact_.target.rest);
    if (artifact_.gate.has_value()) owned_->model.gate = WriteHead(*artifact_.gate);
  }

  // For the layout of Scratch in routes.h.
  int32_t ScratchFloats() const {
    const CompiledModel& model = owned_->model;
    const int64_t block = model.features + layers_[0].inputs + model.pieces + 2 * model.max_units + model.lookups;
    const int64_t even_features = (model.features + 1) / 2 * 2;
    return static_cast<int32_t>(block * kBlockRows + model.numeric.padded + kPad + even_features * kPad +
                                2 * even_features);
  }

  template <typename T>
  const T* Copy(const std::vector<T>& values) {
    T* copy = owned_->Allocate<T>(static_cast<int64_t>(values.size()));
    std::copy(values.begin(), values.end(), copy);
    return copy;
  }

  const Artifact& artifact_;
  const Preprocessor& preprocessor_;
  const DenseLayer& first_;
  std::unique_ptr<OwnedModel> owned_ = std::make_unique<OwnedModel>();
  int units_ = 0, padded_units_ = 0;
  bool finite_ = true;
  Units biases_;
  std::vector<Units> dense_;  // per dense input
  std::vector<int32_t> indicators_;
  std::vector<Pieces> pieces_;
  std::vector<std::vector<Units>> tables_;
  std::vector<Layer> layers_;
};

}  // namespace

void OwnedModel::Free::operator()(void* memory) const { ::operator delete(memory, kAlignment); }

void* OwnedModel::AllocateBytes(int64_t size) {
  const int64_t rounded = std::max<int64_t>((size + 63) / 64 * 64, 64);
  void* memory = ::operator new(static_cast<size_t>(rounded), kAlignment);
  std::memset(memory, 0, static_cast<size_t>(rounded));
  memory_.emplace_back(memory);
  bytes += rounded;
  return memory;
}

absl::StatusOr<std::unique_ptr<const OwnedModel>> CompileModel(const Artifact& artifact) {
  ROICAST_ASSIGN_OR_RETURN(const Preprocessor preprocessor, Preprocessor::Create(artifact.schema, artifact.features));
  ROICAST_RETURN_IF_ERROR(artifact.mlp.Validate());
  ROICAST_RETURN_IF_ERROR(artifact.target.Validate());
  if (artifact.mlp.inputs() != preprocessor.encoded_size()) {
    return absl::InvalidArgumentError(absl::StrCat("network: expected ", preprocessor.encoded_size(),
                                                   " inputs, as encoded from the features, got ",
                                                   artifact.mlp.inputs()));
  }
  if (artifact.calibration.has_value()) {
    const size_t layers = artifact.mlp.layers.size();
    ROICAST_RETURN_IF_ERROR(artifact.calibration->Validate(
        layers > 1 ? artifact.mlp.layers[layers - 2].weights.rows() : 0, artifact.target.kind));
  }
  ROICAST_RETURN_IF_ERROR(artifact.ValidateGate());
  return ModelCompiler(artifact, preprocessor).Compile();
}

}  // namespace roicast::predictor
