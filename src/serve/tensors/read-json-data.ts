/** Reads values of a tensor from JSON, nested or flat. */

import { badRequest } from '../http/request-error.ts'
import { showJson } from '../http/parse-json.ts'
import { type NumberType, numberType } from './datatypes.ts'
import type { Numbers, Tensor } from './tensor.ts'

/** What is known of a tensor before its values. */
type TensorHead = Omit<Tensor, 'values'>

/**
 * Reads `data` of an input.
 *
 * @param data - a list of all values, or lists in lists as the shape says
 * @param count - values that the shape has
 * @throws RequestError 400 for too few or too many values, and for values of another type
 */
export function readJsonData(
  data: unknown,
  head: TensorHead,
  count: number,
): Numbers | (string | null)[] {
  if (!Array.isArray(data))
    throw badRequest(
      `Expected \`data\` of ${inputName(head)} to be a list, got ${showJson(data)}. ` +
        'Values behind the JSON need the parameter `binary_data_size`.',
    )
  const type = numberType(head.datatype)
  const flat = flatten(data as unknown[], head, count)
  return type === undefined ? flat.map(textReader(head)) : readNumbers(flat, head, type)
}

/** What an input is called in error texts. */
export function inputName({ name }: Pick<Tensor, 'name'>): string {
  return `input '${name.slice(0, 80)}'`
}

/** All values in one list. */
function flatten(data: readonly unknown[], head: TensorHead, count: number): readonly unknown[] {
  if (!Array.isArray(data[0])) {
    if (data.length === count) return data
    throw wrongCount(data.length, head, count)
  }
  const flat: unknown[] = []
  const visit = (list: readonly unknown[], axis: number): void => {
    if (list.length !== head.shape[axis])
      throw badRequest(
        `Expected lists of ${head.shape[axis] ?? 'values'} on axis ${axis} of ${inputName(head)}, ` +
          `whose shape is [${head.shape.join(', ')}], got a list of ${list.length}.`,
      )
    for (const one of list) {
      if (axis === head.shape.length - 1) {
        flat.push(one)
        continue
      }
      if (!Array.isArray(one))
        throw badRequest(
          `Expected lists on axis ${axis} of ${inputName(head)}, got ${showJson(one)}.`,
        )
      visit(one as unknown[], axis + 1)
    }
  }
  visit(data, 0)
  return flat
}

function readNumbers(flat: readonly unknown[], head: TensorHead, type: NumberType): Numbers {
  const { round } = type
  if (type.range === undefined && round === undefined && areFinite(flat)) return flat
  const numbers = new Float64Array(flat.length)
  const isFloat = type.range === undefined
  const [least, most] = type.range ?? [-Infinity, Infinity]
  for (let i = 0; i < flat.length; i++) {
    const value = flat[i]
    const exact = typeof value === 'number' ? value : numberOf(value, isFloat)
    const number = round === undefined || exact === undefined ? exact : round(exact)
    const isRight =
      number !== undefined &&
      (isFloat
        ? Number.isFinite(number) || value === null
        : number >= least && number <= most && Number.isInteger(number))
    if (!isRight)
      throw badRequest(
        `Expected values of type ${head.datatype} in ${inputName(head)}, got ${showJson(value)} at position ${i} (counted from 0).`,
      )
    numbers[i] = number
  }
  return numbers
}

function areFinite(values: readonly unknown[]): values is readonly number[] {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false
  return true
}

/** JSON has no NaN: null is a missing value, where the type has one. */
function numberOf(value: unknown, isFloat: boolean): number | undefined {
  if (value === null) return isFloat ? NaN : undefined
  return typeof value === 'boolean' ? Number(value) : undefined
}

function textReader(head: TensorHead) {
  return (value: unknown, i: number): string | null => {
    if (typeof value === 'string' || value === null) return value
    throw badRequest(
      `Expected texts in ${inputName(head)}, whose type is BYTES, got ${showJson(value)} at position ${i} (counted from 0).`,
    )
  }
}

function wrongCount(got: number, head: TensorHead, count: number): Error {
  return badRequest(
    `Expected ${count} values in ${inputName(head)}, whose shape is [${head.shape.join(', ')}], got ${got}.`,
  )
}
