#include "server/protobuf/parsed_size.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "google/protobuf/descriptor.h"

namespace roicast {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Of the allocator, and the pointer in an array that doubles.
constexpr uint64_t kPerObject = 32;
constexpr uint64_t kPerString = 32 + kPerObject;
// Messages of messages beyond this count as if each pair of bytes were an object.
constexpr int kMaxDepth = 16;
constexpr uint64_t kBytesOfDeepByte = 256;

// What is known of a type.
struct Shape {
  struct Field {
    enum class Kind { kUnknown, kNumber, kString, kMessage };
    Kind kind = Kind::kUnknown;
    // Of a packed array: memory for each byte on the wire.
    uint64_t packed_factor = 0;
    const Shape* message = nullptr;
  };
  uint64_t object_bytes = 0;
  // Of all its strings and messages that do not repeat, if they are there.
  uint64_t parts_bytes = 0;
  // Nothing in it repeats, and so its fields need not be looked at (FlatBytes).
  bool flat = true;
  // A type that contains itself meets itself like this.
  bool complete = false;
  // By number.
  std::vector<Field> fields;
};

// A number of one byte on the wire may take eight in memory, in an array that doubles.
uint64_t PackedFactor(const FieldDescriptor& field) {
  switch (field.type()) {
    case FieldDescriptor::TYPE_INT64:
    case FieldDescriptor::TYPE_UINT64:
    case FieldDescriptor::TYPE_SINT64:
      return 16;
    case FieldDescriptor::TYPE_INT32:
    case FieldDescriptor::TYPE_UINT32:
    case FieldDescriptor::TYPE_SINT32:
    case FieldDescriptor::TYPE_ENUM:
      return 8;
    default:  // Those of fixed size, and bool.
      return 1;
  }
}

// Made once for each type, and kept.
class Shapes {
 public:
  const Shape* Of(const Message& prototype) {
    absl::MutexLock lock(&mutex_);
    return Make(prototype);
  }

 private:
  const Shape* Make(const Message& prototype) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    std::unique_ptr<Shape>& known = shapes_[prototype.GetDescriptor()];
    if (known != nullptr) return known.get();
    known = std::make_unique<Shape>();
    Shape* const shape = known.get();  // `known` moves as others are added.
    shape->object_bytes = prototype.SpaceUsedLong() + kPerObject;
    const Descriptor& type = *prototype.GetDescriptor();
    for (int i = 0; i < type.field_count(); ++i) Add(*type.field(i), prototype, *shape);
    shape->complete = true;
    return shape;
  }

  void Add(const FieldDescriptor& field, const Message& prototype, Shape& shape) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    constexpr size_t kMaxNumber = 1000;
    const auto number = static_cast<size_t>(field.number());
    if (number > kMaxNumber) return;
    if (shape.fields.size() <= number) shape.fields.resize(number + 1);
    Shape::Field made;
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
        made.kind = Shape::Field::Kind::kString;
        if (!field.is_repeated()) shape.parts_bytes += kPerString;
        break;
      case FieldDescriptor::CPPTYPE_MESSAGE: {
        made.kind = Shape::Field::Kind::kMessage;
        const Message& inner = *prototype.GetReflection()->GetMessageFactory()->GetPrototype(field.message_type());
        made.message = Make(inner);
        if (!made.message->flat || !made.message->complete) shape.flat = false;
        if (!field.is_repeated()) shape.parts_bytes += made.message->object_bytes + made.message->parts_bytes;
        break;
      }
      default:
        made.kind = Shape::Field::Kind::kNumber;
        made.packed_factor = PackedFactor(field);
        break;
    }
    if (field.is_repeated()) shape.flat = false;
    shape.fields[number] = made;
  }

  absl::Mutex mutex_;
  absl::flat_hash_map<const Descriptor*, std::unique_ptr<Shape>> shapes_ ABSL_GUARDED_BY(mutex_);
};

bool ReadVarint(absl::string_view* wire, uint64_t* value) {
  *value = 0;
  for (size_t i = 0; i < wire->size() && i < 10; ++i) {
    const auto byte = static_cast<uint8_t>((*wire)[i]);
    *value |= static_cast<uint64_t>(byte & 0x7f) << (7 * i);
    if (byte < 0x80) {
      wire->remove_prefix(i + 1);
      return true;
    }
  }
  return false;
}

// What a message of so many bytes on the wire takes, if nothing in it repeats. A part that is there has two bytes at
// least.
uint64_t FlatBytes(const Shape& shape, uint64_t size) {
  return shape.object_bytes + std::min(shape.parts_bytes, kBytesOfDeepByte / 2 * size) + 2 * size;
}

// What the fields in `wire` take, without the object that they are in.
uint64_t FieldBytes(const Shape& shape, absl::string_view wire, int depth) {
  if (depth > kMaxDepth) return wire.size() * kBytesOfDeepByte;
  uint64_t total = 0;
  uint64_t tag = 0;
  while (!wire.empty() && ReadVarint(&wire, &tag)) {
    const uint64_t number = tag >> 3;
    const Shape::Field field = number < shape.fields.size() ? shape.fields[number] : Shape::Field();
    uint64_t size = 0;
    switch (tag & 7) {
      case 0:
        if (!ReadVarint(&wire, &size)) return total;
        total += 16;  // In an array that doubles.
        continue;
      case 1:
      case 5:
        size = (tag & 7) == 1 ? 8 : 4;
        if (wire.size() < size) return total;
        wire.remove_prefix(size);
        total += 2 * size;
        continue;
      case 2:
        break;
      default:  // Groups, which our messages do not have.
        return total + 2 * wire.size();
    }
    if (!ReadVarint(&wire, &size) || size > wire.size()) return total;
    const absl::string_view inner = wire.substr(0, size);
    wire.remove_prefix(size);
    switch (field.kind) {
      case Shape::Field::Kind::kMessage:
        total += field.message->flat ? FlatBytes(*field.message, size)
                                     : field.message->object_bytes + FieldBytes(*field.message, inner, depth + 1);
        break;
      case Shape::Field::Kind::kNumber:
        total += size * field.packed_factor;
        break;
      case Shape::Field::Kind::kString:
        total += kPerString + size;
        break;
      case Shape::Field::Kind::kUnknown:
        total += 2 * size;
        break;
    }
  }
  return total;
}

}  // namespace

uint64_t ParsedBytes(const Message& prototype, absl::string_view wire) {
  static Shapes& shapes = *new Shapes();
  const Shape& shape = *shapes.Of(prototype);
  return shape.flat ? FlatBytes(shape, wire.size()) : shape.object_bytes + FieldBytes(shape, wire, 0);
}

}  // namespace roicast
