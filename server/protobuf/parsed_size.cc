#include "server/protobuf/parsed_size.h"

#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/wire_format.h"

namespace roicast {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::internal::WireFormat;

// Of the allocator, and the pointer in an array that doubles.
constexpr uint64_t kPerObject = 32;
constexpr uint64_t kPerString = 32 + kPerObject;
// A field that the type does not have is kept, too: as 16 bytes of an array that doubles, of which both are there while
// one is copied to the other. Groups are sets of such fields.
constexpr uint64_t kPerUnknown = 48;
constexpr uint64_t kPerUnknownSet = 64 + kPerObject;
// Messages of messages beyond this count as if each pair of bytes were an object.
constexpr int kMaxDepth = 16;
constexpr uint64_t kBytesOfDeepByte = 256;
// The library refuses groups in more groups.
constexpr uint64_t kMaxGroups = 100;

enum WireType : uint64_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kGroup = 3, kGroupEnd = 4, kFixed32 = 5 };

// What is known of a type.
struct Shape {
  struct Field {
    enum class Kind { kUnknown, kNumber, kString, kMessage };
    Kind kind = Kind::kUnknown;
    // How it is written, unless it is an array of numbers, which may be packed.
    uint64_t wire_type = 0;
    // Of a packed array: memory for each byte on the wire. 0: there is none.
    uint64_t packed_factor = 0;
    const Shape* message = nullptr;
  };
  uint64_t object_bytes = 0;
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
    return shape;
  }

  void Add(const FieldDescriptor& field, const Message& prototype, Shape& shape) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    constexpr size_t kMaxNumber = 1000;
    const auto number = static_cast<size_t>(field.number());
    if (number > kMaxNumber) return;
    if (shape.fields.size() <= number) shape.fields.resize(number + 1);
    Shape::Field made;
    made.wire_type = static_cast<uint64_t>(WireFormat::WireTypeForFieldType(field.type()));
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
        made.kind = Shape::Field::Kind::kString;
        break;
      case FieldDescriptor::CPPTYPE_MESSAGE:
        made.kind = Shape::Field::Kind::kMessage;
        made.message = Make(*prototype.GetReflection()->GetMessageFactory()->GetPrototype(field.message_type()));
        break;
      default:
        made.kind = Shape::Field::Kind::kNumber;
        if (field.is_repeated()) made.packed_factor = PackedFactor(field);
        break;
    }
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

// What the fields in `wire` take, without the object that they are in.
uint64_t FieldBytes(const Shape& shape, absl::string_view wire, int depth) {
  if (depth > kMaxDepth) return wire.size() * kBytesOfDeepByte;
  uint64_t total = 0;
  uint64_t tag = 0;
  // Groups that have begun and not ended: our messages have none, and nothing in them is known.
  uint64_t groups = 0;
  bool has_unknown = false;
  while (!wire.empty() && ReadVarint(&wire, &tag)) {
    const uint64_t number = tag >> 3;
    const uint64_t wire_type = tag & 7;
    Shape::Field field = groups == 0 && number < shape.fields.size() ? shape.fields[number] : Shape::Field();
    if (field.wire_type != wire_type && (wire_type != kBytes || field.packed_factor == 0)) field = Shape::Field();
    const bool unknown = field.kind == Shape::Field::Kind::kUnknown;
    if (unknown && wire_type != kGroupEnd) {
      total += kPerUnknown + (has_unknown ? 0 : kPerUnknownSet);
      has_unknown = true;
    }
    uint64_t size = 0;
    switch (wire_type) {
      case kVarint:
        if (!ReadVarint(&wire, &size)) return total;
        if (!unknown) total += 16;  // In an array that doubles.
        continue;
      case kFixed64:
      case kFixed32:
        size = wire_type == kFixed64 ? 8 : 4;
        if (wire.size() < size) return total;
        wire.remove_prefix(size);
        if (!unknown) total += 2 * size;
        continue;
      case kBytes:
        break;
      case kGroup:
        if (++groups > kMaxGroups) return total;
        total += kPerUnknownSet;
        continue;
      case kGroupEnd:
        if (groups-- == 0) return total;
        continue;
      default:
        return total;
    }
    if (!ReadVarint(&wire, &size) || size > wire.size()) return total;
    const absl::string_view inner = wire.substr(0, size);
    wire.remove_prefix(size);
    switch (field.kind) {
      case Shape::Field::Kind::kMessage:
        total += field.message->object_bytes + FieldBytes(*field.message, inner, depth + 1);
        break;
      case Shape::Field::Kind::kNumber:
        total += size * field.packed_factor;
        break;
      case Shape::Field::Kind::kString:
      case Shape::Field::Kind::kUnknown:
        total += kPerString + size;
        break;
    }
  }
  return total;
}

}  // namespace

uint64_t ParsedBytes(const Message& prototype, absl::string_view wire) {
  static Shapes& shapes = *new Shapes();
  const Shape& shape = *shapes.Of(prototype);
  return shape.object_bytes + FieldBytes(shape, wire, 0);
}

}  // namespace roicast
