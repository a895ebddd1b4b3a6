/** Indexes of compressed VCFs: TBI, and CSI for long chromosomes. */

import type { WrittenGenotypes } from '../../native/index.ts'
import { compressBgzf } from './bgzf.ts'

/** The two kinds: TBI reaches to 2^29 bases. */
export type IndexKind = 'tbi' | 'csi'

/** Bins of an index: bits of a position within the smallest ones, and levels of larger ones. */
export interface BinScheme {
  readonly minShift: number
  readonly depth: number
}

const minShift = 14
const tbiDepth = 5

/** Positions that a TBI index can hold. */
export const tbiLimit: number = 2 ** (minShift + 3 * tbiDepth)

/** The bins of an index of chromosomes up to a length. */
export function binScheme(kind: IndexKind, longest: number): BinScheme {
  let depth = tbiDepth
  if (kind === 'csi') while (longest > 2 ** (minShift + 3 * depth)) depth++
  return { minShift, depth }
}

/** Lines of one chromosome in the file. */
interface ContigIndex {
  readonly name: string
  /** Chunks of each bin: start, end, start, end … */
  readonly bins: Map<number, bigint[]>
  readonly windows: bigint[]
  first: bigint
  last: bigint
  rows: bigint
}

/**
 * The bytes of an index.
 *
 * @param written - what the core has collected
 * @param names - of all chromosomes, by code
 * @see the specifications of tabix and CSI, samtools.github.io/hts-specs
 */
export function makeIndex(
  kind: IndexKind,
  scheme: BinScheme,
  { runs, windows }: Pick<WrittenGenotypes, 'runs' | 'windows'>,
  names: readonly string[],
): Uint8Array {
  const contigs = collect(runs, windows, names)
  const out = new LittleEndian()
  const nameBytes = Buffer.from(contigs.map(({ name }) => `${name}\0`).join(''))
  // VCF; columns of chromosome, start and end; the letter of comments; lines to skip.
  const layout = [2, 1, 2, 0, 35, 0, nameBytes.length]
  if (kind === 'tbi') {
    out.bytes(Buffer.from('TBI\x01'))
    out.ints(contigs.length, ...layout)
    out.bytes(nameBytes)
  } else {
    out.bytes(Buffer.from('CSI\x01'))
    out.ints(scheme.minShift, scheme.depth, 4 * layout.length + nameBytes.length, ...layout)
    out.bytes(nameBytes)
    out.ints(contigs.length)
  }
  for (const contig of contigs) writeContig(out, contig, kind, scheme)
  return compressBgzf(out.end())
}

function collect(
  runs: BigUint64Array,
  windows: BigUint64Array,
  names: readonly string[],
): ContigIndex[] {
  const contigs = new Map<bigint, ContigIndex>()
  for (let i = 0; i < runs.length; i += 5) {
    const [number, bin, from, to, rows] = runs.subarray(i, i + 5) as unknown as bigint[]
    let contig = contigs.get(number!)
    if (contig === undefined) {
      const name = names[Number(number)]!
      contig = { name, bins: new Map(), windows: [], first: from!, last: to!, rows: 0n }
      contigs.set(number!, contig)
    }
    const chunks = contig.bins.get(Number(bin))
    if (chunks === undefined) contig.bins.set(Number(bin), [from!, to!])
    else chunks.push(from!, to!)
    contig.last = to!
    contig.rows += rows!
  }
  for (let i = 0; i < windows.length; i += 3) {
    const { windows: starts } = contigs.get(windows[i]!)!
    const window = Number(windows[i + 1])
    // Windows without a line start where the one before them does; those before the first, at 0.
    while (starts.length < window) starts.push(starts.at(-1) ?? 0n)
    starts[window] = windows[i + 2]!
  }
  return [...contigs.values()]
}

function writeContig(
  out: LittleEndian,
  { bins, windows, first, last, rows }: ContigIndex,
  kind: IndexKind,
  { depth }: BinScheme,
): void {
  const putBin = (bin: number, offset: bigint, chunks: readonly bigint[]): void => {
    out.ints(bin)
    if (kind === 'csi') out.longs([offset])
    out.ints(chunks.length / 2)
    out.longs(chunks)
  }
  out.ints(bins.size + 1)
  for (const [bin, chunks] of bins) putBin(bin, windows[firstWindow(bin, depth)] ?? 0n, chunks)
  // Beyond all bins: where the chromosome's lines are, and how many, as `bcftools index --stats` reads it.
  putBin(((1 << (3 * depth + 3)) - 1) / 7 + 1, 0n, [first, last, rows, 0n])
  if (kind === 'csi') return
  out.ints(windows.length)
  out.longs(windows)
}

/** The first of the smallest windows that a bin covers. */
function firstWindow(bin: number, depth: number): number {
  let level = 0
  let first = 0
  while (bin >= first + 8 ** level) first += 8 ** level++
  return (bin - first) * 8 ** (depth - level)
}

/** Numbers one after the other, the lowest byte first. */
class LittleEndian {
  #bytes = Buffer.alloc(1 << 16)
  #used = 0

  bytes(more: Uint8Array): void {
    this.#reserve(more.length)
    this.#bytes.set(more, this.#used)
    this.#used += more.length
  }

  ints(...values: readonly number[]): void {
    this.#reserve(4 * values.length)
    for (const value of values) this.#used = this.#bytes.writeInt32LE(value, this.#used)
  }

  longs(values: readonly bigint[]): void {
    this.#reserve(8 * values.length)
    for (const value of values) this.#used = this.#bytes.writeBigUInt64LE(value, this.#used)
  }

  end(): Uint8Array {
    return this.#bytes.subarray(0, this.#used)
  }

  #reserve(count: number): void {
    if (this.#used + count <= this.#bytes.length) return
    const grown = Buffer.alloc(2 * (this.#used + count))
    grown.set(this.#bytes)
    this.#bytes = grown
  }
}
