/** Types that tell TypeScript which values can be sent. */

import type { NDArray } from '../../arrays/index.ts'

declare const why: unique symbol

/** What TypeScript shows instead of a type that can't be sent. */
export interface Refused<Why extends string> {
  readonly [why]: Why
}

type AnyFunction = (...args: never[]) => unknown
type AnyClass = abstract new (...args: never[]) => unknown

/** Values that are sent as they are; what stands in them is checked when they are. */
type Whole =
  | string
  | number
  | boolean
  | bigint
  | null
  | undefined
  | NDArray
  | Date
  | RegExp
  | Error
  | ArrayBufferLike
  | ArrayBufferView
  | ReadonlyMap<unknown, unknown>
  | ReadonlySet<unknown>

/**
 * Tells types that are known from type parameters, about which the compiler can't decide yet. It takes those for
 * `any` when it looks which branch of a condition they can't reach, so that `Known<T> extends 'known'` is passed over.
 */
type Known<T> = [0] extends [1 & T] ? 'any' : 'known'

/**
 * `T` itself if its values can be sent to a worker. Symbols, promises and weak collections become a type that no value
 * fits, four levels deep. Functions can be sent, and instances of classes with their methods. What types can't express,
 * such as private members of a class that is not registered, and type parameters, is checked at run time
 * (`ERR_UNSENDABLE`, `ERR_FUNCTION`).
 */
export type Sendable<T, Depth extends 0[] = []> = Known<T> extends 'known' ? Checked<T, Depth> : T

type Checked<T, Depth extends 0[]> = unknown extends T
  ? T
  : T extends Whole
    ? T
    : T extends AnyFunction | AnyClass
      ? T
      : T extends symbol
        ? Refused<"a symbol can't be sent to a worker">
        : T extends PromiseLike<unknown>
          ? Refused<"a promise can't be sent: await it first">
          : T extends WeakMap<never, unknown> | WeakSet<never> | WeakRef<never>
            ? Refused<"a weak collection can't be sent">
            : Depth['length'] extends 4
              ? T
              : { [Key in keyof T]: Sendable<T[Key], [...Depth, 0]> }

/** The arguments `A` of a function, each of them {@link Sendable}. */
export type SendableArguments<A extends readonly unknown[]> = {
  [Index in keyof A]: Sendable<A[Index]>
}
