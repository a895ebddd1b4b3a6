/** Marks in a message for values that structured clone would change. */

import type { ArrayReference, DType, TypedArrayOf } from '../../arrays/index.ts'

/** The member that makes an object a mark; a user's object that has it too is wrapped. */
export const markKey = '\u{f0000}onecopy'

/** What stands in a message for a value. */
export type Mark = ArrayMark | TypedArrayMark | ErrorMark | ObjectMark | FunctionMark | PackedMark

/** An NDArray: by reference to its mapping or, when `isPlain`, to a copy of private memory; or with its elements. */
export type ArrayMark =
  | { readonly [markKey]: 'array'; reference: ArrayReference; readonly isPlain: boolean }
  | {
      readonly [markKey]: 'private'
      readonly dtype: DType
      readonly data: TypedArrayOf
      readonly shape: readonly number[]
      readonly strides: readonly number[]
      readonly offset: number
    }

/** A typed array by reference to its bytes, or a Node buffer with its bytes. */
export type TypedArrayMark =
  | {
      readonly [markKey]: 'typed'
      readonly type: string
      reference: ArrayReference
      readonly isPlain: boolean
    }
  | { readonly [markKey]: 'buffer'; readonly bytes: Uint8Array }

/** A function, by the number that whoever decodes it knows it by. */
export interface FunctionMark {
  readonly [markKey]: 'function'
  readonly id: number
}

/** A user's object that has a member of the mark's name. */
export interface ObjectMark {
  readonly [markKey]: 'object'
  entries: readonly (readonly [key: string, value: unknown])[]
}

/** Plain data as bytes. */
export interface PackedMark {
  readonly [markKey]: 'packed'
  readonly bytes: Uint8Array
}

/** An error with all that structured clone would lose. */
export interface ErrorMark {
  readonly [markKey]: 'error'
  /** The nearest class of the language's own, or `OneCopyError`. */
  kind: string
  name: string
  message: string
  stack: string
  /** Own fields, `cause` and `errors` apart; those that can't be sent are left out. */
  fields: Record<string, unknown>
  hasCause: boolean
  cause?: unknown
  errors?: unknown
}

/** Whether a value of a message is a mark. */
export function isMark(value: object): value is Mark {
  return markKey in value
}
