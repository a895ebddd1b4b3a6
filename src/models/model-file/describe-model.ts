/** Describes model files without reading their arrays. */

import { requirePath } from '../../arrays/internal.ts'
import { describeContainer, type StoredArray } from '../../container/index.ts'
import { tagKey } from '../../objects/internal.ts'
import { type JsonValue, type ModelMetadata, requireModelSchema } from './model-schema.ts'
import { outlineTree } from './outline.ts'
import { isOwnClass } from './own-classes.ts'
import { readSignature } from './signature-text.ts'

/** What a model file holds. */
export interface ModelDescription {
  /** Absolute path. */
  readonly path: string
  /** Bytes of the file. */
  readonly bytes: number
  readonly metadata: ModelMetadata
  /** Its classes in the order of their first instances, each with the version that its state has. */
  readonly classes: readonly ModelClass[]
  /** Names of the classes that `openModel` wants in `trusted`. */
  readonly needsTrust: readonly string[]
  /** Its arrays in the order of the file. All of them can be mapped. */
  readonly arrays: readonly ModelArray[]
  /** The model as JSON for people: options and learned values, with arrays as texts such as `float64 (100, 3)`. */
  readonly model: JsonValue
  /** The public key that the signature says to be of, in base64; not verified. Undefined for a file without a signature. */
  readonly signedBy: string | undefined
}

/** A class of which a model file has instances. */
export interface ModelClass {
  readonly name: string
  readonly version: number
  readonly count: number
}

/** An array of a model file. */
export interface ModelArray {
  /** Name of its member without `.npy`, by which NumPy finds it. */
  readonly name: string
  readonly dtype: StoredArray['dtype']
  readonly shape: readonly number[]
  /** Bytes of its elements. */
  readonly bytes: number
}

/**
 * Says what a model file holds. It reads the schema and the headers of the arrays, and makes no instance of any class.
 *
 * @param path - a file of `saveModel`, from anybody
 * @throws OneCopyError `ERR_FILE`, `ERR_FORMAT` or `ERR_DTYPE` as `openModel` does for what it reads
 *
 * @example
 * ```ts
 * const { classes, needsTrust, metadata } = await describeModel('price.onecopy')
 * ```
 */
// Async, so that it may read in other ways later.
// oxlint-disable-next-line typescript/require-await
export async function describeModel(path: string): Promise<ModelDescription> {
  requirePath(path)
  const contents = describeContainer(path)
  const { metadata, model } = requireModelSchema(contents.schema, contents.path)
  const classes = listClasses(model)
  return {
    path: contents.path,
    bytes: contents.size,
    metadata,
    classes,
    needsTrust: [...new Set(classes.map(({ name }) => name))].filter((name) => !isOwnClass(name)),
    arrays: contents.arrays.map(({ name, dtype, shape, byteLength }) => ({
      name: name.slice(0, -'.npy'.length),
      dtype,
      shape,
      bytes: byteLength,
    })),
    model: outlineTree(model, contents.arrays),
    signedBy: readSignature(contents)?.key,
  }
}

/** All classes of a tree, each version by itself. */
function listClasses(tree: unknown): ModelClass[] {
  const found = new Map<string, { name: string; version: number; count: number }>()
  const rest: unknown[] = [tree]
  while (rest.length > 0) {
    const next = rest.pop()
    if (typeof next !== 'object' || next === null) continue
    const { [tagKey]: tag, type, version } = next as Readonly<Record<string, unknown>>
    if (tag === 'instance' && typeof type === 'string') {
      const number = typeof version === 'number' ? version : NaN
      const key = `${type} ${number}`
      const known = found.get(key) ?? { name: type, version: number, count: 0 }
      known.count++
      found.set(key, known)
    }
    // Not spread: a list may have more items than a call may have arguments.
    for (const member of Object.values(next).toReversed()) rest.push(member)
  }
  return [...found.values()]
}
