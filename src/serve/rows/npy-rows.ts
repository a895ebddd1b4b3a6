/** Rows and predictions in NumPy's format for one array. */

import { formatNpyHeader, parseDescr, parseNpyHeader } from '../../arrays/internal.ts'
import { isOneCopyError } from '../../errors.ts'
import { badRequest, RequestError } from '../http/request-error.ts'
import type { FeatureRows } from '../model/feature-rows.ts'
import { matrixName, rowsOfTensors } from '../protocol/tensor-rows.ts'
import { readBinaryData } from '../tensors/read-binary-data.ts'
import type { PredictedValues } from '../model/model-outputs.ts'
import type { RowSchema } from './read-json-rows.ts'

const datatypes: Readonly<Record<string, string>> = {
  bool: 'BOOL',
  int8: 'INT8',
  int16: 'INT16',
  int32: 'INT32',
  int64: 'INT64',
  uint8: 'UINT8',
  uint16: 'UINT16',
  uint32: 'UINT32',
  uint64: 'UINT64',
  float32: 'FP32',
  float64: 'FP64',
}

/**
 * Reads a body: an array of numbers with a row for each row to predict.
 *
 * @throws RequestError 400
 */
export function readNpyRows(body: Buffer, schema: RowSchema): FeatureRows {
  const { shape, datatype, fortranOrder, data } = readNpy(body)
  const count = shape.reduce((product, length) => product * length, 1)
  const head = { name: matrixName, datatype, shape }
  const values = readBinaryData(data, head, count) as Float64Array
  const ordered = fortranOrder && shape.length === 2 ? transpose(values, shape) : values
  return rowsOfTensors([{ ...head, values: ordered }], schema)
}

function readNpy(body: Buffer) {
  try {
    const { descr, fortranOrder, shape, dataOffset } = parseNpyHeader(body, 'the body')
    const { dtype, form, isSwapped } = parseDescr(descr, 'the body')
    if (form === 'complex' || isSwapped)
      throw badRequest(`Expected real numbers, little-endian, in the .npy body, got '${descr}'.`)
    if (shape.length === 0) throw badRequest('Expected an array of rows in the .npy body, got ().')
    const datatype = form === 'half' ? 'FP16' : datatypes[dtype]!
    return { shape, fortranOrder, datatype, data: body.subarray(dataOffset) }
  } catch (error) {
    if (isOneCopyError(error)) throw badRequest(error.message)
    throw error
  }
}

/** Values of an array whose first axis runs fastest, row by row. */
function transpose(values: Float64Array, shape: readonly number[]): Float64Array {
  const [rows, columns] = shape as [number, number]
  const turned = new Float64Array(values.length)
  for (let j = 0, at = 0; j < columns; j++)
    for (let i = 0; i < rows; i++) turned[i * columns + j] = values[at++]!
  return turned
}

/**
 * Writes predicted numbers as an array of float64.
 *
 * @throws RequestError 406 for labels that are texts or true and false
 */
export function writeNpy({ values, rowShape }: PredictedValues, count: number): Buffer {
  if (!(values instanceof Float64Array))
    throw new RequestError(
      406,
      'Expected predictions that are numbers to answer with application/x-npy, these are labels. Ask for probabilities: /predict?output=probabilities.',
    )
  const header = formatNpyHeader({ descr: '<f8', fortranOrder: false, shape: [count, ...rowShape] })
  const bytes = Buffer.alloc(header.length + 8 * values.length)
  bytes.set(header)
  for (const [i, value] of values.entries()) bytes.writeDoubleLE(value, header.length + 8 * i)
  return bytes
}
