/** How mappings are made and found; for the files of this room alone. */

#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <memory>
#include <string>

#include "memory/handles.h"
#include "memory/mapping.h"

namespace onecopy {

/** Throws `Error` with what the system says. */
[[noreturn]] void fail(const char* code, const std::string& what);

struct stat statusOf(int fd);

MappingKey keyOf(const struct stat& status, bool isPrivate);

/** Maps `key.length` bytes of a file for reading and writing. */
Map mapPages(int fd, const MappingKey& key);

/** Gives a map its number, and takes it and `kept` over. `isFresh`: nobody else gets it who maps the file. */
MappingPointer registerMapping(const MappingKey& key, Map map, File kept, const MapOptions& options);

/** The same for a slot, whose file others may use too. */
MappingPointer registerSlot(const MappingKey& key, Map map, std::shared_ptr<const File> file);

/** Nobody gets this mapping any more who maps the file; a younger one may have taken its place. */
void forgetKey(const Mapping& mapping);

/** A mapping that may be a segment again was made, or is gone. */
void countSegment(int change);

}  // namespace onecopy
