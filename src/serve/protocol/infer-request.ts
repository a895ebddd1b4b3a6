/** Reads an inference request: JSON, and bytes of tensors behind it. */

import { isObject, parseJson, showJson } from '../http/parse-json.ts'
import { badRequest } from '../http/request-error.ts'
import type { OutputName } from '../model/model-outputs.ts'
import type { ServedModel } from '../model/served-model.ts'
import { requireDatatype } from '../tensors/datatypes.ts'
import { readBinaryData } from '../tensors/read-binary-data.ts'
import { inputName, readJsonData } from '../tensors/read-json-data.ts'
import { countValues, type Tensor } from '../tensors/tensor.ts'

/** An output that is wanted, and in which form. */
export interface WantedOutput {
  readonly name: OutputName
  readonly isBinary: boolean
}

/** A request as the protocol has it. */
export interface InferRequest {
  readonly id: string | undefined
  readonly inputs: readonly Tensor[]
  readonly outputs: readonly WantedOutput[]
  /** Names of the outputs; one list for all requests of a model that ask for none. */
  readonly names: readonly OutputName[]
}

/** More axes and inputs than this are no table. */
const mostAxes = 8
const mostValues = 2 ** 31

/**
 * Reads a request.
 *
 * @param headerLength - the header `Inference-Header-Content-Length`: bytes of the JSON; undefined: all of them
 * @throws RequestError 400
 * @see kserve's open-inference-protocol, `inference_rest.md`; Triton's `extension_binary_data.md`
 */
export function readInferRequest(
  body: Buffer,
  headerLength: string | undefined,
  model: Pick<ServedModel, 'outputs'>,
): InferRequest {
  const length = headerLength === undefined ? body.length : requireLength(headerLength, body)
  const request = parseJson(length === body.length ? body : body.subarray(0, length))
  if (!isObject(request))
    throw badRequest(`Expected an object with \`inputs\`, got ${showJson(request)}.`)
  const { id, inputs, outputs, parameters } = request
  if (id !== undefined && typeof id !== 'string')
    throw badRequest(`Expected \`id\` to be a text, got ${showJson(id)}.`)
  if (!Array.isArray(inputs) || inputs.length === 0)
    throw badRequest(`Expected \`inputs\` to be a list of tensors, got ${showJson(inputs)}.`)
  const bytes = new TensorBytes(body, length)
  const tensors = inputs.map((input: unknown, i) => readInput(input, i, bytes))
  bytes.requireEnd()
  return { id, inputs: tensors, ...readOutputs(outputs, parameters, model) }
}

/** The bytes behind the JSON, of which one input after the other takes its own. */
class TensorBytes {
  readonly #body: Buffer
  #at: number

  constructor(body: Buffer, start: number) {
    this.#body = body
    this.#at = start
  }

  take(size: number, head: Pick<Tensor, 'name'>): Buffer {
    const end = this.#at + size
    if (end > this.#body.length)
      throw badRequest(
        `Expected ${size} bytes for ${inputName(head)}, the body has ${this.#body.length - this.#at} left.`,
      )
    const bytes = this.#body.subarray(this.#at, end)
    this.#at = end
    return bytes
  }

  requireEnd(): void {
    const left = this.#body.length - this.#at
    if (left > 0) throw badRequest(`Expected no bytes behind the last input, got ${left}.`)
  }
}

function requireLength(text: string, body: Buffer): number {
  const length = /^\d{1,15}$/.test(text) ? Number(text) : NaN
  if (length <= body.length) return length
  throw badRequest(
    `Expected Inference-Header-Content-Length to be a whole number up to ${body.length}, the bytes of the body, got '${text.slice(0, 40)}'.`,
  )
}

function readInput(input: unknown, i: number, bytes: TensorBytes): Tensor {
  if (!isObject(input))
    throw badRequest(`Expected input ${i} to be a tensor, got ${showJson(input)}.`)
  const { name, shape, data, parameters } = input
  if (typeof name !== 'string')
    throw badRequest(`Expected \`name\` of input ${i} to be a text, got ${showJson(name)}.`)
  const datatype = requireDatatype(input['datatype'], inputName({ name }))
  const head = { name, datatype, shape: requireShape(shape, name) }
  const count = countValues(head.shape)
  const size = isObject(parameters) ? parameters['binary_data_size'] : undefined
  if (size === undefined) return { ...head, values: readJsonData(data, head, count) }
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
    throw badRequest(
      `Expected \`binary_data_size\` of ${inputName(head)} to be a number of bytes, got ${showJson(size)}.`,
    )
  if (data !== undefined)
    throw badRequest(
      `Expected either \`data\` or \`binary_data_size\` of ${inputName(head)}, got both.`,
    )
  return { ...head, values: readBinaryData(bytes.take(size, head), head, count) }
}

function requireShape(shape: unknown, name: string): readonly number[] {
  if (isShape(shape)) return shape
  const given = Array.isArray(shape)
    ? `[${shape.slice(0, 8).map(showJson).join(', ')}]`
    : showJson(shape)
  throw badRequest(
    `Expected \`shape\` of ${inputName({ name })} to be a list of 1 to ${mostAxes} lengths, got ${given}.`,
  )
}

function isShape(shape: unknown): shape is readonly number[] {
  if (!Array.isArray(shape) || shape.length === 0 || shape.length > mostAxes) return false
  for (const length of shape) if (!Number.isSafeInteger(length) || length < 0) return false
  return countValues(shape) < mostValues
}

type Wanted = Pick<InferRequest, 'outputs' | 'names'>

/** All outputs of models, as JSON and as bytes. */
const allOutputs = new WeakMap<
  ServedModel['outputs'],
  { readonly [Form in 'json' | 'binary']: Wanted }
>()

function allOutputsOf({ outputs }: Pick<ServedModel, 'outputs'>, isBinary: boolean): Wanted {
  let all = allOutputs.get(outputs)
  if (all === undefined) {
    const names = outputs.map(({ name }) => name)
    const as = (isBinary: boolean): Wanted => ({
      outputs: names.map((name) => ({ name, isBinary })),
      names,
    })
    allOutputs.set(outputs, (all = { json: as(false), binary: as(true) }))
  }
  return isBinary ? all.binary : all.json
}

/** Outputs that are wanted: those of the request, or all of the model. */
function readOutputs(
  outputs: unknown,
  parameters: unknown,
  model: Pick<ServedModel, 'outputs'>,
): Wanted {
  const isBinary = isObject(parameters) && parameters['binary_data_output'] === true
  if (outputs === undefined || (Array.isArray(outputs) && outputs.length === 0))
    return allOutputsOf(model, isBinary)
  if (!Array.isArray(outputs))
    throw badRequest(`Expected \`outputs\` to be a list, got ${showJson(outputs)}.`)
  const wanted = new Map<OutputName, WantedOutput>()
  for (const output of outputs as unknown[]) {
    const name = isObject(output) ? output['name'] : undefined
    const known = model.outputs.find((one) => one.name === name)
    if (known === undefined) {
      const names = model.outputs.map((one) => `'${one.name}'`).join(' and ')
      throw badRequest(`Expected outputs named ${names}, got ${showJson(name)}.`)
    }
    const own = (output as { parameters?: { binary_data?: unknown } }).parameters?.binary_data
    wanted.set(known.name, {
      name: known.name,
      isBinary: typeof own === 'boolean' ? own : isBinary,
    })
  }
  return { outputs: [...wanted.values()], names: [...wanted.keys()] }
}
