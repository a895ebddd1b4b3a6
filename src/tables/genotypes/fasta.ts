/** Bases of a FASTA file, read where they lie. */

import { existsSync, fstatSync, readFileSync } from 'node:fs'
import { mapWhole, withFile } from '../../arrays/internal.ts'
import { OneCopyError } from '../../errors.ts'

/** A sequence of a FASTA file. */
export interface FastaSequence {
  readonly name: string
  /** In bases. */
  readonly length: number
  /** Where its first base lies in the file. */
  readonly offset: number
  /** Bases of a line, and bytes with its end. */
  readonly lineBases: number
  readonly lineBytes: number
}

/** A mapped FASTA file. */
export interface Fasta {
  readonly path: string
  readonly sequences: ReadonlyMap<string, FastaSequence>
  /**
   * The base at a position counted from 1, which lies in the sequence: a capital letter, of several possible bases the first one of the
   * alphabet, as VCF wants it.
   *
   * @throws OneCopyError `ERR_FORMAT` when there is none, as in a file whose lines differ in length
   */
  baseAt(sequence: FastaSequence, position: number): string
}

/**
 * Maps a FASTA file. Its sequences are found by the index beside it (`.fai`), or by their headers.
 *
 * @throws OneCopyError `ERR_FILE`; `ERR_FORMAT` when it is no FASTA file, is compressed, or has another index
 */
export function openFasta(path: string): Fasta {
  const bytes = withFile(path, 'c', (fd) => {
    const { size } = fstatSync(fd)
    return size === 0
      ? new Uint8Array()
      : new Uint8Array(mapWhole(fd, { kind: 'file', mode: 'c', path }, size).buffer)
  })
  if (bytes[0] === 0x1f && bytes[1] === 0x8b)
    throw refuse(path, 'is compressed. Decompress it: `bgzip -d` or `gunzip`')
  if (bytes[0] !== 0x3e) throw refuse(path, "is no FASTA file: it doesn't begin with '>'")
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const index = `${path}.fai`
  const list = existsSync(index) ? readIndex(index, file) : findSequences(path, file)
  const baseAt = (sequence: FastaSequence, position: number): string => {
    const line = Math.floor((position - 1) / sequence.lineBases)
    const byte =
      bytes[sequence.offset + line * sequence.lineBytes + ((position - 1) % sequence.lineBases)]!
    const base = firstBases[byte]
    if (base !== undefined) return base
    throw refuse(
      path,
      `has no base at position ${position} of '${sequence.name}', where its index or its first line says there is one. ` +
        'All its lines but the last must have one length, and hold only bases',
    )
  }
  return { path, sequences: new Map(list.map((sequence) => [sequence.name, sequence])), baseAt }
}

/** Letters of several bases stand for the first one of the alphabet. */
const firstBaseOf: Readonly<Record<string, string>> = Object.fromEntries(
  [
    'AA',
    'CC',
    'GG',
    'TT',
    'UT',
    'NN',
    'RA',
    'YC',
    'SC',
    'WA',
    'KG',
    'MA',
    'BC',
    'DA',
    'HA',
    'VA',
  ].map(([letter = '', base = '']) => [letter, base]),
)

/** The base for each byte: of letters for several bases the first one of the alphabet. */
const firstBases: readonly (string | undefined)[] = Array.from({ length: 256 }, (_, byte) => {
  const letter = String.fromCharCode(byte).toUpperCase()
  return firstBaseOf[letter]
})

function readIndex(path: string, file: Buffer): FastaSequence[] {
  const lines = readIndexText(path)
    .split(/\r?\n/)
    .filter((line) => line !== '')
  return lines.map((line, i) => {
    const [name = '', ...numbers] = line.split('\t')
    const [length = 0, offset = 0, lineBases = 0, lineBytes = 0] = numbers.slice(0, 4).map(Number)
    const sequence = { name, length, offset, lineBases, lineBytes }
    const isFine = numbers.length >= 4 && numbers.slice(0, 4).every((text) => /^\d+$/.test(text))
    if (isFine && (length === 0 || isSequence(file, sequence))) return sequence
    throw new OneCopyError(
      'ERR_FORMAT',
      `Line ${i + 1} of ${path} doesn't fit the FASTA file. Index it again with \`samtools faidx\`.`,
      { details: { path, line: i + 1 } },
    )
  })
}

function readIndexText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new OneCopyError('ERR_FILE', `Could not read ${path}: ${reason}.`, {
      cause,
      details: { path },
    })
  }
}

/** Whether a sequence of an index stands in the file: behind the header with its name, and up to the end of a line. */
function isSequence(
  file: Buffer,
  { name, length, offset, lineBases, lineBytes }: FastaSequence,
): boolean {
  if (lineBases < 1 || lineBytes < lineBases) return false
  const stop =
    offset + Math.floor((length - 1) / lineBases) * lineBytes + ((length - 1) % lineBases) + 1
  if (stop > file.length || offset < 2 || file[offset - 1] !== 10) return false
  if (stop < file.length && file[stop] !== 10 && file[stop] !== 13) return false
  const header = offset < 3 ? -1 : file.lastIndexOf(10, offset - 2)
  return file[header + 1] === 0x3e && nameOf(file, header + 1, offset - 1) === name
}

/** The name in the header that lies in these bytes. */
function nameOf(file: Buffer, from: number, to: number): string {
  return file
    .toString('utf8', from + 1, to)
    .trim()
    .split(/\s/)[0]!
}

/** Sequences by their headers: all lines of one but the last must have the length of the first. */
function findSequences(path: string, file: Buffer): FastaSequence[] {
  const found = new Map<string, FastaSequence>()
  for (let header = 0; header < file.length;) {
    const headerEnd = endOfLine(file, header)
    const name = nameOf(file, header, headerEnd)
    const offset = Math.min(headerEnd + 1, file.length)
    const next = file.indexOf('\n>', headerEnd)
    const stop = next < 0 ? file.length : next + 1
    if (found.has(name)) throw refuse(path, `has the sequence '${name}' twice`)
    found.set(name, { name, offset, ...measureLines(path, file, name, offset, stop) })
    header = stop
  }
  return [...found.values()]
}

/** Lengths of a sequence and its lines, which lie in [offset, stop). Every line is looked at. */
function measureLines(
  path: string,
  file: Buffer,
  name: string,
  offset: number,
  stop: number,
): Pick<FastaSequence, 'length' | 'lineBases' | 'lineBytes'> {
  let last = stop
  while (last > offset && (file[last - 1] === 10 || file[last - 1] === 13)) last--
  if (last === offset) return { length: 0, lineBases: 1, lineBytes: 1 }
  const firstEnd = Math.min(endOfLine(file, offset), last)
  const lineBases = firstEnd - offset - (file[firstEnd - 1] === 13 ? 1 : 0)
  const lineBytes = firstEnd - offset + 1
  let start = offset
  for (let end = firstEnd; end < last; end = endOfLine(file, start)) {
    if (end + 1 - start !== lineBytes) throw refuseLines(path, name)
    start = end + 1
  }
  if (last - start > lineBases) throw refuseLines(path, name)
  return { length: ((start - offset) / lineBytes) * lineBases + last - start, lineBases, lineBytes }
}

function refuseLines(path: string, name: string): OneCopyError {
  return refuse(
    path,
    `has lines of different lengths in '${name}'. Write them with one length, such as with \`seqkit seq -w 60\``,
  )
}

function endOfLine(file: Buffer, from: number): number {
  const end = file.indexOf(10, from)
  return end < 0 ? file.length : end
}

function refuse(path: string, what: string): OneCopyError {
  return new OneCopyError('ERR_FORMAT', `${path} ${what}.`, { details: { path } })
}
