/** Writes an inference response: JSON, and bytes of tensors behind it. */

import type { Predicted } from '../model/model-outputs.ts'
import type { ServedModel } from '../model/served-model.ts'
import { countValues } from '../tensors/tensor.ts'
import { binaryValues, jsonValues } from '../tensors/write-values.ts'
import type { InferRequest } from './infer-request.ts'

/** A response; `headerLength` is that of the JSON when bytes follow it. */
export interface InferResponse {
  readonly body: string | Buffer
  readonly headerLength: number | undefined
}

type AnsweringModel = Pick<ServedModel, 'name' | 'version' | 'outputs'>

/**
 * Writes the outputs that were wanted, in their order.
 *
 * @param predicted - for rows of this request and of others
 * @param start - the first row of this request
 * @param count - rows of this request
 */
export function writeInferResponse(
  model: AnsweringModel,
  request: Pick<InferRequest, 'id' | 'outputs'>,
  predicted: Predicted,
  { start, count }: { readonly start: number; readonly count: number },
): InferResponse {
  const binary: Buffer[] = []
  let tensors = ''
  for (const { name, isBinary } of request.outputs) {
    const { values, rowShape } = predicted[name]!
    const width = countValues(rowShape)
    const [from, to] = [start * width, (start + count) * width]
    const shape = rowShape.length === 0 ? count : `${count},${rowShape.join(',')}`
    const { datatype } = model.outputs.find((output) => output.name === name)!
    if (tensors !== '') tensors += ','
    tensors += `{"name":"${name}","datatype":"${datatype}","shape":[${shape}],`
    if (isBinary) {
      const bytes = binaryValues(values, from, to, datatype)
      binary.push(bytes)
      tensors += `"parameters":{"binary_data_size":${bytes.length}}}`
    } else tensors += `"data":${jsonValues(values, from, to)}}`
  }
  const id = request.id === undefined ? '' : `"id":${JSON.stringify(request.id)},`
  const text = `${beginningOf(model)}${id}"outputs":[${tensors}]}`
  if (binary.length === 0) return { body: text, headerLength: undefined }
  const json = Buffer.from(text)
  return { body: Buffer.concat([json, ...binary]), headerLength: json.length }
}

const beginnings = new WeakMap<AnsweringModel, string>()

/** How the answers of a model begin. */
function beginningOf(model: AnsweringModel): string {
  let text = beginnings.get(model)
  if (text === undefined) {
    text = `{"model_name":${JSON.stringify(model.name)},"model_version":${JSON.stringify(model.version)},`
    beginnings.set(model, text)
  }
  return text
}
