/** V8's backing stores: the memory of an ArrayBuffer, which outlives it as long as somebody holds the store. */

#pragma once

#include <node_api.h>

#include <memory>

namespace onecopy {

// Node-API keeps JavaScript objects alive but not their memory: `buffer.transfer(0)`, or a message that
// `buffer` is moved with, frees the memory at once or gives it to somebody else who frees it. V8 keeps the
// memory in a `std::shared_ptr<v8::BackingStore>`, which `v8::ArrayBuffer::GetBackingStore()` hands out and
// which Node itself holds while it reads and writes files. It is not part of Node-API, so it is looked up by
// name and tried out when the core is loaded; where it is missing or does not hold, jobs work on copies.
//
// What was found (transfer to another length, to the same, to 0; structuredClone; postMessage; resize):
//
// | Node    | V8   | with a store held                                                      | jobs use      |
// | ------- | ---- | ---------------------------------------------------------------------- | ------------- |
// | 22.18.0 | 12.4 | `transfer(other length)` reallocates the held store's memory in place  | a copy        |
// | 22.23.3 | 12.4 | the same; a detach key would end the process in V8_CHECK               | a copy        |
// | 24.21.0 | 13.6 | the memory stays at its address until the store is released            | the memory    |
// | 26.10.0 | 14.6 | the same                                                               | the memory    |
//
// Resizable buffers keep their store but give its pages back on `resize()`, so reading faults though the store is
// held: copies too, with every version. A SharedArrayBuffer can't be detached and only grows; external memory
// (our mappings) is never reallocated, and is held as a mapping.
//
// The ABI: GetBackingStore returns a std::shared_ptr by a hidden pointer, and its control block is released by
// virtual functions, so the layout of the standard library matters and nothing of V8. The mangled name of
// `ArrayBuffer::New(Isolate*, std::shared_ptr<BackingStore>)` names the standard library that Node was built
// with, so it is looked for too. A napi_value is the address of the handle, as `this` of V8's own classes is.
//
// See nodejs/node deps/v8/src/builtins/builtins-arraybuffer.cc, ArrayBufferTransfer: "Case 2" moves or, in 12.4,
// reallocates; and deps/v8/include/v8-array-buffer.h.

/** Holds a backing store; release it on the thread of its buffer, while its environment lives. */
using StorePointer = std::shared_ptr<void>;

/**
 * The backing store of an ArrayBuffer, if holding it keeps the memory where it is.
 *
 * @returns null when it does not: this Node.js moves memory that is held, or the buffer is resizable
 */
StorePointer holdStore(napi_value buffer);

/** Finds out whether stores can be held in this process, once. `ONECOPY_HOLD=copy` says no. */
void tryHolding(napi_env env);

}  // namespace onecopy
