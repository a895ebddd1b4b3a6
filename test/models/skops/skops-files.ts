/** The .skops files of the fixtures, and changed ones. */

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { inflateRawSync } from 'node:zlib'
import { zipBytes } from '../zip-bytes.ts'

/** The path of a fixture. */
export function fixture(name: string): string {
  return fileURLToPath(new URL(`../../fixtures/skops/${name}`, import.meta.url))
}

/** A node of a schema. */
export interface Node {
  // oxlint-disable-next-line typescript/no-explicit-any -- JSON that tests change anywhere
  [name: string]: any
}

/** The members of an archive that Python has written. */
export function unzip(bytes: Buffer): Map<string, Buffer> {
  const members = new Map<string, Buffer>()
  for (let at = bytes.indexOf('PK\x01\x02'); bytes.readUInt32LE(at) === 0x02014b50;) {
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((i) =>
      bytes.readUInt16LE(at + i),
    )
    const name = bytes.subarray(at + 46, at + 46 + nameBytes!).toString()
    const local = bytes.readUInt32LE(at + 42)
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28)
    const packed = bytes.subarray(start, start + bytes.readUInt32LE(at + 20))
    members.set(name, bytes.readUInt16LE(at + 10) === 8 ? inflateRawSync(packed) : packed)
    at += 46 + nameBytes! + extraBytes! + commentBytes!
  }
  return members
}

/** A .skops file of a schema and its other members. */
export function zipSkops(
  schema: Node | string,
  files: ReadonlyMap<string, Buffer> = new Map(),
): Buffer {
  const text =
    typeof schema === 'string'
      ? schema
      : JSON.stringify({ protocol: 2, _skops_version: '0.14.0', ...schema })
  const members = [...files].map(([name, data]) => ({ name, data }))
  return zipBytes([...members, { name: 'schema.json', data: Buffer.from(text) }])
}

/**
 * A changed fixture.
 *
 * @param change - changes the schema and the other members
 */
export function changed(
  name: string,
  change: (schema: Node, files: Map<string, Buffer>) => void,
): Buffer {
  const files = unzip(readFileSync(fixture(`${name}.skops`)))
  const schema = JSON.parse(files.get('schema.json')!.toString()) as Node
  files.delete('schema.json')
  change(schema, files)
  return zipSkops(schema, files)
}

/** The attributes of an object's node. */
export function attributes(node: Node): Node {
  return node['content'].content as Node
}
