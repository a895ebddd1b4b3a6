/** Makes rows for a model of the tensors of a request. */

import { suggestNames } from '../../nearest-names.ts'
import { badRequest } from '../http/request-error.ts'
import type { ColumnValues, FeatureRows } from '../model/feature-rows.ts'
import type { InputColumn, ServedModel } from '../model/served-model.ts'
import { inputName } from '../tensors/read-json-data.ts'
import { numbersOf, type Tensor, toFloat64 } from '../tensors/tensor.ts'

/** What a matrix of all columns is called where the model doesn't name it. */
export const matrixName = 'X'

/**
 * Rows of one matrix with all columns, or of a tensor for each column.
 *
 * @throws RequestError 400 for inputs that don't fit the columns of the model
 */
export function rowsOfTensors(
  inputs: readonly Tensor[],
  model: Pick<ServedModel, 'columns' | 'width'>,
): FeatureRows {
  const { columns, width } = model
  if (columns === undefined) {
    if (inputs.length !== 1)
      throw badRequest(`Expected one input of shape [rows, columns], got ${inputs.length} inputs.`)
    return matrixRows(inputs[0]!, width)
  }
  const only = inputs.length === 1 ? inputs[0]! : undefined
  if (only !== undefined && columns.every(({ name }) => name !== only.name))
    return matrixAsColumns(only, columns)
  return columnRows(inputs, columns)
}

function matrixRows(input: Tensor, expected: number | undefined): FeatureRows {
  const { shape } = input
  const values = numbersOf(input)
  if (values === undefined)
    throw badRequest(`Expected numbers in ${inputName(input)}, got texts (BYTES).`)
  // One row may come as a vector.
  const [count, width] = shape.length === 1 ? [1, shape[0]!] : [shape[0]!, shape[1]!]
  if (shape.length > 2 || (expected !== undefined && width !== expected))
    throw badRequest(
      `Expected ${inputName(input)} to have shape [rows, ${expected ?? 'columns'}], as when the model was fitted, got [${shape.join(', ')}].`,
    )
  return { kind: 'matrix', count, width, values }
}

/** Columns of a matrix, in the order of the model's. */
function matrixAsColumns(input: Tensor, columns: readonly InputColumn[]): FeatureRows {
  const wrong = columns.find(({ categories }) => categories !== null)
  const [count, width] = input.shape
  if (wrong !== undefined || input.shape.length !== 2 || width !== columns.length)
    throw badRequest(
      `Expected an input for each of the ${columns.length} columns of the model` +
        (wrong === undefined ? `, or one of shape [rows, ${columns.length}]` : '') +
        `, got ${inputName(input)} of shape [${input.shape.join(', ')}]. ${suggestNames(
          input.name,
          columns.map(({ name }) => name),
        )}`,
    )
  const values = numbersOf(input)
  if (values === undefined)
    throw badRequest(`Expected numbers in ${inputName(input)}, got texts (BYTES).`)
  const lists = columns.map((_, j) => {
    const list = new Float64Array(count!)
    for (let i = 0, at = j; i < list.length; i++, at += width) list[i] = values[at]!
    return list
  })
  return { kind: 'columns', count: count!, columns: lists }
}

function columnRows(inputs: readonly Tensor[], columns: readonly InputColumn[]): FeatureRows {
  const byName = new Map<string, Tensor>()
  for (const input of inputs) {
    if (byName.has(input.name)) throw badRequest(`Expected ${inputName(input)} once, got it twice.`)
    byName.set(input.name, input)
  }
  const names = columns.map(({ name }) => name)
  const unknown = inputs.find(({ name }) => !names.includes(name))
  if (unknown !== undefined)
    throw badRequest(
      `Expected inputs named as the columns of the model, got ${inputName(unknown)}. ${suggestNames(unknown.name, names)}`,
    )
  let count: number | undefined
  const lists = columns.map(({ name, categories }): ColumnValues => {
    const input = byName.get(name)
    if (input === undefined)
      throw badRequest(`Expected an input '${name}', which is a column of the model, got none.`)
    const { shape } = input
    if (shape.length > 2 || (shape.length === 2 && shape[1] !== 1))
      throw badRequest(
        `Expected ${inputName(input)} to have shape [rows] or [rows, 1], got [${shape.join(', ')}].`,
      )
    count ??= shape[0]!
    if (shape[0] !== count)
      throw badRequest(
        `Expected ${count} rows in ${inputName(input)} as in others, got ${shape[0]}.`,
      )
    const numbers = numbersOf(input)
    if ((numbers === undefined) !== (categories !== null))
      throw badRequest(
        categories === null
          ? `Expected numbers in ${inputName(input)}, got texts (BYTES).`
          : `Expected texts (BYTES) in ${inputName(input)}, got ${input.datatype}.`,
      )
    return numbers === undefined ? (input.values as readonly string[]) : toFloat64(numbers)
  })
  return { kind: 'columns', count: count ?? 0, columns: lists }
}
