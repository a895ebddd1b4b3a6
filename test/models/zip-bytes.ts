/** Zip archives that say what a test wants, true or not. */

import { crc32 } from 'node:zlib'

/** A member; whatever is left out is right. */
export interface TestMember {
  readonly name: string
  readonly data: Buffer
  /** `data`, compressed. */
  readonly packed?: Buffer
  readonly bytes?: number
  readonly crc?: number
  readonly method?: number
  readonly flags?: number
  readonly offset?: number
  /** Of the local header, where it differs. */
  readonly localName?: string
  readonly localBytes?: number
}

/** Parts of the archive that stand elsewhere than they should. */
export interface TestArchive {
  readonly before?: Buffer
  readonly gap?: Buffer
  readonly behind?: Buffer
  readonly comment?: Buffer
  readonly count?: number
  readonly directoryStart?: number
}

export function zipBytes(members: readonly TestMember[], archive: TestArchive = {}): Buffer {
  const parts: Buffer[] = [archive.before ?? Buffer.alloc(0)]
  const records: Buffer[] = []
  let at = parts[0]!.length
  for (const member of members) {
    const { data, packed } = member
    const body = packed ?? data
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(member.flags ?? 0, 2)
    common.writeUInt16LE(member.method ?? (packed === undefined ? 0 : 8), 4)
    common.writeUInt16LE(0x21, 8)
    common.writeUInt32LE(member.crc ?? crc32(data), 10)
    common.writeUInt32LE(body.length, 14)
    const size = member.bytes ?? data.length
    const isWide = size >= 0xffffffff
    common.writeUInt32LE(isWide ? 0xffffffff : size, 18)
    const name = Buffer.from(member.name)
    common.writeUInt16LE(name.length, 22)
    const field = Buffer.alloc(isWide ? 12 : 0)
    if (isWide) {
      field.writeUInt16LE(1, 0)
      field.writeUInt16LE(8, 2)
      field.writeBigUInt64LE(BigInt(size), 4)
    }
    common.writeUInt16LE(field.length, 24)
    const local = Buffer.from(common)
    if (member.localBytes !== undefined) local.writeUInt32LE(member.localBytes, 18)
    const parsed = Buffer.concat([
      Buffer.from('PK\x03\x04'),
      local,
      Buffer.from(member.localName ?? member.name),
      field,
      body,
    ])
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE(member.offset ?? at, 10)
    records.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x03'), common, tail, name, field]))
    parts.push(parsed)
    at += parsed.length
  }
  const gap = archive.gap ?? Buffer.alloc(0)
  const directory = Buffer.concat(records)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06')
  end.writeUInt16LE(archive.count ?? members.length, 8)
  end.writeUInt16LE(archive.count ?? members.length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(archive.directoryStart ?? at + gap.length, 16)
  const comment = archive.comment ?? Buffer.alloc(0)
  end.writeUInt16LE(comment.length, 20)
  return Buffer.concat([...parts, gap, directory, end, comment, archive.behind ?? Buffer.alloc(0)])
}
