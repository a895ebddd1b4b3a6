/** Which functions this core has; written by native/interface.mjs. */

#pragma once

namespace onecopy {

/** A hash of their declarations in src/native, which the code that calls them compares with its own. */
constexpr const char* kInterfaceVersion = "e1905e8bad3d";

}  // namespace onecopy
