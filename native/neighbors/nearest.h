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

/** The `most` nearest candidates: a few in their order, more as a heap with the farthest on top. */
class Nearest {
 public:
  /** @param room - memory for `most` candidates, at least one; kept by the caller */
  Nearest(Candidate* room, size_t most) : found_(room), most_(most), farthest_(most > kFew ? 0 : most - 1) {}

  void clear() { size_ = 0; }
  size_t size() const { return size_; }
  bool full() const { return size_ == most_; }

  /** What a candidate must be nearer than to be taken. */
  Candidate limit() const {
    if (full()) return found_[farthest_];
    return {std::numeric_limits<double>::infinity(), std::numeric_limits<int32_t>::max()};
  }

  void offer(const Candidate& candidate) {
    if (full() && !nearer(candidate, found_[farthest_])) return;
    if (most_ <= kFew) {
      insert(candidate);
    } else if (full()) {
      replaceFarthest(candidate);
    } else {
      found_[size_++] = candidate;
      std::push_heap(found_, found_ + size_, nearer);
    }
  }

  /** The candidates from near to far; only `clear` may follow. */
  Candidate* sorted() {
    if (most_ > kFew) std::sort_heap(found_, found_ + size_, nearer);
    return found_;
  }

 private:
  /** Moving so many is faster than keeping a heap. */
  static constexpr size_t kFew = 16;

  /** Drops the farthest when there is no room. */
  void insert(const Candidate& candidate) {
    size_t at = full() ? size_ - 1 : size_++;
    for (; at > 0 && nearer(candidate, found_[at - 1]); at--) found_[at] = found_[at - 1];
    found_[at] = candidate;
  }

  void replaceFarthest(const Candidate& candidate) {
    size_t at = 0;
    for (;;) {
      size_t child = 2 * at + 1;
      if (child >= size_) break;
      if (child + 1 < size_ && nearer(found_[child], found_[child + 1])) child++;
      if (!nearer(candidate, found_[child])) break;
      found_[at] = found_[child];
      at = child;
    }
    found_[at] = candidate;
  }

  Candidate* found_;
  size_t most_;
  size_t farthest_;  // where the farthest is when there is no room
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
