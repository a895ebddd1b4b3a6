/** Placeholders in a message for values that structured clone would change. */

import type { ArrayReference, DType, TypedArrayOf } from '../../arrays/index.ts'
import type { SentClass } from './sent-class.ts'

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
  | InstancePlaceholder
  | SavedPlaceholder
  | ClassesPlaceholder

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

/** An instance of a class, by its fields. */
export interface InstancePlaceholder {
  readonly [placeholderKey]: 'instance'
  /** Number of its class: of one in the list of the message or, in a bundle of functions, of a node. */
  readonly of: number
  fields: Readonly<Record<string, unknown>>
}

/** An instance of a registered class, by what its `save` returned. */
export interface SavedPlaceholder {
  readonly [placeholderKey]: 'saved'
  /** Number of its class, as that of an {@link InstancePlaceholder}. */
  readonly of: number
  readonly version: number
  state: unknown
}

/** A value, and the classes of the instances in it. It stands for a whole value, never in one. */
export interface ClassesPlaceholder {
  readonly [placeholderKey]: 'classes'
  readonly classes: readonly SentClass[]
  readonly value: unknown
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

/** Whether a value of a message, with or without its own form, comes with the classes of instances in it. */
export function hasClasses(value: unknown): value is ClassesPlaceholder {
  return (
    typeof value === 'object' &&
    value !== null &&
    isPlaceholder(value) &&
    value[placeholderKey] === 'classes'
  )
}
