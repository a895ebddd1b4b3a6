/** Writes stored zip archives, byte for byte the same each time. */

import { writeSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import type { PendingFile } from '../../pending-file.ts'

/** A member that is written. */
export interface NewMember {
  readonly name: string
  /** All bytes of it. */
  readonly bytes: number
  /** Its bytes begin at a multiple of this, at most 64. */
  readonly alignment: number
  /** The bytes, in pieces; each is used before the next is asked for. */
  readonly pieces: Iterable<Uint8Array>
}

interface Written {
  readonly name: Uint8Array
  readonly isText: boolean
  readonly bytes: number
  readonly crc: number
  readonly start: number
}

/** Sizes and places from here on go to zip64 fields. */
const wide = 0xffffffff
/** 1980-01-01, the first day of the format. */
const date = 0x21
/** Android's field for alignment: it says a number and is filled up with zeros. */
const alignmentField = 0xd935
const localBytes = 30

/** A member of fewer bytes is written together with others. */
const smallBytes = 1 << 16

/** Appends members to a new file, then the directory. */
export class ZipWriter {
  readonly #file: PendingFile
  readonly #members: Written[] = []
  /** Bytes that are not in the file yet. */
  #waiting: Uint8Array[] = []
  #waitingBytes = 0
  #at = 0

  /** @param file - empty; stays the caller's */
  constructor(file: PendingFile) {
    this.#file = file
  }

  /** Writes a member. */
  async add({ name, bytes, alignment, pieces }: NewMember): Promise<void> {
    const encoded = new TextEncoder().encode(name)
    const isText = encoded.some((byte) => byte > 0x7e)
    const member = { name: encoded, isText, bytes, crc: 0, start: this.#at }
    const whole = bytes < smallBytes ? join(pieces, bytes) : undefined
    if (whole !== undefined) member.crc = crc32(whole)
    await this.#append(localHeader(member, alignment))
    if (whole !== undefined) await this.#append(whole)
    else {
      await this.#flush()
      for (const piece of pieces) {
        member.crc = crc32(piece, member.crc)
        await this.#file.write(piece)
        this.#at += piece.length
      }
      // Known only now.
      writeSync(this.#file.fd, uint32(member.crc), 0, 4, member.start + 14)
    }
    this.#members.push(member)
  }

  /** Writes the directory; nothing may be added then. */
  async finish(): Promise<void> {
    const start = this.#at
    for (const member of this.#members) await this.#append(centralRecord(member))
    const bytes = this.#at - start
    const count = this.#members.length
    if (count >= 0xffff || bytes >= wide || start >= wide)
      await this.#append(wideEnd({ count, bytes, start }))
    const end = new DataView(new ArrayBuffer(22))
    end.setUint32(0, 0x06054b50, true)
    for (const place of [8, 10]) end.setUint16(place, Math.min(count, 0xffff), true)
    end.setUint32(12, Math.min(bytes, wide), true)
    end.setUint32(16, Math.min(start, wide), true)
    await this.#append(new Uint8Array(end.buffer))
    await this.#flush()
  }

  /** Writes few bytes, with those that follow. */
  async #append(bytes: Uint8Array): Promise<void> {
    this.#waiting.push(bytes)
    this.#waitingBytes += bytes.length
    this.#at += bytes.length
    if (this.#waitingBytes >= 16 * smallBytes) await this.#flush()
  }

  async #flush(): Promise<void> {
    const bytes = join(this.#waiting, this.#waitingBytes)
    this.#waiting = []
    this.#waitingBytes = 0
    if (bytes.length > 0) await this.#file.write(bytes)
  }
}

function join(pieces: Iterable<Uint8Array>, bytes: number): Uint8Array {
  const whole = new Uint8Array(bytes)
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}

function localHeader(member: Written, alignment: number): Uint8Array {
  const { name, bytes, start } = member
  const isWide = bytes >= wide
  const sizes = isWide ? wideField([bytes, bytes]) : new Uint8Array()
  const plain = start + localBytes + name.length + sizes.length
  // The field takes 6 bytes at least.
  const padding =
    plain % alignment === 0 ? 0 : 6 + ((alignment - ((plain + 6) % alignment)) % alignment)
  const header = new Uint8Array(localBytes + name.length + sizes.length + padding)
  const view = new DataView(header.buffer)
  view.setUint32(0, 0x04034b50, true)
  writeCommon(view, 4, member, isWide)
  view.setUint16(28, sizes.length + padding, true)
  header.set(name, localBytes)
  header.set(sizes, localBytes + name.length)
  if (padding > 0) {
    const at = header.length - padding
    view.setUint16(at, alignmentField, true)
    view.setUint16(at + 2, padding - 4, true)
    view.setUint16(at + 4, alignment, true)
  }
  return header
}

function centralRecord(member: Written): Uint8Array {
  const { name, bytes, start } = member
  const isWide = bytes >= wide
  const extra = wideField([...(isWide ? [bytes, bytes] : []), ...(start >= wide ? [start] : [])])
  const record = new Uint8Array(46 + name.length + extra.length)
  const view = new DataView(record.buffer)
  view.setUint32(0, 0x02014b50, true)
  view.setUint16(4, (3 << 8) | version(isWide || start >= wide), true) // made on Unix
  writeCommon(view, 6, member, isWide)
  view.setUint16(30, extra.length, true)
  view.setUint32(38, 0o100600 * 0x10000, true) // a file of its owner's
  view.setUint32(42, Math.min(start, wide), true)
  record.set(name, 46)
  record.set(extra, 46 + name.length)
  return record
}

/** What both headers of a member have, from the needed version to the length of the name. */
function writeCommon(
  view: DataView,
  at: number,
  { name, isText, bytes, crc, start }: Written,
  isWide: boolean,
): void {
  view.setUint16(at, version(isWide || (at === 6 && start >= wide)), true)
  view.setUint16(at + 2, isText ? 0x800 : 0, true)
  view.setUint16(at + 8, date, true)
  view.setUint32(at + 10, crc, true)
  for (const place of [14, 18]) view.setUint32(at + place, Math.min(bytes, wide), true)
  view.setUint16(at + 22, name.length, true)
}

function version(isWide: boolean): number {
  return isWide ? 45 : 20
}

/** A zip64 field of numbers; nothing for none. */
function wideField(values: readonly number[]): Uint8Array {
  if (values.length === 0) return new Uint8Array()
  const view = new DataView(new ArrayBuffer(4 + 8 * values.length))
  view.setUint16(0, 1, true)
  view.setUint16(2, 8 * values.length, true)
  for (const [i, value] of values.entries()) view.setBigUint64(4 + 8 * i, BigInt(value), true)
  return new Uint8Array(view.buffer)
}

function wideEnd({ count, bytes, start }: Record<'count' | 'bytes' | 'start', number>): Uint8Array {
  const view = new DataView(new ArrayBuffer(56 + 20))
  view.setUint32(0, 0x06064b50, true)
  view.setBigUint64(4, 44n, true)
  view.setUint16(12, (3 << 8) | 45, true)
  view.setUint16(14, 45, true)
  for (const place of [24, 32]) view.setBigUint64(place, BigInt(count), true)
  view.setBigUint64(40, BigInt(bytes), true)
  view.setBigUint64(48, BigInt(start), true)
  view.setUint32(56, 0x07064b50, true)
  view.setBigUint64(64, BigInt(start + bytes), true)
  view.setUint32(72, 1, true)
  return new Uint8Array(view.buffer)
}

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value, true)
  return bytes
}
