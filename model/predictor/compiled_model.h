// The model as the kernels see it: plain arrays, all padded and aligned to 64 bytes. Included by sources that are
// compiled for other instruction sets, so it must not include headers with inline functions.
#pragma once

#include <stdint.h>

#include "model/network/activation.h"
#include "model/predictor/column_view.h"
#include "model/predictor/interval_rows.h"

namespace roicast::predictor {

inline constexpr int kBlockRows = 64;  // rows that the kernels work on at once
inline constexpr int kPad = 16;        // units and slots are padded to a multiple of this

enum class VectorFunction { kLog1p, kAsinh, kExp, kExpm1, kTanh, kSinh };
enum class Inverse : int32_t { kNone, kAsinh, kLog1p, kLogistic };

// The contribution of a categorical or time input to the first layer: one entry per code.
struct Lookup {
  int32_t entries;
  // [entries][outputs_padded]: for one row at a time.
  const float* by_entry;
  // [outputs][by_unit_stride] if entries ≤ 64 (stride 16, 32 or 64); else null.
  const float* by_unit;
  int32_t by_unit_stride;
};

// Codes: 0 … size−1, size = other, size+1 = missing.
struct CategoricalInput {
  int32_t feature;
  int32_t size;
  int32_t lookup;
};

// Codes: month 0–11 and 12 = missing; weekday 0–6 and 7; hour 0–23 and 24. A lookup of −1 is not used.
struct TimeInput {
  int32_t feature;
  int32_t month_lookup, weekday_lookup, hour_lookup;
  // Times of first ≤ x < end in these months have no warning: bit 0 is January.
  float first, end;
  int32_t months;
};

// In blocks: inputs, outputs and outputs_padded are those of one block, and the arrays have one block after the other.
struct Layer {
  int32_t inputs, outputs, outputs_padded;
  const float* weights;  // [inputs][outputs_padded]; of the last of several layers [inputs padded to 4]
  const float* biases;   // [outputs_padded]
  Activation activation;
  int32_t blocks;
};

// What the ramps of a numeric input t contribute to the first layer: piecewise linear in t. The lookup's entry c is the
// contribution at limits[c − 1] (0: below all of them), and `slope` that of t − limits[c − 1].
struct Pieces {
  int32_t slot;   // of t, with padding
  int32_t input;  // the same without padding
  int32_t lookup;
  int32_t count;        // of limits
  const float* limits;  // ascending
  Lookup slope;
};

// Numeric slots come in three groups, each starting at a multiple of kPad: plain, log1p, asinh.
struct NumericSlots {
  int32_t count[3];
  int32_t start[3];
  int32_t padded;          // slots with padding
  const int32_t* feature;  // [padded]; 0 in the padding
  const float* fill;       // [padded], like the rest
  const float* clip_min;
  const float* clip_max;
  const float* center;
  const float* usual_min;  // inside: no warning
  const float* usual_max;
  const float* allowed_min;  // outside: rejected
  const float* allowed_max;
};

struct CompiledModel {
  int32_t features;
  NumericSlots numeric;
  // Features with a missing indicator; these inputs follow the numeric ones.
  int32_t indicators;
  const int32_t* indicator_feature;
  int32_t pieces;
  const Pieces* piece;
  int32_t categoricals;
  const CategoricalInput* categorical;
  int32_t times;
  const TimeInput* time;
  int32_t lookups;
  const Lookup* lookup;
  // Inputs of layers[0]: numeric slots without padding, then indicators. The target's standardisation is
  // folded into the last layer.
  int32_t layers;
  const Layer* layer;
  int32_t max_units;  // padded
  Inverse inverse;
  float smear_cosh, smear_sinh, smear_exp, mean_slope;
  float mean_rise, mean_fall;  // (smear_cosh ± smear_sinh) / 2
  float roi_floor;  // −∞: none
  // ln of the scale of a row's error, from the units of the last hidden layer; no weights: 0.
  Layer log_scale;
  float deviation;  // standard deviation of the transformed target
  // Zero-heavy: the log odds of another value than `rest`, from the units of the last hidden layer, as the last layer
  // of several; no weights: none.
  Layer gate;
  float rest;
  int32_t scratch_floats;
};

// What intervals are made of, for as many rows as predictions: see Predictor::PredictWithSpread.
struct SpreadArrays {
  float* location;
  float* log_scale;
  float* share;  // null without a gate
};

// Ascending values to search in, with +∞ behind those that there are, followed by the last one of each 32.
inline constexpr int kSearchValues = 1024;
inline constexpr int kSearchPivots = 32;
inline constexpr int kSearchTable = kSearchValues + kSearchPivots;

// The kernels of one instruction set. scratch: [model.scratch_floats], aligned to 64 bytes, not shared between threads.
// flags may be null.
struct Kernels {
  const char* name;
  float (*predict_row)(const CompiledModel& model, const float* row, uint8_t* flag, float* scratch);
  void (*predict_rows)(const CompiledModel& model, const float* rows, int64_t n, float* roi, uint8_t* flags,
                       float* scratch);
  void (*predict_columns)(const CompiledModel& model, const ColumnView* columns, int64_t n, float* roi, uint8_t* flags,
                          float* scratch);
  // The same predictions with their spread.
  void (*spread_rows)(const CompiledModel& model, const float* rows, int64_t n, float* roi, uint8_t* flags,
                      SpreadArrays spread, float* scratch);
  void (*spread_columns)(const CompiledModel& model, const ColumnView* columns, int64_t n, float* roi, uint8_t* flags,
                         SpreadArrays spread, float* scratch);
  void (*intervals)(const CompiledModel& model, const IntervalRows& rows);
  // For each of n values how many of its table are at most as large; NaN: all. tables: each of kSearchTable values,
  // aligned to 64 bytes; table [n]: the value's.
  void (*count_at_most)(const float* tables, const int32_t* table, const float* values, int64_t n, int32_t* at_most);
  // The same in a + weight · (b − a), where a is the value's table and b the one behind it. weight [n].
  void (*count_between)(const float* tables, const int32_t* table, const float* weight, const float* values, int64_t n,
                        int32_t* at_most);
  // For tests of the vector mathematics; n a multiple of 16.
  void (*evaluate)(VectorFunction function, const float* x, int64_t n, float* y);
  // For tests of the calendar: codes of hours, NaN = missing; n a multiple of 16.
  void (*calendar)(const float* hours, int64_t n, int32_t* month, int32_t* weekday, int32_t* hour);
};

extern const Kernels kSse2Kernels;
extern const Kernels kAvx2Kernels;
extern const Kernels kAvx512Kernels;

}  // namespace roicast::predictor
