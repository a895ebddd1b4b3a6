/** Container files with chosen faults, made apart from our writer. */

import { crc32, deflateRawSync } from 'node:zlib'

/** A member and what is wrong with it. */
export interface CraftedMember {
  readonly name: string | Buffer
  readonly content: Buffer
  /** In the directory, or in both headers with `everywhere`. */
  readonly size?: number
  readonly offset?: number
  readonly flags?: number
  readonly method?: number
  readonly crc?: number
  readonly kind?: number
  readonly comment?: string
  readonly localExtra?: Buffer
  readonly centralExtra?: Buffer
  /** Bytes between this member and the next. */
  readonly gap?: Buffer
  readonly localName?: string
}

/** What is wrong with the end of the file. */
export interface CraftedEnd {
  readonly before?: Buffer
  readonly after?: Buffer
  readonly comment?: string
  readonly count?: number
  readonly length?: number
  readonly start?: number
  /** Before the directory. */
  readonly gap?: Buffer
}

/** Zeros that align the content that begins at byte `at` without them. */
export function paddingAt(at: number): Buffer {
  let length = (64 - (at % 64)) % 64
  if (length > 0 && length < 6) length += 64
  const bytes = Buffer.alloc(length)
  if (length === 0) return bytes
  bytes.writeUInt16LE(0xd935, 0)
  bytes.writeUInt16LE(length - 4, 2)
  bytes.writeUInt16LE(64, 4)
  return bytes
}

/** A zip archive of these members; sound unless they or `end` say otherwise. */
export function craftZip(members: readonly CraftedMember[], end: CraftedEnd = {}): Buffer {
  const parts: Buffer[] = end.before === undefined ? [] : [end.before]
  const entries: Buffer[] = []
  let at = end.before?.length ?? 0
  const add = (bytes: Buffer): void => {
    parts.push(bytes)
    at += bytes.length
  }
  for (const member of members) {
    const { content, flags = 0, method = 0, size = content.length } = member
    const name = Buffer.from(member.name)
    const localName = Buffer.from(member.localName ?? member.name)
    const extra = member.localExtra ?? paddingAt(at + 30 + name.length)
    const crc = member.crc ?? crc32(content)
    const local = Buffer.alloc(30)
    local.writeUInt32LE(0x04034b50, 0)
    local.writeUInt16LE(20, 4)
    local.writeUInt16LE(flags, 6)
    local.writeUInt16LE(method, 8)
    local.writeUInt16LE(0x21, 12)
    local.writeUInt32LE(crc, 14)
    local.writeUInt32LE(content.length, 18)
    local.writeUInt32LE(content.length, 22)
    local.writeUInt16LE(localName.length, 26)
    local.writeUInt16LE(extra.length, 28)
    const central = Buffer.alloc(46)
    central.writeUInt32LE(0x02014b50, 0)
    central.writeUInt16LE(0x314, 4)
    central.writeUInt16LE(20, 6)
    local.copy(central, 8, 6, 14)
    central.writeUInt32LE(crc, 16)
    central.writeUInt32LE(size, 20)
    central.writeUInt32LE(size, 24)
    central.writeUInt16LE(name.length, 28)
    central.writeUInt16LE(member.centralExtra?.length ?? 0, 30)
    central.writeUInt16LE(member.comment?.length ?? 0, 32)
    central.writeUInt32LE(((member.kind ?? 0o100644) << 16) >>> 0, 38)
    central.writeUInt32LE(member.offset ?? at, 42)
    entries.push(
      Buffer.concat([
        central,
        name,
        member.centralExtra ?? Buffer.alloc(0),
        Buffer.from(member.comment ?? ''),
      ]),
    )
    for (const bytes of [local, localName, extra, content, member.gap ?? Buffer.alloc(0)])
      add(bytes)
  }
  if (end.gap !== undefined) add(end.gap)
  const directory = Buffer.concat(entries)
  const last = Buffer.alloc(22)
  last.writeUInt32LE(0x06054b50, 0)
  last.writeUInt16LE(end.count ?? members.length, 8)
  last.writeUInt16LE(end.count ?? members.length, 10)
  last.writeUInt32LE(end.length ?? directory.length, 12)
  last.writeUInt32LE(end.start ?? at, 16)
  last.writeUInt16LE(end.comment?.length ?? 0, 20)
  return Buffer.concat([
    ...parts,
    directory,
    last,
    Buffer.from(end.comment ?? ''),
    end.after ?? Buffer.alloc(0),
  ])
}

/** A .npy file with this header text, padded as NumPy does, and this many bytes of elements. */
export function craftNpy(header: string, elementBytes: number, version = 1): Buffer {
  const padding = ' '.repeat(64 - ((10 + header.length + 1) % 64))
  const text = Buffer.from(`${header}${padding}\n`, 'latin1')
  const start = Buffer.from('\x93NUMPY\x01\x00\0\0', 'latin1')
  start[6] = version
  start.writeUInt16LE(text.length, 8)
  return Buffer.concat([start, text, Buffer.alloc(elementBytes, 1)])
}

/** The header of 1000 numbers. */
export const soundHeader = "{'descr': '<f8', 'fortran_order': False, 'shape': (1000,), }"

/** The members of a sound container: a schema and 1000 numbers. */
export function soundMembers(
  array: Partial<CraftedMember> = {},
  schema: Partial<CraftedMember> = {},
): CraftedMember[] {
  return [
    { name: 'schema.json', content: Buffer.from('{"a":1}'), ...schema },
    { name: 'a.npy', content: craftNpy(soundHeader, 8000), ...array },
  ]
}

/** A compressed member that would fill a gigabyte. */
export function zipBomb(): Pick<CraftedMember, 'content' | 'method'> {
  return { content: deflateRawSync(Buffer.alloc(2 ** 24)), method: 8 }
}
