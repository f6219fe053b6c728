#include "model/network/checkpoint.h"

#include <cstring>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"

namespace roicast {
namespace {

// Layout: magic, fields in the order of Checkpoint, hash of all bytes before it. Vectors: length,
// then values. Little-endian, as memory is on the machines that this runs on; a checkpoint is read where it was
// written.
constexpr char kMagic[8] = {'R', 'O', 'I', 'T', 'R', 'N', '0', '3'};

// Eight bytes at a time: checkpoints and training data are large.
uint64_t HashWord(uint64_t hash, uint64_t word) { return (hash ^ word) * 0x100000001b3ULL; }

class Writer {
 public:
  template <typename T>
  void Put(const T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof(T));
  }
  template <typename T>
  void PutAll(const std::vector<T>& values) {
    Put(static_cast<uint64_t>(values.size()));
    bytes_.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
  }
  std::string Finish() && {
    Put(HashBytes(kHashStart, bytes_.data(), bytes_.size()));
    return std::move(bytes_);
  }

 private:
  std::string bytes_;
};

class Reader {
 public:
  explicit Reader(absl::string_view bytes) : left_(bytes) {}

  template <typename T>
  bool Get(T& value) {
    if (left_.size() < sizeof(T)) return false;
    std::memcpy(&value, left_.data(), sizeof(T));
    left_.remove_prefix(sizeof(T));
    return true;
  }
  template <typename T>
  bool GetAll(std::vector<T>& values) {
    uint64_t count = 0;
    if (!Get(count) || count > left_.size() / sizeof(T)) return false;
    values.resize(count);
    if (count > 0) std::memcpy(values.data(), left_.data(), count * sizeof(T));
    left_.remove_prefix(count * sizeof(T));
    return true;
  }
  bool empty() const { return left_.empty(); }

 private:
  absl::string_view left_;
};

}  // namespace

uint64_t HashBytes(uint64_t hash, const void* bytes, size_t size) {
  const char* from = static_cast<const char*>(bytes);
  for (; size >= sizeof(uint64_t); size -= sizeof(uint64_t), from += sizeof(uint64_t)) {
    uint64_t word;
    std::memcpy(&word, from, sizeof(word));
    hash = HashWord(hash, word);
    hash ^= hash >> 32;
  }
  for (; size > 0; --size, ++from) hash = HashWord(hash, static_cast<unsigned char>(*from));
  return hash;
}

std::string SerializeCheckpoint(const Checkpoint& checkpoint) {
  Writer writer;
  writer.Put(kMagic);
  writer.Put(static_cast<uint64_t>(checkpoint.completed.size()));
  for (const CompletedFit& fit : checkpoint.completed) {
    writer.Put(fit.fingerprint);
    writer.PutAll(fit.parameters);
    writer.Put(fit.best_epoch);
    writer.Put(fit.epochs_run);
    writer.PutAll(fit.stop_reason);
    writer.PutAll(fit.history);
  }
  writer.Put(checkpoint.fingerprint);
  writer.Put(checkpoint.epoch);
  writer.Put(checkpoint.steps_of_next);
  writer.Put(checkpoint.loss_of_next);
  writer.Put(checkpoint.best_epoch);
  writer.Put(checkpoint.best_loss);
  writer.Put(checkpoint.steps);
  writer.Put(checkpoint.random);
  writer.Put(checkpoint.dropout);
  writer.PutAll(checkpoint.parameters);
  writer.PutAll(checkpoint.best_parameters);
  writer.PutAll(checkpoint.first_moment);
  writer.PutAll(checkpoint.second_moment);
  writer.PutAll(checkpoint.history);
  return std::move(writer).Finish();
}

absl::StatusOr<Checkpoint> ParseCheckpoint(absl::string_view bytes) {
  const absl::Status torn = absl::DataLossError("checkpoint: torn or damaged");
  if (bytes.size() < sizeof(kMagic) + 2 * sizeof(uint64_t)) return torn;
  if (std::memcmp(bytes.data(), kMagic, sizeof(kMagic)) != 0) {
    return absl::InvalidArgumentError("checkpoint: not a checkpoint of this release");
  }
  const size_t body = bytes.size() - sizeof(uint64_t);
  uint64_t hash = 0;
  std::memcpy(&hash, bytes.data() + body, sizeof(hash));
  if (hash != HashBytes(kHashStart, bytes.data(), body)) return torn;

  Reader reader(bytes.substr(sizeof(kMagic), body - sizeof(kMagic)));
  Checkpoint checkpoint;
  uint64_t fits = 0;
  if (!reader.Get(fits)) return torn;
  for (uint64_t i = 0; i < fits; ++i) {
    CompletedFit fit;
    if (!reader.Get(fit.fingerprint) || !reader.GetAll(fit.parameters) || !reader.Get(fit.best_epoch) ||
        !reader.Get(fit.epochs_run) || !reader.GetAll(fit.stop_reason) || !reader.GetAll(fit.history)) {
      return torn;
    }
    checkpoint.completed.push_back(std::move(fit));
  }
  const bool complete = reader.Get(checkpoint.fingerprint) && reader.Get(checkpoint.epoch) &&
                        reader.Get(checkpoint.steps_of_next) && reader.Get(checkpoint.loss_of_next) &&
                        reader.Get(checkpoint.best_epoch) && reader.Get(checkpoint.best_loss) &&
                        reader.Get(checkpoint.steps) && reader.Get(checkpoint.random) &&
                        reader.Get(checkpoint.dropout) && reader.GetAll(checkpoint.parameters) &&
                        reader.GetAll(checkpoint.best_parameters) && reader.GetAll(checkpoint.first_moment) &&
                        reader.GetAll(checkpoint.second_moment) && reader.GetAll(checkpoint.history) && reader.empty();
  if (!complete) return torn;
  return checkpoint;
}

}  // namespace roicast
