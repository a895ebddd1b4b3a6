/** A result in shared memory that is decoded when it is read. */

import { itemSize, receiveReference } from '../../arrays/index.ts'
import type { MappingHold } from '../../arrays/internal.ts'
import { sizeOfResult } from './result-size.ts'
import { decode } from './decode.ts'
import { releaseAll } from './holds.ts'
import { isPlaceholder, type Placeholder, placeholderKey } from './placeholders.ts'

/**
 * A received value with references to memory. The memory is open, so that its sender may end, but arrays are made of it
 * only when the value is taken: an array that waited long would be an old object, which V8 collects late.
 */
export class LazyResult {
  readonly #value: unknown
  readonly #holds: MappingHold[] = []
  #bytes = 0

  /**
   * @param value - what came from `encode` through a message; owned by the new object from now on
   * @throws OneCopyError `ERR_REFERENCE` when the memory is gone
   */
  constructor(value: unknown) {
    this.#value = value
    try {
      this.#receive(value, new Set())
    } catch (error) {
      this.drop()
      throw error
    }
  }

  /** About how much memory the value takes. */
  get bytes(): number {
    return this.#bytes + sizeOfResult(this.#value)
  }

  /** The value; taken once. */
  take(): unknown {
    try {
      return decode(this.#value)
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

/** The value itself, of a lazy result or as it is. */
export function taken(value: unknown): unknown {
  return value instanceof LazyResult ? value.take() : value
}
