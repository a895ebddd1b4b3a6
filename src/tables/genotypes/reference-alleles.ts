/** Reference alleles: of a column, a FASTA file, or the most frequent. */

import { shared } from '../../arrays/index.ts'
import { OneCopyError } from '../../errors.ts'
import type { GenotypeCalls } from '../../native/index.ts'
import type { Fasta, FastaSequence } from './fasta.ts'
import { isBadCode, type CodedColumn } from './kernel-columns.ts'
import { defectNumbers } from './skipped-rows.ts'

/** What stands at each row in the reference, as far as it differs from the columns. */
export interface ReferenceAlleles {
  /** Where calls are bases: the reference of each row. */
  readonly reference?: CodedColumn
  /** Where calls are numbers: which allele of each row is the reference. */
  readonly swaps?: Uint8Array
  /** Rows that can't be written, by reason. */
  readonly defects?: Uint8Array
}

/** Rows that need a reference. */
export interface ReferenceRows {
  readonly rows: number
  readonly chromosome: CodedColumn
  readonly position: ArrayLike<number>
  /** REF, or the first allele where nobody says which is the reference. */
  readonly first: CodedColumn | undefined
  readonly alternate: CodedColumn | undefined
  /** Whether `first` is said to be the reference. */
  readonly isStated: boolean
}

const bases = ['A', 'C', 'G', 'T', 'N'] as const
const unknownBase = 4

/**
 * References from a FASTA file. A reference that the table states must be the same; where only alleles are known, the one that is the same is the
 * reference.
 *
 * @throws OneCopyError `ERR_VALUE` when no chromosome has the name that it has in the file
 */
export function referenceFromFasta(rows: ReferenceRows, fasta: Fasta): ReferenceAlleles {
  const sequences = matchContigs(rows.chromosome.texts, fasta)
  const { codes: contigs } = rows.chromosome
  const { first, alternate, position } = rows
  const codes = sharedBytes(rows.rows)
  const [defects, swaps] = [new Uint8Array(rows.rows), new Uint8Array(rows.rows)]
  const firstTexts = first?.texts.map((text) => text.toUpperCase())
  const alternates = alternate?.texts.map((text) => text.toUpperCase().split(','))
  for (let i = 0; i < rows.rows; i++) {
    const contig = contigs[i]!
    const place = position[i]!
    if (contig < 0 || !(place >= 1)) continue // said by the core
    const sequence = sequences[contig]
    if (sequence === undefined) defects[i] = defectNumbers.unknownContig
    else if (place > sequence.length) defects[i] = defectNumbers.beyondContig
    else {
      const base = fasta.baseAt(sequence, place)
      codes[i] = bases.indexOf(base as 'A')
      const stated = first === undefined ? undefined : firstTexts![first.codes[i]!]
      if (stated === undefined) continue
      const others = alternate === undefined ? [] : (alternates![alternate.codes[i]!] ?? [])
      const alleles = rows.isStated ? [stated] : [stated, ...others]
      const found = alleles.findIndex((allele) => isAt(fasta, sequence, place, allele, base))
      if (found < 0) defects[i] = defectNumbers.referenceDiffers
      else swaps[i] = found
    }
  }
  return { reference: { name: 'REF', codes, texts: bases }, swaps, defects }
}

function isAt(
  fasta: Fasta,
  sequence: FastaSequence,
  position: number,
  allele: string,
  base: string,
): boolean {
  if (allele.length <= 1) return allele === base
  if (allele[0] !== base || position + allele.length - 1 > sequence.length) return false
  for (let k = 1; k < allele.length; k++)
    if (fasta.baseAt(sequence, position + k) !== allele[k]) return false
  return true
}

/** The sequence of each chromosome, or none. */
function matchContigs(
  names: readonly string[],
  { path, sequences }: Fasta,
): (FastaSequence | undefined)[] {
  const found = names.map((name) => sequences.get(name))
  const isOther = names.some((name) => !sequences.has(name))
  const renames = ['chr', 'no-chr'] as const
  const better = renames.find(
    (rename) =>
      names.filter((name) => sequences.has(renameContig(name, rename))).length >
      found.filter((sequence) => sequence !== undefined).length,
  )
  if (!isOther || (better === undefined && found.some((sequence) => sequence !== undefined)))
    return found
  const wrong = names.filter((name) => !sequences.has(name))
  const advice =
    better === undefined
      ? 'Is it the file of this genome?'
      : `Rename the chromosomes of the table: \`rename: '${better}'\`, or \`--rename ${better}\`.`
  throw new OneCopyError(
    'ERR_VALUE',
    `Expected the chromosomes of the table in ${path}, which has ${list([...sequences.keys()])}; ` +
      `got ${list(wrong)}. ${advice}`,
    { details: { path, missing: wrong.slice(0, 100) } },
  )
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, 5).map((name) => `'${name}'`)
  return names.length > 5 ? `${shown.join(', ')} and ${names.length - 5} more` : shown.join(', ')
}

/** How chromosomes are renamed. */
export type ContigRename = 'chr' | 'no-chr'

/** `1` as `chr1` and `MT` as `chrM`, or the other way round. */
export function renameContig(name: string, rename: ContigRename | undefined): string {
  if (rename === undefined) return name
  const plain = name.replace(/^chr/i, '')
  if (rename === 'no-chr') return plain === 'M' ? 'MT' : plain
  return `chr${plain === 'MT' ? 'M' : plain}`
}

/** Rows that are counted at once; their counts stay in the cache. */
const blockRows = 16384

/**
 * The most frequent allele of each row, of equally frequent ones the first: bases by the alphabet, allele numbers as they are. A row without
 * a call has N, or the first allele.
 *
 * @param isLetters - whether alleles are bases
 */
export function mostFrequentAlleles(
  rows: number,
  calls: GenotypeCalls,
  isLetters: boolean,
): ReferenceAlleles {
  const codes = isLetters ? sharedBytes(rows) : undefined
  const swaps = new Uint8Array(isLetters ? 0 : rows)
  const width = isLetters ? 4 : 128
  const block = isLetters ? blockRows : blockRows / 32
  const counts = new Uint32Array(block * width)
  const alleles = Array.from(calls.distinct, (code) =>
    isBadCode(code) ? [] : [code & 127, (code >> 7) & 127].filter((one) => one < 126),
  )
  for (let from = 0; from < rows; from += block) {
    const count = Math.min(block, rows - from)
    counts.fill(0)
    for (const one of calls.individuals) addCounts(one, alleles, from, count, counts, width)
    for (let i = 0; i < count; i++) {
      let best = 0
      for (let k = 1; k < width; k++)
        if (counts[i * width + k]! > counts[i * width + best]!) best = k
      const isCalled = counts[i * width + best]! > 0
      if (codes === undefined) swaps[from + i] = best
      else codes[from + i] = isCalled ? best : unknownBase
    }
  }
  return codes === undefined ? { swaps } : { reference: { name: 'REF', codes, texts: bases } }
}

function addCounts(
  { codes, calls }: GenotypeCalls['individuals'][number],
  alleles: readonly (readonly number[])[],
  from: number,
  count: number,
  counts: Uint32Array,
  width: number,
): void {
  const missing = calls.length - 1
  // Two alleles of each code; those that are none add to a counter that nobody reads.
  const [first, second] = [0, 1].map((k) =>
    Int32Array.from(calls, (call) => alleles[call]![k] ?? -1),
  ) as [Int32Array, Int32Array]
  for (let i = 0; i < count; i++) {
    const code = codes[from + i]!
    const place = code < 0 ? missing : code
    const a = first[place]!
    const b = second[place]!
    if (a >= 0) counts[i * width + a]!++
    if (b >= 0) counts[i * width + b]!++
  }
}

/** A byte for each row, in shared memory. */
function sharedBytes(rows: number): Int8Array {
  const { data, offset } = shared([rows], 'int8')
  return data.subarray(offset, offset + rows)
}
