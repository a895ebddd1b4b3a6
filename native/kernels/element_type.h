/** Calls code with the C++ type of a matrix's elements. */

#pragma once

#include <cstdint>

#include "kernels/kernels.h"

namespace onecopy {

/**
 * Calls `use` with a zero of the C++ type that elements of `dtype` have; bool is read as uint8_t.
 *
 * Kernels call it with lambdas of their own level, so that no two levels share its code.
 */
template <class Use>
void withElementType(DType dtype, const Use& use) {
  switch (dtype) {
    case DType::kBool:
    case DType::kUint8: return use(uint8_t{});
    case DType::kInt8: return use(int8_t{});
    case DType::kInt16: return use(int16_t{});
    case DType::kUint16: return use(uint16_t{});
    case DType::kInt32: return use(int32_t{});
    case DType::kUint32: return use(uint32_t{});
    case DType::kInt64: return use(int64_t{});
    case DType::kUint64: return use(uint64_t{});
    case DType::kFloat32: return use(float{});
    case DType::kFloat64: return use(double{});
  }
}

}  // namespace onecopy
