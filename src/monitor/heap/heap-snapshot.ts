/** Counts the objects of a heap snapshot by their constructors. */

import { OneCopyError } from '../../errors.ts'

/** How many objects of one constructor there are, and their own bytes. */
export interface ObjectCount {
  count: number
  bytes: number
}

/**
 * Reads a snapshot of V8 (`.heapsnapshot`, JSON) without holding more of it than its strings.
 *
 * @param chunks - the text in pieces, as `v8.getHeapSnapshot()` gives it
 * @returns by constructor; what has none, such as strings and code, by its kind in parentheses
 * @throws OneCopyError `ERR_FORMAT` when it is no snapshot
 */
export async function countObjects(
  chunks: AsyncIterable<Uint8Array | string>,
): Promise<Map<string, ObjectCount>> {
  const reader = new SnapshotReader()
  for await (const chunk of chunks) reader.add(Buffer.from(chunk as Uint8Array))
  return reader.counts()
}

interface SnapshotMeta {
  readonly node_fields: readonly string[]
  readonly node_types: readonly (readonly string[] | string)[]
}

const nodesStart = Buffer.from('"nodes":[')
const stringsStart = Buffer.from('"strings":[')

/** Goes through head, nodes, what lies between, and strings. */
class SnapshotReader {
  #part: 'head' | 'nodes' | 'between' | 'strings' = 'head'
  #rest: Buffer = Buffer.alloc(0)
  readonly #strings: Buffer[] = []
  #meta: SnapshotMeta | undefined
  /** By type and name: both are numbers until the strings come. */
  readonly #counts = new Map<number, ObjectCount>()
  #place = { fields: 0, type: 0, name: 0, size: 0 }
  #field = 0
  #number = 0
  #hasDigits = false
  #type = 0
  #name = 0
  #size = 0

  add(chunk: Buffer): void {
    let data = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk
    this.#rest = Buffer.alloc(0)
    if (this.#part === 'head') {
      const at = data.indexOf(nodesStart)
      if (at < 0) return void (this.#rest = data)
      this.#readHead(data.toString('utf8', 0, at))
      data = data.subarray(at + nodesStart.length)
      this.#part = 'nodes'
    }
    if (this.#part === 'nodes') {
      const end = this.#readNodes(data)
      if (end < 0) return
      data = data.subarray(end)
      this.#part = 'between'
    }
    if (this.#part === 'between') {
      const at = data.indexOf(stringsStart)
      // The beginning of the word may be the end of this chunk.
      if (at < 0) return void (this.#rest = data.subarray(Math.max(0, data.length - 32)))
      data = data.subarray(at + stringsStart.length - 1)
      this.#part = 'strings'
    }
    this.#strings.push(Buffer.from(data))
  }

  counts(): Map<string, ObjectCount> {
    const text = Buffer.concat(this.#strings).toString('utf8')
    const end = text.lastIndexOf(']')
    if (this.#part !== 'strings' || end < 0) refuse()
    const strings = JSON.parse(text.slice(0, end + 1)) as string[]
    const types = this.#meta!.node_types[this.#place.type] as readonly string[]
    const found = new Map<string, ObjectCount>()
    for (const [key, { count, bytes }] of this.#counts) {
      const type = types[key % 32]!
      const hasName = type === 'object' || type === 'native'
      const name = hasName ? strings[Math.floor(key / 32)]! : `(${type})`
      const known = found.get(name) ?? { count: 0, bytes: 0 }
      found.set(name, { count: known.count + count, bytes: known.bytes + bytes })
    }
    return found
  }

  #readHead(text: string): void {
    const json = /"snapshot":(\{.*\}),?\s*$/s.exec(text)?.[1]
    const head = json === undefined ? undefined : (JSON.parse(json) as { meta?: SnapshotMeta })
    if (!head?.meta) refuse()
    this.#meta = head.meta
    const place = (field: string): number => head.meta!.node_fields.indexOf(field)
    const [type, name, size] = [place('type'), place('name'), place('self_size')]
    this.#place = { fields: head.meta.node_fields.length, type, name, size }
    if (type < 0 || name < 0 || size < 0) refuse()
  }

  /** @returns where the list ends, or -1 when it goes on in the next chunk */
  #readNodes(data: Buffer): number {
    for (let at = 0; at < data.length; at++) {
      const byte = data[at]!
      if (byte >= 48 && byte <= 57) {
        this.#number = 10 * this.#number + byte - 48
        this.#hasDigits = true
      } else if (byte === 44 || byte === 93) {
        if (this.#hasDigits) this.#addNumber()
        if (byte === 93) return at + 1
      }
    }
    return -1
  }

  #addNumber(): void {
    const { fields, type, name, size } = this.#place
    const value = this.#number
    this.#number = 0
    this.#hasDigits = false
    if (this.#field === type) this.#type = value
    else if (this.#field === name) this.#name = value
    else if (this.#field === size) this.#size = value
    if (++this.#field < fields) return
    this.#field = 0
    const types = this.#meta!.node_types[type] as readonly string[]
    const isNamed = types[this.#type] === 'object' || types[this.#type] === 'native'
    const key = (isNamed ? 32 * this.#name : 0) + this.#type
    const known = this.#counts.get(key)
    if (known) {
      known.count++
      known.bytes += this.#size
    } else this.#counts.set(key, { count: 1, bytes: this.#size })
  }
}

function refuse(): never {
  throw new OneCopyError(
    'ERR_FORMAT',
    'Expected a heap snapshot of V8, got something else, or a part of one. Node.js may have changed its format.',
  )
}
