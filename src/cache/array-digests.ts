/** Digests of arrays' elements, whatever their strides. */

import { itemSize, type NDArray } from '../arrays/index.ts'
import { bytesOf, type Mapping, mappingOf, requireAttached } from '../arrays/internal.ts'
import { kernelThreads, native } from '../native/index.ts'
import { type FileState, readFileState, type RememberedDigests } from './remembered-digests.ts'

/** Of fewer bytes the digest is made at once: that takes less time than to ask another thread. */
const fewBytes = 256 * 1024

/** Elements in memory. */
interface Elements {
  readonly data: NodeJS.TypedArray
  readonly offset: number
  readonly shape: readonly number[]
  readonly strides: readonly number[]
  readonly bytes: number
}

/** The digests for one key. Those of large arrays are made beside the event loop. */
export class ArrayDigests {
  readonly #remembered: RememberedDigests | undefined
  readonly #signal: AbortSignal | undefined
  readonly #waits: boolean
  /** By memory, then by which elements of it. */
  readonly #known = new Map<ArrayBufferLike, Map<string, string>>()
  #pending: Promise<void>[] = []

  /**
   * @param remembered - digests of unchanged files; undefined: none are remembered
   * @param options - `waits`: makes each digest at once, so that none is ever pending
   */
  constructor(
    remembered: RememberedDigests | undefined,
    { signal, waits = false }: { signal?: AbortSignal | undefined; waits?: boolean } = {},
  ) {
    this.#remembered = remembered
    this.#signal = signal
    this.#waits = waits
  }

  /** The digest of an array's elements; of a large one that nobody has asked for before, an empty text for now. */
  ofArray(array: NDArray): string {
    requireAttached(array)
    const { data, offset, shape, strides, dtype, mapping } = array
    const bytes = array.size * itemSize(dtype)
    return this.#find({ data, offset, shape, strides, bytes }, dtype, mapping, () => bytesOf(array))
  }

  /** The same of bytes. */
  ofBytes(value: ArrayBufferView | ArrayBufferLike): string {
    const [buffer, start] = ArrayBuffer.isView(value)
      ? [value.buffer, value.byteOffset]
      : [value, 0]
    const { byteLength } = value
    const data = new Uint8Array(buffer)
    const shape = [byteLength]
    return this.#find(
      { data, offset: start, shape, strides: [1], bytes: byteLength },
      'uint8',
      mappingOf(buffer),
      () => [start, start + byteLength],
    )
  }

  /** Whether digests are being made, so that what was written has gaps. */
  get isPending(): boolean {
    return this.#pending.length > 0
  }

  /** Waits until all digests are there. */
  async settle(): Promise<void> {
    const pending = this.#pending
    this.#pending = []
    await Promise.all(pending)
  }

  #find(
    elements: Elements,
    dtype: string,
    mapping: Mapping | undefined,
    range: () => readonly [start: number, stop: number],
  ): string {
    const { data, offset, shape, strides, bytes } = elements
    if (mapping === undefined && bytes <= fewBytes)
      return native.hashElementsNow(data, offset, shape, strides)
    const form = `${dtype} ${data.byteOffset + offset * data.BYTES_PER_ELEMENT} [${shape.join()}] [${strides.join()}]`
    const known = this.#known.get(data.buffer) ?? new Map<string, string>()
    this.#known.set(data.buffer, known)
    const before = known.get(form)
    if (before !== undefined) return before
    const state = this.#remembered && mapping && stateOf(mapping, range)
    const name = state && `${state.text} ${form}`
    const remembered = name && this.#remembered?.find(name)
    if (remembered !== undefined && remembered !== '') {
      known.set(form, remembered)
      return remembered
    }
    const keep = (digest: string): void => {
      known.set(form, digest)
      if (state === undefined) return
      // Not when somebody wrote to the file while it was read.
      if (stateOf(mapping!, range)?.text === state.text)
        this.#remembered!.note(name!, state, digest)
    }
    if (bytes <= fewBytes || this.#waits) {
      keep(native.hashElementsNow(data, offset, shape, strides))
      return known.get(form)!
    }
    known.set(form, '')
    this.#pending.push(this.#hash(elements).then(keep))
    return ''
  }

  async #hash({ data, offset, shape, strides }: Elements): Promise<string> {
    this.#signal?.throwIfAborted()
    const digest = native.hashElements(data, offset, shape, strides, kernelThreads())
    const job = native.startedJobs()
    const stop = (): void => native.stopJob(job)
    this.#signal?.addEventListener('abort', stop, { once: true })
    try {
      return await digest
    } catch (error) {
      this.#signal?.throwIfAborted()
      throw error
    } finally {
      this.#signal?.removeEventListener('abort', stop)
    }
  }
}

/** The state of a mapped file that has the bytes which its mapping shows; undefined when it may have others. */
function stateOf(
  mapping: Mapping,
  range: () => readonly [start: number, stop: number],
): FileState | undefined {
  if (mapping.kind !== 'file' || mapping.mode !== 'c' || mapping.path === undefined)
    return undefined
  const state = readFileState(mapping.path)
  if (state === undefined || !isOf(state, mapping)) return undefined
  return mapping.hasPrivateWrites(...range()) ? undefined : state
}

/** Whether the path still leads to the file that was mapped. */
function isOf({ identity }: FileState, mapping: Mapping): boolean {
  return mapping.identity === identity || mapping.identity.startsWith(`${identity}:`)
}
