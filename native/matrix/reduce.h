/** Sums over groups of rows, on threads, in an order that does not depend on them. */

#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "matrix/matrix.h"
#include "matrix/threads.h"

namespace onecopy {

/** Most rows that one thread sums up before anything is merged; a constant of the results' bytes. */
constexpr int64_t kChunkRows = 4096;

/**
 * The sums of one group's chunks, merged pairwise: node i of a level is made of nodes 2i and 2i + 1 of
 * the level below. Whoever brings the second of two merges them, so the shape of the tree,
 * and every rounding in it, is the same whichever thread comes first.
 */
template <class Sums>
class PairwiseTree {
 public:
  explicit PairwiseTree(int64_t leaves) : leaves_(leaves) {}

  /** Takes in the sums of a leaf; gives back the group's when they are complete, else null. */
  std::unique_ptr<Sums> add(int64_t index, std::unique_ptr<Sums> sums, std::mutex& mutex,
                            std::vector<std::unique_ptr<Sums>>& spare) {
    int64_t count = leaves_;
    for (int level = 0; count > 1; level++, count = (count + 1) / 2, index /= 2) {
      const int64_t sibling = index ^ 1;
      if (sibling == count) continue;  // the last of an odd number goes up alone
      std::unique_ptr<Sums> other;
      {
        const std::lock_guard lock(mutex);
        const auto found = waiting_.find({level, sibling});
        if (found == waiting_.end()) {
          waiting_.emplace(std::pair(level, index), std::move(sums));
          return nullptr;
        }
        other = std::move(found->second);
        waiting_.erase(found);
      }
      if (sibling < index) std::swap(sums, other);
      sums->merge(*other);
      const std::lock_guard lock(mutex);
      spare.push_back(std::move(other));
    }
    return sums;
  }

 private:
  const int64_t leaves_;
  std::map<std::pair<int, int64_t>, std::unique_ptr<Sums>> waiting_;
};

/**
 * Sums up every group of rows.
 *
 * @param makeSums - makes empty sums: a unique_ptr to something with `clear()` and `merge(right)`
 * @param makeWorker - makes what one thread uses: called as (group, from, to, sums), it adds the rows at
 *   positions [from, to) of that group; it may only depend on these
 * @param finish - called once for each group, with the sums, on any thread
 */
template <class MakeSums, class MakeWorker, class Finish>
void sumGroups(const std::vector<Rows>& groups, int threads, const std::atomic<bool>& stop,
               MakeSums&& makeSums, MakeWorker&& makeWorker, Finish&& finish) {
  using Sums = typename decltype(makeSums())::element_type;
  struct Chunk {
    int64_t firstRow;
    int group;
    int64_t index;
  };
  std::vector<Chunk> chunks;
  std::vector<int64_t> chunkRows;
  std::vector<PairwiseTree<Sums>> trees;
  for (size_t k = 0; k < groups.size(); k++) {
    const int64_t count = groups[k].count();
    const int64_t parts = (count + kChunkRows - 1) / kChunkRows;
    // Even chunks, of whole blocks whatever their size (64, 128, 256).
    const int64_t rows = parts == 0 ? 0 : ((count + parts - 1) / parts + 255) / 256 * 256;
    chunkRows.push_back(rows);
    const int64_t leaves = parts == 0 ? 0 : (count + rows - 1) / rows;
    trees.emplace_back(leaves);
    for (int64_t i = 0; i < leaves; i++) {
      int64_t firstRow;
      groups[k].list(i * rows, 1, &firstRow);
      chunks.push_back({firstRow, static_cast<int>(k), i});
    }
    if (leaves == 0) finish(static_cast<int>(k), *makeSums());
  }
  // Groups of scattered rows share cache lines and pages: chunks near each other go together.
  std::stable_sort(chunks.begin(), chunks.end(),
                   [](const Chunk& a, const Chunk& b) { return a.firstRow < b.firstRow; });
  std::mutex mutex;
  std::vector<std::unique_ptr<Sums>> spare;
  Tasks tasks(static_cast<int64_t>(chunks.size()), stop);
  const auto most = static_cast<int>(std::min<size_t>(threads, chunks.size()));
  onThreads(most, [&] {
    auto work = makeWorker();
    tasks.each([&](int64_t task) {
      const auto& [firstRow, group, index] = chunks[task];
      std::unique_ptr<Sums> sums;
      {
        const std::lock_guard lock(mutex);
        if (!spare.empty()) {
          sums = std::move(spare.back());
          spare.pop_back();
        }
      }
      if (sums) sums->clear();
      else sums = makeSums();
      const int64_t from = index * chunkRows[group];
      work(group, from, std::min(from + chunkRows[group], groups[group].count()), *sums);
      sums = trees[group].add(index, std::move(sums), mutex, spare);
      if (!sums) return;
      finish(group, *sums);
      const std::lock_guard lock(mutex);
      spare.push_back(std::move(sums));
    });
  });
}

}  // namespace onecopy
