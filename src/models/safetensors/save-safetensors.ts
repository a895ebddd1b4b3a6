/** Saves arrays as .safetensors files. */

import type { NDArray } from '../../arrays/index.ts'
import { elementBytes, PendingArrayFile, requirePath, withPages } from '../../arrays/internal.ts'
import { OneCopyError, show } from '../../errors.ts'
import { type OptionTypes, requireOptions, signal } from '../../options.ts'
import { writeWhole } from '../../pending-file.ts'
import { requireArrays } from '../named-arrays.ts'
import { mostHeaderBytes } from './tensor-header.ts'
import { rankOf, tensorTypeOf } from './tensor-types.ts'

/** Options of {@link saveSafetensors}. */
export interface SaveSafetensorsOptions {
  /** Texts by name, which the file has under `__metadata__`; default: none. */
  readonly metadata?: Readonly<Record<string, string>>
  /** Stops the writing; nothing is left behind then. */
  readonly signal?: AbortSignal
}

/**
 * Saves arrays as a .safetensors file, in the order of the reference writer: the widest elements first, then by name. All
 * of them lie aligned, so that `openSafetensors` maps them. The same arrays give the same bytes. The file appears whole or not
 * at all; an existing one is replaced, also when it is the one that the arrays are mapped from.
 *
 * @param path - where the file appears
 * @param arrays - by name: a record or a Map; views are written as they are seen, in C order
 * @throws OneCopyError `ERR_FILE` when it can't be written, `ERR_OPTION` for the name `__metadata__` and for metadata that
 * are no texts, `ERR_VALUE` when there are too many of them, `ERR_DETACHED` when the memory of an array is moved away before all of it is written; TypeError for what is no
 * NDArray
 *
 * @example
 * ```ts
 * await saveSafetensors('weights.safetensors', { weight, bias }, { metadata: { format: 'pt' } })
 * ```
 */
export async function saveSafetensors(
  path: string,
  arrays: Readonly<Record<string, NDArray>> | ReadonlyMap<string, NDArray>,
  options: SaveSafetensorsOptions = {},
): Promise<void> {
  requirePath(path)
  requireOptions('saveSafetensors', options, saveTypes)
  const tensors = sortTensors(requireArrays('saveSafetensors', arrays))
  const header = formatHeader(tensors, requireMetadata(options.metadata))
  await withPages(
    tensors.map(({ array }) => array),
    () =>
      writeWhole(new PendingArrayFile(path), async (file) => {
        await file.write(header)
        for (const { name, array } of tensors) {
          for (const piece of elementBytes(array, show(name))) {
            options.signal?.throwIfAborted()
            await file.write(piece)
          }
        }
      }),
  )
}

const saveTypes: OptionTypes<SaveSafetensorsOptions> = { metadata: true, signal }

interface Tensor {
  readonly name: string
  readonly type: string
  readonly array: NDArray
}

function sortTensors(entries: readonly (readonly [string, NDArray])[]): Tensor[] {
  const tensors = entries.map(([name, array]) => {
    if (name !== '__metadata__') return { name, type: tensorTypeOf(array.dtype), array }
    throw new OneCopyError(
      'ERR_OPTION',
      "Expected another name than '__metadata__' for an array: the format has texts there. Pass them as `metadata`.",
      { details: { name } },
    )
  })
  return tensors.sort(
    (a, b) =>
      rankOf(b.type) - rankOf(a.type) || Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)),
  )
}

function requireMetadata(
  metadata: Readonly<Record<string, string>> | undefined,
): [string, string][] | undefined {
  if (metadata === undefined) return undefined
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata))
    throw new TypeError(`Expected \`metadata\` to be texts by name, got ${show(metadata)}.`)
  const entries = Object.entries<unknown>(metadata).map(([name, value]): [string, string] => {
    if (typeof value !== 'string') {
      throw new TypeError(
        `Expected a text in \`metadata\` at ${show(name)}, got ${show(value)}. Other values can be texts of JSON.`,
      )
    }
    if (name.isWellFormed() && value.isWellFormed()) return [name, value]
    throw new OneCopyError(
      'ERR_OPTION',
      `Expected well-formed Unicode in \`metadata\` at ${show(name)}, got half of a surrogate pair.`,
      { details: { name } },
    )
  })
  return entries.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
}

/** The length of the header, and the header, as the reference writer has them. */
function formatHeader(
  tensors: readonly Tensor[],
  metadata: [string, string][] | undefined,
): Uint8Array {
  let end = 0
  const entries = tensors.map(({ name, type, array }) => {
    const begin = end
    end += array.nbytes
    const entry = { dtype: type, shape: array.shape, data_offsets: [begin, end] }
    return `${JSON.stringify(name)}:${JSON.stringify(entry)}`
  })
  // By hand, since objects of JavaScript put names that are numbers first.
  const texts = metadata?.map(([name, text]) => `${JSON.stringify(name)}:${JSON.stringify(text)}`)
  const first = texts === undefined ? [] : [`"__metadata__":{${texts.join(',')}}`]
  const text = new TextEncoder().encode(`{${[...first, ...entries].join(',')}}`)
  const length = Math.ceil(text.length / 8) * 8
  if (length > mostHeaderBytes)
    throw new OneCopyError(
      'ERR_VALUE',
      `Expected names and metadata of at most ${mostHeaderBytes} bytes, which readers take, got ${length}.`,
      { details: { expected: mostHeaderBytes, bytes: length } },
    )
  const header = new Uint8Array(8 + length).fill(0x20)
  new DataView(header.buffer).setBigUint64(0, BigInt(length), true)
  header.set(text, 8)
  return header
}
