/** Writes an inference response: JSON, and bytes of tensors behind it. */

import type { Predicted } from '../model/model-outputs.ts'
import type { ServedModel } from '../model/served-model.ts'
import { binaryValues, jsonValues } from '../tensors/write-values.ts'
import type { InferRequest } from './infer-request.ts'

/** A response; `headerLength` is that of the JSON when bytes follow it. */
export interface InferResponse {
  readonly body: string | Buffer
  readonly headerLength: number | undefined
}

/** Writes the outputs that were wanted, in their order. */
export function writeInferResponse(
  model: Pick<ServedModel, 'name' | 'version' | 'outputs'>,
  request: Pick<InferRequest, 'id' | 'outputs'>,
  predicted: Predicted,
  count: number,
): InferResponse {
  const binary: Buffer[] = []
  const tensors = request.outputs.map(({ name, isBinary }) => {
    const { datatype } = model.outputs.find((output) => output.name === name)!
    const values = predicted[name]!
    const shape = [count, ...values.rowShape].join(',')
    const head = `{"name":"${name}","datatype":"${datatype}","shape":[${shape}]`
    if (!isBinary) return `${head},"data":${jsonValues(values)}}`
    const bytes = binaryValues(values, datatype)
    binary.push(bytes)
    return `${head},"parameters":{"binary_data_size":${bytes.length}}}`
  })
  const id = request.id === undefined ? '' : `"id":${JSON.stringify(request.id)},`
  const text =
    `{"model_name":${JSON.stringify(model.name)},"model_version":${JSON.stringify(model.version)},${id}` +
    `"outputs":[${tensors.join(',')}]}`
  if (binary.length === 0) return { body: text, headerLength: undefined }
  const json = Buffer.from(text)
  return { body: Buffer.concat([json, ...binary]), headerLength: json.length }
}
