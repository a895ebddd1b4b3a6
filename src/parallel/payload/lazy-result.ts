/** A result in shared memory that is decoded when it is read. */

import { itemSize, receiveReference } from '../../arrays/index.ts'
import type { MappingHold } from '../../arrays/internal.ts'
import { sizeOfResult } from './result-size.ts'
import { decode } from './decode.ts'
import { type ClassLookup, createInstance } from './decode-instances.ts'
import { releaseAll } from './holds.ts'
import { hasClasses, isPlaceholder, type Placeholder, placeholderKey } from './placeholders.ts'

/**
 * A received value with references to memory. The memory is open, so that its sender may end, but arrays are made of it
 * only when the value is taken: an array that waited long would be an old object, which V8 collects late.
 */
export class LazyResult {
  readonly #value: unknown
  readonly #hasClasses: boolean
  readonly #holds: MappingHold[] = []
  #bytes = 0
  #made: { readonly value: unknown } | undefined

  /**
   * @param value - what came from `encode` through a message; owned by the new object from now on
   * @throws OneCopyError `ERR_REFERENCE` when the memory is gone
   */
  constructor(value: unknown) {
    this.#value = value
    this.#hasClasses = hasClasses(value)
    try {
      this.#receive(value, new Set())
    } catch (error) {
      this.drop()
      throw error
    }
  }

  /** About how much memory the value takes. */
  get bytes(): number {
    return this.#made === undefined ? this.#bytes + sizeOfResult(this.#value) : this.#bytes
  }

  /** The value; taken once. */
  take(): unknown {
    if (this.#made !== undefined) return this.#made.value
    try {
      return decode(this.#value)
    } finally {
      this.drop()
    }
  }

  /**
   * Makes the value now: instances of classes, which may refuse their state.
   *
   * @throws OneCopyError `ERR_UNSENDABLE` when an instance can't be made
   */
  make(classes: ClassLookup): unknown {
    try {
      this.#bytes = this.bytes
      this.#made = { value: decode(this.#value, undefined, classes) }
      return this.#made.value
    } finally {
      this.drop()
    }
  }

  /** Releases the memory of a value that nobody will take. */
  drop(): void {
    releaseAll(this.#holds)
  }

  #receive(value: unknown, seen: Set<object>): void {
    if (typeof value !== 'object' || value === null || seen.has(value)) return
    seen.add(value)
    if (ArrayBuffer.isView(value)) return
    if (isPlaceholder(value) && isInstance(value) && !this.#hasClasses) createInstance(undefined) // refused now, since a value that is taken later fails more than its task
    if (
      isPlaceholder(value) &&
      (value[placeholderKey] === 'array' || value[placeholderKey] === 'typed')
    )
      this.#open(value)
    else if (value instanceof Map) for (const pair of value) this.#receive([...pair], seen)
    else if (value instanceof Set) for (const member of value) this.#receive(member, seen)
    else for (const member of Object.values(value)) this.#receive(member, seen)
  }

  #open(placeholder: Extract<Placeholder, { readonly [placeholderKey]: 'array' | 'typed' }>): void {
    const { reference, hold } = receiveReference(placeholder.reference)
    this.#holds.push(hold)
    this.#bytes += reference.shape.reduce((a, b) => a * b, itemSize(reference.dtype))
    placeholder.reference = reference
  }
}

function isInstance({ [placeholderKey]: kind }: Placeholder): boolean {
  return kind === 'instance' || kind === 'saved'
}

/** The value itself, of a lazy result or as it is. */
export function taken(value: unknown): unknown {
  return value instanceof LazyResult ? value.take() : value
}
