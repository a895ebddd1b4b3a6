/** Reads labels of any type, and numbers them as they come. */

import { NDArray } from '../../../arrays/index.ts'
import { requireAttached } from '../../../arrays/internal.ts'
import { OneCopyError, show } from '../../../errors.ts'
import type { Column } from '../../../tables/index.ts'
import { toArray } from '../../inputs/as-array.ts'
import {
  type Classes,
  type Label,
  type LabelInput,
  labelNumber,
  mostClasses,
} from '../../inputs/labels.ts'
import type { ClassList } from '../score-options.ts'

/** True labels of a metric: numbers, or a list of texts or of true and false; or a column of a table. */
export type TrueLabels = LabelInput | Column

/** One label for each row, where they lie. */
export interface LabelValues {
  readonly data: ArrayLike<unknown>
  readonly offset: number
  readonly stride: number
  readonly count: number
  /** What they are called in texts: `` `y` `` or `` `predicted` ``. */
  readonly name: string
}

/**
 * Labels as they lie: numbers in any form, or a list of texts or of true and false.
 *
 * @throws OneCopyError `ERR_SHAPE` for several labels a row; TypeError for no list
 */
export function readLabels(labels: unknown, name: string): LabelValues {
  const first: unknown = Array.isArray(labels) ? labels[0] : undefined
  if (typeof first === 'string' || typeof first === 'boolean') {
    const list = labels as readonly unknown[]
    return { data: list, offset: 0, stride: 1, count: list.length, name }
  }
  const array: NDArray = toArray(labels, name)
  if (array.ndim === 1 || (array.ndim === 2 && array.shape[1] === 1)) {
    requireAttached(array)
    const { data, offset, strides, shape } = array
    return { data, offset, stride: strides[0]!, count: shape[0]!, name }
  }
  throw new OneCopyError(
    'ERR_SHAPE',
    `Expected ${name} to have one label for each row, shape (n), got (${array.shape.join(', ')}).`,
    { details: { shape: [...array.shape] } },
  )
}

/**
 * The label of a row.
 *
 * @throws OneCopyError `ERR_VALUE` for NaN, infinity and 64-bit integers beyond 2^53; TypeError for no label
 */
export function labelAt({ data, offset, stride, name }: LabelValues, row: number): Label {
  const value = data[offset + row * stride]
  if (typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'bigint') return labelNumber(value, row)
  if (typeof value !== 'number')
    throw new TypeError(
      `Expected labels in ${name}, got ${show(value)} at row ${row} (counted from 0).`,
    )
  if (value - value === 0) return value
  throw new OneCopyError(
    'ERR_VALUE',
    `Expected labels, got ${value} in ${name} at row ${row} (counted from 0).`,
    { details: { row } },
  )
}

/** So many labels are compared one by one: looking one up makes an object of each number. */
const few = 8

/** Numbers labels as they come. */
export class LabelCodes {
  /** The labels by their numbers. */
  readonly labels: Label[] = []
  readonly #known = new Map<Label, number>()

  /** The number of the label of a row, which is a new one for a label that has not come before. */
  codeAt(values: LabelValues, row: number): number {
    const code = this.findAt(values, row)
    return code === -1 ? this.#add(labelAt(values, row), values.name, row) : code
  }

  /** The number of the label of a row; -1 for one that has not come before. */
  findAt(values: LabelValues, row: number): number {
    return this.find(labelAt(values, row))
  }

  /** The number of a label, or -1. */
  find(label: Label): number {
    const { labels } = this
    const end = labels.length < few ? labels.length : few
    for (let code = 0; code < end; code++) if (labels[code] === label) return code
    return end === labels.length ? -1 : (this.#known.get(label) ?? -1)
  }

  /**
   * Adds the labels of an option.
   *
   * @throws OneCopyError `ERR_OPTION` for none, or one that occurs twice; TypeError for no list of labels
   */
  addClasses(classes: ClassList): void {
    requireClassList(classes)
    const list = readLabels(classes, '`classes`')
    for (let i = 0; i < list.count; i++) {
      if (this.findAt(list, i) !== -1)
        throw refuseClasses(`different labels, got ${show(list.data[i])} twice`)
      this.#add(labelAt(list, i), list.name, i)
    }
    if (list.count === 0) throw refuseClasses('at least one label, got none')
  }

  #add(label: Label, name: string, row: number): number {
    const { labels } = this
    const [first = label] = labels
    if (typeof first !== typeof label)
      throw new TypeError(
        `Expected labels of one kind, got ${show(first)} and, in ${name} at row ${row} (counted from 0), ${show(label)}.`,
      )
    if (labels.length === mostClasses)
      throw new OneCopyError(
        'ERR_VALUE',
        `Expected at most ${mostClasses} different labels, got one more in ${name} at row ${row} (counted from 0). ` +
          'Are they numbers to predict? Use rmse() or another metric of numbers.',
        { details: { row } },
      )
    this.#known.set(label, labels.length)
    return labels.push(label) - 1
  }
}

function requireClassList(classes: unknown): void {
  if (Array.isArray(classes) || (ArrayBuffer.isView(classes) && 'length' in classes)) return
  throw new TypeError(
    `Expected \`classes\` to be a list of labels, such as \`model.classes_\`, got ${show(classes)}.`,
  )
}

function refuseClasses(what: string): OneCopyError {
  return new OneCopyError('ERR_OPTION', `Expected \`classes\` to be ${what}.`, {
    details: { name: 'classes' },
  })
}

/** Labels as an estimator keeps them: numbers in a Float64Array, others in a list. */
export function asClasses(labels: readonly Label[]): Classes {
  return (
    typeof labels[0] === 'number' ? Float64Array.from(labels as number[]) : [...labels]
  ) as Classes
}

/** The numbers of labels in the order of the labels: numbers and texts ascending, false before true. */
export function sortedCodes(labels: readonly Label[]): number[] {
  return Array.from(labels.keys()).sort((a, b) => (labels[a]! < labels[b]! ? -1 : 1))
}
