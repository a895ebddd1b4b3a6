/** The form of encoded values: JSON that loses nothing. */

import type { NDArray } from '../../arrays/index.ts'

/**
 * A value as JSON. Texts, finite numbers, true, false and null are themselves, and so are lists and objects of such values. Anything else is an
 * object with a member `$`, its tag:
 *
 * | tag | value | members |
 * | --- | --- | --- |
 * | `undefined` | undefined | |
 * | `hole` | no item, in a list | |
 * | `number` | a number that JSON hasn't | `value`: `NaN`, `Infinity`, `-Infinity` or `-0` |
 * | `bigint` | a bigint | `value`: its decimal digits |
 * | `date` | a Date | `value`: as `toISOString()` writes it; null for an invalid one |
 * | `regexp` | a RegExp | `source`, `flags`, `lastIndex` where it isn't 0 |
 * | `list` | a list that is shared or has named members | `items`, `entries` |
 * | `object` | an object that is shared, has a member `$` or `__proto__`, or has no prototype | `entries`, `prototype`: null |
 * | `map`, `set` | a Map, a Set | `entries`; `members` |
 * | `error` | an Error | `kind`, `name`, `message`, `stack`, `entries`, `cause`, `errors` |
 * | `ndarray` | an NDArray | `array`: its place in the list of arrays |
 * | `bytes` | a typed array, Buffer, ArrayBuffer or DataView | `kind`, `array` |
 * | `instance` | an instance of a registered class | `type`, `version`, `state` |
 * | `ref` | an object that occurs a second time | `to`: the `id` that the first occurrence has |
 *
 * `entries` are pairs of key and value. Every tagged node of an object may have an `id`, a whole number from 1.
 */
export type Tree = null | boolean | number | string | Tree[] | TreeObject

/** An object of JSON. */
export interface TreeObject {
  [key: string]: Tree
}

/** A value as JSON and its arrays, which the tree names by number. */
export interface EncodedTree {
  readonly tree: Tree
  /** Arrays of any strides. The memory is that of the value. */
  readonly arrays: readonly NDArray[]
}

/** The member that makes an object of the tree a node. */
export const tagKey = '$'

/**
 * Levels that a value may have; a node takes up to three levels of JSON. What writes and reads JSON may recurse, and recursion ends
 * at some thousands of levels.
 */
export const maxDepth = 500

/**
 * Instances that a value may have, those counted again that are reached by several ways: few bytes can describe a model whose
 * predictions never end.
 */
export const maxInstances = 1_000_000

/** Typed arrays and other views of bytes, by their class, and the dtype of their elements in the list of arrays. */
export const byteKinds = {
  ArrayBuffer: 'uint8',
  BigInt64Array: 'int64',
  BigUint64Array: 'uint64',
  Buffer: 'uint8',
  DataView: 'uint8',
  Float16Array: 'uint16',
  Float32Array: 'float32',
  Float64Array: 'float64',
  Int16Array: 'int16',
  Int32Array: 'int32',
  Int8Array: 'int8',
  Uint16Array: 'uint16',
  Uint32Array: 'uint32',
  Uint8Array: 'uint8',
  Uint8ClampedArray: 'uint8',
} as const

/** The class of a view of bytes. */
export type ByteKind = keyof typeof byteKinds
