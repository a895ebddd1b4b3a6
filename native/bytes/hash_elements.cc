/** Hashes strided elements in blocks, on threads; the digest of blocks is that of the whole. */

#include "bytes/hash_elements.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "border/job.h"
#include "bytes/xxh3.h"
#include "matrix/threads.h"

namespace onecopy {
namespace {

/** Bytes of a block: what is gathered stays in a core's own cache. */
constexpr int64_t kBlockBytes = int64_t{1} << 20;
constexpr int64_t kSafe = (int64_t{1} << 53) - 1;
constexpr uint32_t kMostAxes = 64;

/** An axis: how many steps, and how many bytes each is. */
struct Axis {
  int64_t count, stride;
};

/** Elements in memory; axes that lie in each other without gaps are one. */
struct Elements {
  const uint8_t* first = nullptr;
  int64_t size = 1;  // bytes of an element
  int64_t count = 1;
  std::vector<Axis> axes;

  int64_t bytes() const { return count * size; }
  bool isContiguous() const { return axes.empty() || (axes.size() == 1 && axes[0].stride == size); }
};

/** Where elements stand in their typed array. */
struct Span {
  int64_t low, high, offset;
};

void addAxis(std::vector<Axis>& axes, const Axis& axis) {
  if (axis.count == 1) return;
  if (!axes.empty() && axes.back().stride == axis.count * axis.stride)
    axes.back() = {axes.back().count * axis.count, axis.stride};
  else axes.push_back(axis);
}

/** Reads shape and strides. @throws Error `ERR_SHAPE` when an element would lie outside of the typed array */
Span readAxes(const Arguments& arguments, const TypedArray& array, Elements& elements) {
  const Value shape = arguments.at(2, "shape"), strides = arguments.at(3, "strides");
  const uint32_t axes = shape.length();
  if (axes > kMostAxes || strides.length() != axes)
    throw Error("ERR_SHAPE", "Expected a stride for each of at most 64 axes.");
  elements.size = static_cast<int64_t>(array.elementSize());
  const int64_t offset = arguments.at(1, "offset").integer();
  Span span{offset, offset, offset};
  bool fits = true;
  for (uint32_t i = 0; i < axes; i++) {
    const int64_t count = shape.element(i).integer(), stride = strides.element(i).integer(-kSafe, kSafe);
    fits = fits && !__builtin_mul_overflow(elements.count, count, &elements.count);
    int64_t reach = 0;
    fits = fits && !__builtin_mul_overflow(std::max<int64_t>(count - 1, 0), stride, &reach) &&
           !__builtin_add_overflow(span.low, std::min<int64_t>(reach, 0), &span.low) &&
           !__builtin_add_overflow(span.high, std::max<int64_t>(reach, 0), &span.high);
    if (!fits) break;
    addAxis(elements.axes, {count, stride * elements.size});
  }
  // SAFETY: an element's place is linear in its indices, so the two corners bound all of them.
  if (!fits || elements.count > kSafe / elements.size ||
      (elements.count > 0 && (span.low < 0 || static_cast<uint64_t>(span.high) >= array.length)))
    throw Error("ERR_SHAPE", "Expected all elements to lie in their typed array of " + std::to_string(array.length) +
                                 " elements.");
  return span;
}

/** Copies elements [from, from + count), in C order, to `to`. */
void gather(const Elements& elements, int64_t from, int64_t count, uint8_t* to) {
  const auto& axes = elements.axes;
  const size_t last = axes.size() - 1;
  std::vector<int64_t> index(axes.size());
  const uint8_t* row = elements.first;
  for (size_t i = axes.size(), rest = static_cast<size_t>(from); i-- > 0;) {
    index[i] = static_cast<int64_t>(rest) % axes[i].count;
    rest /= static_cast<size_t>(axes[i].count);
    if (i < last) row += index[i] * axes[i].stride;
  }
  const auto size = static_cast<size_t>(elements.size);
  while (count > 0) {
    const int64_t run = std::min(count, axes[last].count - index[last]);
    const uint8_t* at = row + index[last] * axes[last].stride;
    const int64_t stride = axes[last].stride;
    const auto copy = [&](auto word) {
      for (int64_t k = 0; k < run; k++, at += stride, to += sizeof word) std::memcpy(to, at, sizeof word);
    };
    if (stride == elements.size) {
      std::memcpy(to, at, static_cast<size_t>(run) * size);
      to += static_cast<size_t>(run) * size;
    } else if (size == 8) copy(uint64_t{});
    else if (size == 4) copy(uint32_t{});
    else if (size == 2) copy(uint16_t{});
    else copy(uint8_t{});
    count -= run;
    index[last] = 0;
    for (size_t i = last; i-- > 0;) {
      row += axes[i].stride;
      if (++index[i] < axes[i].count) break;
      row -= axes[i].count * axes[i].stride;
      index[i] = 0;
    }
  }
}

int64_t blocksOf(const Elements& elements) {
  return std::max<int64_t>(1, (elements.bytes() + kBlockBytes - 1) / kBlockBytes);
}

/** The digest of one block; `room` is for gathering, of kBlockBytes at most. */
Digest hashBlock(const Elements& elements, int64_t block, std::unique_ptr<uint8_t[]>& room) {
  const int64_t start = block * kBlockBytes;
  const auto length = static_cast<size_t>(std::min(kBlockBytes, elements.bytes() - start));
  if (elements.isContiguous() || length == 0) return hashBytes(elements.first + start, length);
  if (!room) room.reset(new uint8_t[static_cast<size_t>(std::min(kBlockBytes, elements.bytes()))]);
  gather(elements, start / elements.size, static_cast<int64_t>(length) / elements.size, room.get());
  return hashBytes(room.get(), length);
}

/** Of one block its digest, of more the digest of theirs, in their order. */
Digest join(const std::vector<Digest>& digests) {
  if (digests.size() == 1) return digests[0];
  std::vector<uint64_t> words;
  for (const Digest& digest : digests) {
    words.push_back(__builtin_bswap64(digest.high));
    words.push_back(__builtin_bswap64(digest.low));
  }
  return hashBytes(reinterpret_cast<const uint8_t*>(words.data()), words.size() * sizeof(uint64_t));
}

napi_value toText(napi_env env, const Digest& digest) {
  char text[33];
  std::snprintf(text, sizeof text, "%016llx%016llx", static_cast<unsigned long long>(digest.high),
                static_cast<unsigned long long>(digest.low));
  return toValue(env, text);
}

class HashElements : public Job {
 public:
  HashElements(const Arguments& arguments, Held& held) {
    const Value data = arguments.at(0, "data");
    const TypedArray array = data.typedArray();
    const Span span = readAxes(arguments, array, elements_);
    threads_ = static_cast<int>(arguments.at(4, "threads").integer(1, 4096));
    if (elements_.count == 0) return;
    const auto* low = static_cast<const uint8_t*>(held.take(data, array, Use::kRead, static_cast<size_t>(span.low),
                                                            static_cast<size_t>(span.high - span.low + 1)));
    elements_.first = low + (span.offset - span.low) * elements_.size;
  }

  void run() override {
    const int64_t blocks = blocksOf(elements_);
    digests_.resize(static_cast<size_t>(blocks));
    Tasks tasks(blocks, stop());
    onThreads(static_cast<int>(std::min<int64_t>(threads_, blocks)), [&] {
      std::unique_ptr<uint8_t[]> room;
      tasks.each([&](int64_t block) { digests_[static_cast<size_t>(block)] = hashBlock(elements_, block, room); });
    });
  }

  napi_value settle(napi_env env) override { return toText(env, join(digests_)); }

 private:
  Elements elements_;
  int threads_ = 1;
  std::vector<Digest> digests_;
};

/** The same at once, on this thread. */
napi_value hashElementsNow(const Arguments& arguments) {
  const TypedArray array = arguments.at(0, "data").typedArray();
  Elements elements;
  const Span span = readAxes(arguments, array, elements);
  if (elements.count > 0) elements.first = static_cast<const uint8_t*>(array.data) + span.offset * elements.size;
  std::unique_ptr<uint8_t[]> room;
  std::vector<Digest> digests;
  for (int64_t block = 0; block < blocksOf(elements); block++) digests.push_back(hashBlock(elements, block, room));
  return toText(arguments.env(), join(digests));
}

}  // namespace

void registerHashElements(napi_env env, napi_value exports) {
  exportFunction<startWith<HashElements>>(env, exports, "hashElements");
  exportFunction<hashElementsNow>(env, exports, "hashElementsNow");
}

}  // namespace onecopy
