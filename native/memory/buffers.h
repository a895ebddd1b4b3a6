/** The JavaScript buffers of mappings in one thread. */

#pragma once

#include <node_api.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "memory/mapping.h"

namespace onecopy {

struct BufferEntry;

/** The living buffers of one thread, each remembered weakly, and what it holds without a buffer. */
struct BufferEntries {
  std::map<uint64_t, BufferEntry*> byMapping;
  std::map<std::string, BufferEntry*> byName;
  uint64_t lastHold = 0;
  std::map<uint64_t, MappingPointer> holds;
  /** Holds that keep the pages too; their numbers are others than those of `holds`. */
  std::map<uint64_t, PageUse> uses;
  /** Bytes of those that show scratch memory, which V8 knows of. */
  uint64_t scratchBytes = 0;
};

/** The JavaScript buffer of a mapping in one thread. */
struct BufferEntry {
  /** Kept, since at a thread's end nobody says whether its data or its buffers go first. */
  std::shared_ptr<BufferEntries> entries;
  uint64_t mappingId;
  /** What V8 counts for the buffer as external memory. */
  uint64_t scratchBytes;
  napi_ref buffer;
  /** By which the thread finds it again; empty for none. */
  std::string name;
};

/** Those of this thread. */
const std::shared_ptr<BufferEntries>& entriesOf(napi_env env);

/** Makes the entries of this thread, which end with it, and keeps this library loaded for good. */
void openEntries(napi_env env);

/** The buffer of a mapping in this thread: the living one, or a new one. */
napi_value bufferOf(napi_env env, const MappingPointer& mapping);

/** A new ArrayBuffer over a whole mapping, which is not remembered. */
napi_value plainBufferOf(napi_env env, const MappingPointer& mapping);

}  // namespace onecopy
