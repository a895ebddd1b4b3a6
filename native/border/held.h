/** Memory of JavaScript that a job uses, and that nobody can free, move or shrink under it. */

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "border/backing_store.h"
#include "border/napi.h"

namespace onecopy {

class Mapping;
class PageUse;

/** What a job does with memory: reads it, may write any element of it, or only writes floats here and there. */
enum class Use { kRead, kChange, kFill };

/**
 * Everything that the pointers of one job point into. Mapped memory stays where it is, with its pages, by a use
 * (`PageUse`), a private ArrayBuffer's memory by a hold on its backing store. What can't be held (`backing_store.h`) is
 * copied: the job uses the copy, and what it wrote there is brought back at its end.
 *
 * Lives on the JavaScript thread; only the memory itself is the job's.
 */
class Held {
 public:
  explicit Held(napi_env env);
  Held(Held&& other) noexcept;
  ~Held();

  /** Where the job finds elements [first, first + count) of a typed array, until `release`. */
  void* take(const Value& value, const TypedArray& array, Use use, size_t first, size_t count);

  /**
   * The job has done its work: brings back what it wrote to copies, and ends its use of mapped memory.
   *
   * @throws Error `ERR_DETACHED` when memory that it wrote to has been detached, has shrunk or was freed meanwhile
   */
  void bringBack();

  /** Ends all holds. */
  void release();

 private:
  /** Elements that the job writes to. */
  struct Written {
    uint32_t index;  // of the typed array in the list
    std::string name;
    Use use;
    size_t first, count, elementSize;
    const std::byte* copy;  // null: the memory itself
    std::shared_ptr<Mapping> mapping;  // that it lies in, if any
  };

  std::byte* makeRoom(size_t bytes, const std::string& name);

  napi_env env_;
  napi_ref list_ = nullptr;  // of the typed arrays
  uint32_t count_ = 0;
  std::vector<StorePointer> stores_;
  std::vector<PageUse> uses_;
  std::vector<std::unique_ptr<std::byte[]>> copies_;
  std::vector<Written> written_;
};

}  // namespace onecopy
