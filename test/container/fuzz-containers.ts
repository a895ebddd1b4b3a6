/** Mutates container files and opens them. */

import { crc32 } from 'node:zlib'
import { withValues } from '../../src/container/open-container.ts'
import { memorySource } from '../../src/zip/internal.ts'
import { readContainer } from '../../src/container/read-container.ts'
import { isOneCopyError } from '../../src/errors.ts'
import { craftNpy, craftZip, soundHeader } from './crafted-file.ts'

/** What became of the files. */
export interface FuzzOutcome {
  refused: number
  accepted: number
  /** Errors without a code, and arrays that lie elsewhere; with the file's number. */
  readonly faults: string[]
}

/** Numbers below a limit, always the same for a seed. */
export type Random = (below: number) => number

/** A generator after Marsaglia (xorshift), with a period of 2^32 - 1. */
export function randomNumbers(seed: number): Random {
  let state = seed >>> 0 || 1
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

/**
 * Opens mutated files and looks at every array of those that are accepted.
 *
 * @param options - `runs`: how many; `keep`: called with the bytes of a file that has a fault
 */
export async function fuzzContainers(options: {
  readonly runs: number
  readonly seed: number
  readonly keep: (bytes: Uint8Array) => void
}): Promise<FuzzOutcome> {
  const random = randomNumbers(options.seed)
  const outcome: FuzzOutcome = { refused: 0, accepted: 0, faults: [] }
  const files = soundFiles()
  for (let run = 0; run < options.runs && outcome.faults.length < 10; run++) {
    const bytes = mutate(Buffer.from(files[random(files.length)]!), random)
    const fault = openMutated(bytes, outcome)
    if (fault === undefined) continue
    outcome.faults.push(`${run}: ${fault}`)
    options.keep(bytes)
  }
  return outcome
}

function openMutated(bytes: Buffer, outcome: FuzzOutcome): string | undefined {
  try {
    const own = new Uint8Array(bytes.length)
    own.set(bytes)
    const contents = readContainer(memorySource(own, 'mutated'))
    const { values, arrays } = withValues(contents, own.buffer)
    outcome.accepted++
    let stop = 0
    for (const { name, dataOffset, byteLength } of arrays) {
      const value = values.get(name)!
      const typed = value.toTypedArray()
      if (value.nbytes !== byteLength || typed.length !== value.size)
        return `${name} has other elements`
      if (dataOffset < stop) return `${name} shares bytes with another`
      stop = dataOffset + byteLength
      if (stop > bytes.length || dataOffset % 64 !== 0) return `${name} lies outside`
    }
    return undefined
  } catch (error) {
    if (!isOneCopyError(error) || !/^ERR_(FORMAT|DTYPE)$/.test(error.code)) return String(error)
    outcome.refused++
    return undefined
  }
}

/** Files of different forms: plain, with padding in the directory, with 64-bit numbers, signed. */
function soundFiles(): Buffer[] {
  const schema = { name: 'schema.json', content: Buffer.from('{"a":[1,2,{"b":null}],"c":"text"}') }
  const array = (name: string, header: string, bytes: number) => ({
    name,
    content: craftNpy(header, bytes),
  })
  const small = soundHeader.replace('1000', '10')
  const members = [
    schema,
    array('a.npy', small, 80),
    array(
      'deep/b.npy',
      small.replace('<f8', '|b1').replace('10,', '2, 5').replace('False', 'True'),
      10,
    ),
    array('c.npy', small.replace('10,', '0, 3'), 0),
    array('d.npy', small.replace('<f8', '<i4').replace('10,', '2, 2, 2'), 32),
  ]
  const longs = Buffer.from([1, 0, 16, 0, 208, 0, 0, 0, 0, 0, 0, 0, 208, 0, 0, 0, 0, 0, 0, 0])
  return [
    craftZip(members),
    craftZip([schema, { ...members[1]!, centralExtra: Buffer.from([0x35, 0xd9, 2, 0, 64, 0]) }]),
    craftZip([schema, { ...members[1]!, size: 0xffff_ffff, centralExtra: longs }]),
    craftZip([...members, { name: 'signature.json', content: Buffer.from('{"x":1}') }]),
    craftZip([schema]),
  ]
}

const numbers = [
  0, 1, 2, 8, 63, 64, 65, 128, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe,
  0xffff_ffff,
]
const words = [
  ...Array.from('0123456789(),{}[]"\'\\ \n\0-.e/:'),
  'True',
  'False',
  '<f8',
  '|O',
  '..',
  'PK\x03\x04',
  'PK\x01\x02',
  'PK\x05\x06',
  'PK\x06\x06',
  'PK\x06\x07',
  '\x93NUMPY',
  '99999999999',
]

function mutate(file: Buffer, random: Random): Buffer {
  let bytes = file
  for (let count = 1 + random(3); count > 0; count--) bytes = mutateOnce(bytes, random)
  // Often the schema's checksum is put right, so that a changed text is parsed.
  if (random(2) === 0 && bytes.length > 100) mendChecksum(bytes)
  return bytes
}

function mutateOnce(bytes: Buffer, random: Random): Buffer {
  if (bytes.length < 8) return bytes
  // The records at both ends more often than the elements between them.
  const at =
    random(3) === 0 ? random(bytes.length) : bytes.length - 1 - random(Math.min(600, bytes.length))
  switch (random(7)) {
    case 0:
      bytes[at] = random(256)
      return bytes
    case 1:
      bytes[at]! ^= 1 << random(8)
      return bytes
    case 2:
      if (at + 4 <= bytes.length) bytes.writeUInt32LE(numbers[random(numbers.length)]!, at)
      return bytes
    case 3:
      if (at + 2 <= bytes.length) bytes.writeUInt16LE(numbers[random(numbers.length)]! & 0xffff, at)
      return bytes
    case 4:
      bytes.write(words[random(words.length)]!, at, 'latin1')
      return bytes
    case 5: {
      const from = random(bytes.length)
      bytes.copyWithin(at, from, from + random(80))
      return bytes
    }
    default: {
      const word = Buffer.from(words[random(words.length)]!, 'latin1')
      return Buffer.concat([
        bytes.subarray(0, at),
        random(2) === 0 ? word : Buffer.alloc(0),
        bytes.subarray(at + random(3)),
      ])
    }
  }
}

function mendChecksum(bytes: Buffer): void {
  const start = 30 + bytes.readUInt16LE(26) + bytes.readUInt16LE(28)
  const size = bytes.readUInt32LE(18)
  if (start + size > bytes.length) return
  const crc = crc32(bytes.subarray(start, start + size))
  bytes.writeUInt32LE(crc, 14)
  const directory = bytes.readUInt32LE(bytes.length - 6)
  if (directory + 20 <= bytes.length) bytes.writeUInt32LE(crc, directory + 16)
}
