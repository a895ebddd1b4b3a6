/** The memory page through which an isolate publishes its heap. */

/** What an isolate says about itself; sizes in bytes. */
export interface IsolateHeap {
  /** Its thread within the process, 0 for the main thread. */
  readonly thread: number
  /** What it calls itself, such as `worker 2`. */
  readonly name: string
  /** When it wrote this, in milliseconds since 1970: an isolate that is busy writes nothing. */
  readonly epochMs: number
  /** Objects on the heap of V8, and the memory that V8 holds for them. */
  readonly heapUsed: number
  readonly heapTotal: number
  /** Memory outside of the heap that belongs to its objects, ArrayBuffers included. */
  readonly external: number
  readonly arrayBuffers: number
  /** Tasks of a `Parallel` that it has finished, if any. */
  readonly tasks?: number
}

/** Bytes of a page. */
export const heapPageBytes = 256

/** What the first eight bytes of a page say; the last digits are the version. */
const magic = 'ochp0002'
const numbers = 10
const nameStart = 8 + 8 * numbers

/**
 * Writes a page: the magic word, ten numbers, and a name. The first and the last number are the
 * same count, so that a reader knows a page that is half written.
 *
 * @param pid - its process, so that an inherited descriptor is not taken for the reader's own
 * @param count - another one each time
 */
export function encodeHeapPage(pid: number, count: number, heap: IsolateHeap): Uint8Array {
  const page = new Uint8Array(heapPageBytes)
  page.set(Buffer.from(magic, 'latin1'))
  const { thread, epochMs, heapUsed, heapTotal, external, arrayBuffers, tasks = 0 } = heap
  const sizes = [heapUsed, heapTotal, external, arrayBuffers]
  const values = [count, pid, thread, epochMs, ...sizes, tasks, count]
  const view = new DataView(page.buffer)
  values.forEach((value, i) => view.setFloat64(8 + 8 * i, value, true))
  new TextEncoder().encodeInto(heap.name, page.subarray(nameStart))
  return page
}

/** Whether a file begins like a page. */
export function isHeapPage(head: Uint8Array): boolean {
  return Buffer.from(head.subarray(0, 8)).toString('latin1') === magic
}

/**
 * Reads a page; anybody of the tree may have written it.
 *
 * @returns `undefined` when it is another process's, half written, or no page
 */
export function decodeHeapPage(page: Uint8Array, pid: number): IsolateHeap | undefined {
  if (page.length < heapPageBytes || !isHeapPage(page)) return undefined
  const view = new DataView(page.buffer, page.byteOffset, page.byteLength)
  const values = Array.from({ length: numbers }, (_, i) => view.getFloat64(8 + 8 * i, true))
  if (values.some((value) => !(value >= 0 && value <= Number.MAX_SAFE_INTEGER))) return undefined
  const [count, owner, thread, epochMs, heapUsed, heapTotal, external, arrayBuffers, tasks, again] =
    values
  if (count !== again || owner !== pid) return undefined
  const name = new TextDecoder().decode(page.subarray(nameStart)).replace(/\0.*$/s, '')
  return {
    thread: thread!,
    name,
    epochMs: epochMs!,
    heapUsed: heapUsed!,
    heapTotal: heapTotal!,
    external: external!,
    arrayBuffers: arrayBuffers!,
    ...(tasks! > 0 ? { tasks: tasks! } : {}),
  }
}
