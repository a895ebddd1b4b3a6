/** The nearest points that one query has met so far. */

#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

namespace onecopy {

/** A point that may be among the nearest. */
struct Candidate {
  double square;  // of the distance; another power of it for other metrics
  int32_t row;
};

/** Nearer first; points at the same distance in the order of their rows. */
inline bool nearer(const Candidate& a, const Candidate& b) {
  return a.square < b.square || (a.square == b.square && a.row < b.row);
}

/** The `most` nearest candidates, as a heap with the farthest on top. */
class Nearest {
 public:
  /** @param room - memory for `most` candidates, at least one; kept by the caller */
  Nearest(Candidate* room, size_t most) : heap_(room), most_(most) {}

  void clear() { size_ = 0; }
  size_t size() const { return size_; }
  bool full() const { return size_ == most_; }

  /** What a candidate must be nearer than to be taken. */
  Candidate limit() const {
    if (full()) return heap_[0];
    return {std::numeric_limits<double>::infinity(), std::numeric_limits<int32_t>::max()};
  }

  void offer(const Candidate& candidate) {
    if (!full()) {
      heap_[size_++] = candidate;
      std::push_heap(heap_, heap_ + size_, nearer);
    } else if (nearer(candidate, heap_[0])) {
      replaceFarthest(candidate);
    }
  }

  /** The candidates from near to far; only `clear` may follow. */
  Candidate* sorted() {
    std::sort_heap(heap_, heap_ + size_, nearer);
    return heap_;
  }

 private:
  void replaceFarthest(const Candidate& candidate) {
    size_t at = 0;
    for (;;) {
      size_t child = 2 * at + 1;
      if (child >= size_) break;
      if (child + 1 < size_ && nearer(heap_[child], heap_[child + 1])) child++;
      if (!nearer(candidate, heap_[child])) break;
      heap_[at] = heap_[child];
      at = child;
    }
    heap_[at] = candidate;
  }

  Candidate* heap_;
  size_t most_;
  size_t size_ = 0;
};

/** All points within a fixed distance that one query has met so far; same use as `Nearest`. */
class Within {
 public:
  /** @param limit - power of the greatest distance that is taken */
  explicit Within(double limit) : limit_(limit) {}

  void clear() { found_.clear(); }
  bool full() const { return true; }
  Candidate limit() const { return {limit_, std::numeric_limits<int32_t>::max()}; }
  void offer(const Candidate& candidate) {
    if (candidate.square <= limit_) found_.push_back(candidate);
  }

  /** The points in the order of their rows; only `clear` may follow. */
  const std::vector<Candidate>& sorted() {
    std::sort(found_.begin(), found_.end(),
              [](const Candidate& a, const Candidate& b) { return a.row < b.row; });
    return found_;
  }

 private:
  double limit_;
  std::vector<Candidate> found_;
};

}  // namespace onecopy
