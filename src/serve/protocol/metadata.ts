/** What the protocol says about a server and its models. */

import type { ServedModel } from '../model/served-model.ts'
import { matrixName } from './tensor-rows.ts'

/** Name, type and shape of an input or output; -1 is any length. */
interface TensorMetadata {
  readonly name: string
  readonly datatype: string
  readonly shape: readonly number[]
}

/** The answer about one model. */
export interface ModelMetadata {
  readonly name: string
  readonly versions: readonly string[]
  readonly platform: string
  readonly inputs: readonly TensorMetadata[]
  readonly outputs: readonly TensorMetadata[]
  /** What the protocol leaves open. */
  readonly parameters: {
    readonly kind: string
    readonly classes?: readonly (string | number | boolean)[]
    /** For each column of texts those that the model knows. */
    readonly categories?: Readonly<Record<string, readonly string[]>>
  }
}

/** More texts of a column than this are not listed. */
const mostCategories = 1000

/** Describes a model. */
export function modelMetadata(model: ServedModel): ModelMetadata {
  const { columns, width, classes } = model
  const inputs = columns?.map(({ name, categories }) => ({
    name,
    datatype: categories === null ? 'FP64' : 'BYTES',
    shape: [-1, 1],
  }))
  const texts = columns?.flatMap(({ name, categories }): [string, readonly string[]][] =>
    categories === null ? [] : [[name, categories.slice(0, mostCategories)]],
  )
  return {
    name: model.name,
    versions: [model.version],
    platform: 'onecopy',
    inputs: inputs ?? [{ name: matrixName, datatype: 'FP64', shape: [-1, width ?? -1] }],
    outputs: model.outputs.map(({ name, datatype, rowShape }) => ({
      name,
      datatype,
      shape: [-1, ...(rowShape ?? (name === 'predict_proba' ? [classes?.length ?? -1] : []))],
    })),
    parameters: {
      kind: model.kind,
      ...(classes && { classes }),
      ...(texts && texts.length > 0 && { categories: Object.fromEntries(texts) }),
    },
  }
}

/** Describes the server. */
export function serverMetadata(version: string): object {
  return { name: 'onecopy', version, extensions: ['binary_tensor_data'] }
}
