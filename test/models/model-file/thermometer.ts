/** Classes of a user's, for model files. */

import { registerClass } from '../../../src/objects/index.ts'
import type { NDArray } from '../../../src/arrays/index.ts'

/** A class with private state and an array. */
export class Thermometer {
  readonly #offset: number
  readonly scale: NDArray

  constructor(offset: number, scale: NDArray) {
    this.#offset = offset
    this.scale = scale
  }

  get offset(): number {
    return this.#offset
  }
}

/** How often `load` has run. */
export const loads = { count: 0 }

registerClass(Thermometer, {
  name: 'acme.Thermometer',
  version: 2,
  module: import.meta.url,
  save: ({ offset, scale }) => ({ offset, scale }),
  load: (state: { readonly offset: unknown; readonly scale: unknown }) => {
    loads.count++
    if (typeof state.offset !== 'number') throw new TypeError('`offset` must be a number.')
    return new Thermometer(state.offset, state.scale as NDArray)
  },
  // The first version had Fahrenheit.
  migrate: (state, version) => {
    const { fahrenheit, scale } = state as { fahrenheit: number; scale: NDArray }
    if (version !== 1) throw new Error(`no version ${version}`)
    return { offset: (fahrenheit - 32) / 1.8, scale }
  },
})
