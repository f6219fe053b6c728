// Dense layers: a block of rows with vectors across rows, and one row with vectors across units. Both add a unit's
// terms in the same order (bias, lookups, inputs), so that they give the same bits.

constexpr int kTileRows = W == 16 ? 4 : 2;   // vectors of rows per register tile
constexpr int kMaxTable = W == 8 ? 32 : 64;  // larger tables are gathered: with AVX2, picking takes 8 permutations

// acc[u][r] += table of unit u at the rows' codes; with a factor, times that.
template <bool scaled>
inline F AddPicked(F sum, F picked, F factor) {
  if constexpr (scaled) return Fma(factor, picked, sum);
  return sum + picked;
}

template <int U, int R, bool scaled = false>
inline void AddLookup(const Lookup& lookup, int outputs_padded, const int32_t* codes, int unit, F (&acc)[U][R],
                      const float* factors = nullptr) {
  I code[R];
  F factor[R];
#pragma GCC unroll 8
  for (int r = 0; r < R; ++r) {
    code[r] = LoadI(codes + r * W);
    factor[r] = scaled ? Load(factors + r * W) : Set1(0.0f);
  }
  const int stride = lookup.by_unit_stride;
  if (lookup.by_unit != nullptr && stride <= kMaxTable) {
    const float* table = lookup.by_unit + static_cast<int64_t>(unit) * stride;
#pragma GCC unroll 8
    for (int u = 0; u < U; ++u, table += stride) {
      if (stride == 16) {
#pragma GCC unroll 8
        for (int r = 0; r < R; ++r) acc[u][r] = AddPicked<scaled>(acc[u][r], Pick16(table, code[r]), factor[r]);
      } else if (stride == 32) {
#pragma GCC unroll 8
        for (int r = 0; r < R; ++r) acc[u][r] = AddPicked<scaled>(acc[u][r], Pick32(table, code[r]), factor[r]);
      } else {
#pragma GCC unroll 8
        for (int r = 0; r < R; ++r) acc[u][r] = AddPicked<scaled>(acc[u][r], Pick64(table, code[r]), factor[r]);
      }
    }
    return;
  }
#pragma GCC unroll 8
  for (int r = 0; r < R; ++r) code[r] = code[r] * outputs_padded;
#pragma GCC unroll 8
  for (int u = 0; u < U; ++u) {
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r) {
      acc[u][r] = AddPicked<scaled>(acc[u][r], Gather(lookup.by_entry + unit + u, code[r]), factor[r]);
    }
  }
}

// Units [unit, unit + U) for R vectors of rows. in, out: [·][kBlockRows], already moved to the first of these rows.
template <int U, int R>
inline void Tile(const CompiledModel& model, const Layer& layer, bool first, const float* in, const int32_t* codes,
                 int unit, float* out) {
  F acc[U][R];
#pragma GCC unroll 8
  for (int u = 0; u < U; ++u) {
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r) acc[u][r] = Set1(layer.biases[unit + u]);
  }
  if (first) {
    for (int l = 0; l < model.lookups; ++l) {
      AddLookup<U, R>(model.lookup[l], layer.outputs_padded, codes + l * kBlockRows, unit, acc);
    }
    const float* beyond = in + static_cast<int64_t>(layer.inputs) * kBlockRows;
    for (int i = 0; i < model.pieces; ++i, beyond += kBlockRows) {
      const Pieces& pieces = model.piece[i];
      AddLookup<U, R, true>(pieces.slope, layer.outputs_padded, codes + pieces.lookup * kBlockRows, unit, acc, beyond);
    }
  }
  const float* weights = layer.weights + unit;
  for (int i = 0; i < layer.inputs; ++i, weights += layer.outputs_padded, in += kBlockRows) {
    F x[R];
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r) x[r] = Load(in + r * W);
#pragma GCC unroll 8
    for (int u = 0; u < U; ++u) {
      const F w = Set1(weights[u]);
#pragma GCC unroll 8
      for (int r = 0; r < R; ++r) acc[u][r] = Fma(x[r], w, acc[u][r]);
    }
  }
  out += static_cast<int64_t>(unit) * kBlockRows;
#pragma GCC unroll 8
  for (int u = 0; u < U; ++u) {
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r) Store(out + u * kBlockRows + r * W, acc[u][r]);
  }
}

constexpr int kTileUnits = 6;

template <int R>
inline void TileOfUnits(int units, const CompiledModel& model, const Layer& layer, bool first, const float* in,
                        const int32_t* codes, int unit, float* out) {
  switch (units) {
    case 1:
      return Tile<1, R>(model, layer, first, in, codes, unit, out);
    case 2:
      return Tile<2, R>(model, layer, first, in, codes, unit, out);
    case 3:
      return Tile<3, R>(model, layer, first, in, codes, unit, out);
    case 4:
      return Tile<4, R>(model, layer, first, in, codes, unit, out);
    case 5:
      return Tile<5, R>(model, layer, first, in, codes, unit, out);
    default:
      return Tile<kTileUnits, R>(model, layer, first, in, codes, unit, out);
  }
}

template <int R>
inline void LayerOfRows(const CompiledModel& model, const Layer& layer, bool first, const float* in,
                        const int32_t* codes, float* out) {
  // Tiles of nearly equal size: 32 units are 6 + 6 + 5 + 5 + 5 + 5.
  const int tiles = (layer.outputs + kTileUnits - 1) / kTileUnits;
  int unit = 0;
  for (int t = 0; t < tiles; ++t) {
    const int units = (layer.outputs - unit + tiles - t - 1) / (tiles - t);
    TileOfUnits<R>(units, model, layer, first, in, codes, unit, out);
    unit += units;
  }
}

// h = f(x W + b) for a block of rows. The layer has one block.
inline void WholeLayerOfBlock(const CompiledModel& model, const Layer& layer, bool first, const float* in,
                              const int32_t* codes, int vectors, float* out) {
  int v = 0;
  for (; v + kTileRows <= vectors; v += kTileRows) {
    LayerOfRows<kTileRows>(model, layer, first, in + v * W, codes + v * W, out + v * W);
  }
  for (; v < vectors; ++v) LayerOfRows<1>(model, layer, first, in + v * W, codes + v * W, out + v * W);
  if (layer.activation == Activation::kIdentity) return;
  for (int u = 0; u < layer.outputs; ++u) {
    float* row = out + static_cast<int64_t>(u) * kBlockRows;
    for (int r = 0; r < vectors; ++r) Store(row + r * W, Activate(layer.activation, Load(row + r * W)));
  }
}

inline Layer BlockOfLayer(const Layer& layer, int block) {
  Layer part = layer;
  part.weights += static_cast<int64_t>(block) * layer.inputs * layer.outputs_padded;
  part.biases += static_cast<int64_t>(block) * layer.outputs_padded;
  return part;
}

inline void LayerOfBlock(const CompiledModel& model, const Layer& layer, bool first, const float* in,
                         const int32_t* codes, int vectors, float* out) {
  if (layer.blocks == 1) return WholeLayerOfBlock(model, layer, first, in, codes, vectors, out);
  for (int block = 0; block < layer.blocks; ++block) {
    WholeLayerOfBlock(model, BlockOfLayer(layer, block), false,
                      in + static_cast<int64_t>(block) * layer.inputs * kBlockRows, codes, vectors,
                      out + static_cast<int64_t>(block) * layer.outputs * kBlockRows);
  }
}

// The last of several layers, one output: four partial sums, input i in sum i mod 4.
inline F OutputOfVector(const Layer& layer, const float* in) {
  F sum[4] = {Set1(0.0f), Set1(0.0f), Set1(0.0f), Set1(0.0f)};
  for (int i = 0; i < layer.inputs; i += 4) {
#pragma GCC unroll 4
    for (int k = 0; k < 4; ++k) {
      const F h = i + k < layer.inputs ? Load(in + static_cast<int64_t>(i + k) * kBlockRows) : Set1(0.0f);
      sum[k] = Fma(h, Set1(layer.weights[i + k]), sum[k]);
    }
  }
  return ((sum[0] + sum[1]) + (sum[2] + sum[3])) + Set1(layer.biases[0]);
}

// The same for one row. in: padded to 4 with zeros.
inline float OutputOfRow(const Layer& layer, const float* in) {
  Float<4> sum{};
  for (int i = 0; i < layer.inputs; i += 4) sum = Fma(simd::Load<4>(in + i), simd::Load<4>(layer.weights + i), sum);
  return ((sum[0] + sum[1]) + (sum[2] + sum[3])) + layer.biases[0];
}

// One row's inputs: the values of numeric slots, the indicators, how far it is into its pieces, and a code per lookup.
struct RowInputs {
  const float* slots;
  const float* indicators;
  const float* beyond;
  const int32_t* codes;
};

template <int V>
inline void AddInputs(const float* x, int n, const float*& weights, int stride, F (&acc)[V]) {
  for (int i = 0; i < n; ++i, weights += stride) {
    const F value = Set1(x[i]);
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) acc[v] = Fma(value, Load(weights + v * W), acc[v]);
  }
}

template <int V>
inline void FirstLayerUnits(const CompiledModel& model, const RowInputs& inputs, int unit, float* out) {
  const Layer& layer = model.layer[0];
  const int stride = layer.outputs_padded;
  F acc[V];
#pragma GCC unroll 8
  for (int v = 0; v < V; ++v) acc[v] = Load(layer.biases + unit + v * W);
  for (int l = 0; l < model.lookups; ++l) {
    const float* entry = model.lookup[l].by_entry + static_cast<int64_t>(inputs.codes[l]) * stride + unit;
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) acc[v] += Load(entry + v * W);
  }
  for (int i = 0; i < model.pieces; ++i) {
    const Pieces& pieces = model.piece[i];
    const F beyond = Set1(inputs.beyond[i]);
    const float* slope = pieces.slope.by_entry + static_cast<int64_t>(inputs.codes[pieces.lookup]) * stride + unit;
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) acc[v] = Fma(beyond, Load(slope + v * W), acc[v]);
  }
  const float* weights = layer.weights + unit;
  for (int group = 0; group < 3; ++group) {
    AddInputs<V>(inputs.slots + model.numeric.start[group], model.numeric.count[group], weights, stride, acc);
  }
  AddInputs<V>(inputs.indicators, model.indicators, weights, stride, acc);
#pragma GCC unroll 8
  for (int v = 0; v < V; ++v) Store(out + unit + v * W, Activate(layer.activation, acc[v]));
}

template <int V>
inline void LayerUnits(const Layer& layer, const float* in, int unit, float* out) {
  F acc[V];
#pragma GCC unroll 8
  for (int v = 0; v < V; ++v) acc[v] = Load(layer.biases + unit + v * W);
  const float* weights = layer.weights + unit;
  AddInputs<V>(in, layer.inputs, weights, layer.outputs_padded, acc);
#pragma GCC unroll 8
  for (int v = 0; v < V; ++v) Store(out + unit + v * W, Activate(layer.activation, acc[v]));
}

inline void FirstLayerOfRow(const CompiledModel& model, const RowInputs& inputs, float* out) {
  const int units = model.layer[0].outputs_padded;
  int unit = 0;
  for (; unit + 4 * W <= units; unit += 4 * W) FirstLayerUnits<4>(model, inputs, unit, out);
  for (; unit + 2 * W <= units; unit += 2 * W) FirstLayerUnits<2>(model, inputs, unit, out);
  for (; unit < units; unit += W) FirstLayerUnits<1>(model, inputs, unit, out);
}

inline void WholeLayerOfRow(const Layer& layer, const float* in, float* out) {
  const int units = layer.outputs_padded;
  int unit = 0;
  for (; unit + 4 * W <= units; unit += 4 * W) LayerUnits<4>(layer, in, unit, out);
  for (; unit + 2 * W <= units; unit += 2 * W) LayerUnits<2>(layer, in, unit, out);
  for (; unit < units; unit += W) LayerUnits<1>(layer, in, unit, out);
}

// Each block writes its padding, which the next one overwrites.
inline void LayerOfRow(const Layer& layer, const float* in, float* out) {
  if (layer.blocks == 1) return WholeLayerOfRow(layer, in, out);
  for (int block = 0; block < layer.blocks; ++block) {
    WholeLayerOfRow(BlockOfLayer(layer, block), in + static_cast<int64_t>(block) * layer.inputs,
                    out + static_cast<int64_t>(block) * layer.outputs);
  }
}
