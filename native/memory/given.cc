/** The list of scratch memory that other processes own now. */

#include "memory/given.h"

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace onecopy {
namespace {

struct Given {
  std::mutex mutex;
  std::vector<std::weak_ptr<Mapping>> mappings;
};

/** Never destroyed: buffers are collected on other threads even while the process exits. */
Given& given() {
  static Given& instance = *new Given;
  return instance;
}

}  // namespace

void listGiven(const MappingPointer& mapping) {
  Given& known = given();
  const std::lock_guard lock(known.mutex);
  known.mappings.push_back(mapping);
}

void takeBackGiven(uint64_t length) {
  std::vector<std::weak_ptr<Mapping>> listed, kept;
  {
    Given& known = given();
    const std::lock_guard lock(known.mutex);
    listed.swap(known.mappings);
  }
  // Not under the lock: the last holder of a mapping may be the pointer here.
  for (auto& each : listed) {
    const MappingPointer mapping = each.lock();
    if (mapping == nullptr) continue;
    const bool isAsked = length == 0 || mapping->key.length == length;
    if (!isAsked || !takeBack(*mapping)) kept.push_back(std::move(each));
  }
  Given& known = given();
  const std::lock_guard lock(known.mutex);
  known.mappings.insert(known.mappings.end(), kept.begin(), kept.end());
}

}  // namespace onecopy
