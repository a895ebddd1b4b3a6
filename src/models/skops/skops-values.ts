/** Values that a .skops file holds, read without making objects of Python. */

import type { NDArray } from '../../arrays/index.ts'
import type { RecordArray, TextArray } from './npy-kinds.ts'

/** A value: plain ones, lists (also of tuples and sets), records, arrays and objects. */
export type SkopsValue =
  | null
  | boolean
  | number
  | string
  | readonly SkopsValue[]
  | SkopsDict
  | SkopsArray
  | ObjectArray
  | SkopsObject

/** A dict by the texts of its keys. */
export class SkopsDict {
  readonly entries: ReadonlyMap<string, SkopsValue>

  constructor(entries: ReadonlyMap<string, SkopsValue>) {
    this.entries = entries
  }
}

/** An array that a member of the file holds. */
export class SkopsArray {
  readonly #open: () => NDArray | TextArray | RecordArray
  #opened: NDArray | TextArray | RecordArray | undefined

  constructor(open: () => NDArray | TextArray | RecordArray) {
    this.#open = open
  }

  /** The array, mapped where it lies aligned; opened when it is first asked for. */
  get value(): NDArray | TextArray | RecordArray {
    this.#opened ??= this.#open()
    return this.#opened
  }
}

/** A NumPy array of Python objects, in C order. */
export class ObjectArray {
  readonly shape: readonly number[]
  readonly values: readonly SkopsValue[]

  constructor(shape: readonly number[], values: readonly SkopsValue[]) {
    this.shape = shape
    this.values = values
  }
}

/** An object of a class; what the file calls it is a text here, which is never imported. */
export class SkopsObject {
  /** Module and class, such as `sklearn.linear_model._ridge.Ridge`. */
  readonly className: string
  /** How skops has stored it. */
  readonly loader: string
  readonly attributes: ReadonlyMap<string, SkopsValue>
  /** Arguments of its constructor, where these are stored. */
  readonly args: SkopsValue

  constructor(
    className: string,
    loader: string,
    attributes: ReadonlyMap<string, SkopsValue>,
    args: SkopsValue = null,
  ) {
    this.className = className
    this.loader = loader
    this.attributes = attributes
    this.args = args
  }
}

/** What error texts call a value. */
export function showSkops(value: SkopsValue | undefined): string {
  if (value === undefined) return 'nothing'
  if (value instanceof SkopsObject) return `an object of class ${value.className}`
  if (value instanceof SkopsDict) return 'a dict'
  if (value instanceof SkopsArray || value instanceof ObjectArray) return 'an array'
  if (typeof value === 'object' && value !== null) return `a list of ${value.length}`
  return typeof value === 'string' ? `'${value.slice(0, 60)}'` : String(value)
}
