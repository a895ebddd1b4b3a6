/** Placeholders in a message for values that structured clone would change. */

import type { ArrayReference, DType, TypedArrayOf } from '../../arrays/index.ts'

/** The member that makes an object a placeholder; a user's object that has it too is wrapped. */
export const placeholderKey = '\u{f0000}onecopy'

/** What stands in a message for a value. */
export type Placeholder =
  | ArrayPlaceholder
  | TypedArrayPlaceholder
  | ErrorPlaceholder
  | ObjectPlaceholder
  | FunctionPlaceholder
  | PackedPlaceholder

/** An NDArray: by reference to its mapping or, when `isPlain`, to a copy of private memory; or with its elements. */
export type ArrayPlaceholder =
  | { readonly [placeholderKey]: 'array'; reference: ArrayReference; readonly isPlain: boolean }
  | {
      readonly [placeholderKey]: 'private'
      readonly dtype: DType
      readonly data: TypedArrayOf
      readonly shape: readonly number[]
      readonly strides: readonly number[]
      readonly offset: number
    }

/** A typed array by reference to its bytes, or a Node buffer with its bytes. */
export type TypedArrayPlaceholder =
  | {
      readonly [placeholderKey]: 'typed'
      readonly type: string
      reference: ArrayReference
      readonly isPlain: boolean
    }
  | { readonly [placeholderKey]: 'buffer'; readonly bytes: Uint8Array }

/** A function, by the number that whoever decodes it knows it by. */
export interface FunctionPlaceholder {
  readonly [placeholderKey]: 'function'
  readonly id: number
}

/** A user's object that has a member of the placeholder's name. */
export interface ObjectPlaceholder {
  readonly [placeholderKey]: 'object'
  entries: readonly (readonly [key: string, value: unknown])[]
}

/** Plain data as bytes. */
export interface PackedPlaceholder {
  readonly [placeholderKey]: 'packed'
  readonly bytes: Uint8Array
}

/** An error with all that structured clone would lose. */
export interface ErrorPlaceholder {
  readonly [placeholderKey]: 'error'
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

/** Whether a value of a message is a placeholder. */
export function isPlaceholder(value: object): value is Placeholder {
  return placeholderKey in value
}
