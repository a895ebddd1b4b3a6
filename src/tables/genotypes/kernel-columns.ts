/** Columns of genotype tables in the form that the core takes. */

import { OneCopyError, show } from '../../errors.ts'
import type {
  GenotypeCalls,
  KernelCodes,
  KernelTextColumn,
  KernelTexts,
} from '../../native/index.ts'
import type { CategoryColumn } from '../columns/category-column.ts'
import type { Column } from '../columns/columns.ts'
import type { TextColumn } from '../columns/text-column.ts'
import {
  type AlleleKind,
  badCall,
  type GenotypeNotation,
  guessNotation,
  missingCall,
  parseCall,
} from './calls.ts'

/** A column as codes, and what each stands for. */
export interface CodedColumn {
  readonly name: string
  /** Shape (n); a negative code is no value. */
  readonly codes: KernelCodes
  readonly texts: readonly string[]
}

/**
 * A column of texts as codes: without a copy where no bitmap says which rows have a value. Whole numbers, such as those of
 * chromosomes, become texts.
 *
 * @throws OneCopyError `ERR_FORMAT` for a column of fractions, booleans or dates
 */
export function codeColumn(column: Column): CodedColumn {
  const { name } = column
  if (column.kind === 'category') return { name, codes: codesOf(column), texts: column.categories }
  if (column.kind === 'text') return codeColumn(column.toCategories())
  if (column.kind === 'number') return codeNumbers(name, numbersOf(column))
  throw wrongKind(column, 'texts or whole numbers')
}

/** Codes where a negative one is no value. */
function codesOf(column: CategoryColumn): KernelCodes {
  const codes = column.values.toTypedArray()
  const hasBits = column.validity !== undefined && column.missing > 0
  if (!hasBits && !(codes instanceof Uint32Array)) return codes
  const isMissing = column.missingTest()
  return Int32Array.from(codes, (code, row) => (isMissing(row) ? -1 : code))
}

/** All values of a column of numbers; NaN for none. */
export function numbersOf(column: Column): Float64Array {
  if (column.kind !== 'number') throw wrongKind(column, 'numbers')
  const values: ArrayLike<number | bigint> = column.values.toTypedArray()
  const hasBits = column.validity !== undefined && column.missing > 0
  if (values instanceof Float64Array && !hasBits) return values
  const isMissing = column.missingTest()
  return Float64Array.from(values, (value, row) => (isMissing(row) ? Number.NaN : Number(value)))
}

function codeNumbers(name: string, numbers: Float64Array): CodedColumn {
  const known = new Map<number, number>()
  const codes = new Int32Array(numbers.length)
  for (let i = 0; i < numbers.length; i++) {
    const value = numbers[i]!
    let code = Number.isNaN(value) ? -1 : known.get(value)
    if (code === undefined) {
      if (!Number.isInteger(value))
        throw new OneCopyError(
          'ERR_FORMAT',
          `Expected texts or whole numbers in column '${name}', got ${value} in row ${i}.`,
          { details: { column: name, row: i } },
        )
      code = known.size
      known.set(value, code)
    }
    codes[i] = code
  }
  return { name, codes, texts: [...known.keys()].map(String) }
}

function wrongKind(column: { name: string; kind: string }, expected: string): OneCopyError {
  return new OneCopyError(
    'ERR_FORMAT',
    `Expected column '${column.name}' to hold ${expected}, got a column of kind '${column.kind}'.`,
    { details: { column: column.name } },
  )
}

/** A coded column for the core. */
export function kernelTexts({ codes, texts }: CodedColumn): KernelTextColumn {
  return { codes, texts: packTexts(texts) }
}

/** A column of different texts for the core: each row has the text of its own number. */
export function kernelNames(column: TextColumn): KernelTextColumn {
  const isMissing = column.missingTest()
  const codes = Int32Array.from({ length: column.size }, (_, row) => (isMissing(row) ? -1 : row))
  const starts = Float64Array.from(
    column.offsets.toTypedArray() as ArrayLike<number | bigint>,
    Number,
  )
  return { codes, texts: { bytes: column.bytes.toTypedArray(), starts } }
}

/** Texts as UTF-8, one after the other. */
export function packTexts(texts: readonly string[]): KernelTexts {
  const starts = new Float64Array(texts.length + 1)
  let size = 0
  for (let i = 0; i < texts.length; i++) starts[i + 1] = size += Buffer.byteLength(texts[i]!)
  const bytes = Buffer.alloc(size)
  for (let i = 0; i < texts.length; i++) bytes.write(texts[i]!, starts[i]!)
  return { bytes, starts }
}

/** Calls of all individuals. */
export interface CodedCalls {
  readonly kernel: GenotypeCalls
  /** What the alleles are, of all individuals. */
  readonly kind: AlleleKind
}

/**
 * The calls of individuals, each different text read once.
 *
 * @param notation - how genotypes are written; undefined: found out
 * @throws OneCopyError `ERR_FORMAT` when nothing tells how they are written, or bases and numbers are mixed
 */
export function codeCalls(
  individuals: readonly Column[],
  notation: GenotypeNotation | undefined,
): CodedCalls {
  const coded = individuals.map((column) => codeColumn(column))
  const written = notation ?? requireNotation(coded)
  const numbers = new Map<number, number>()
  const firstOf = new Map<AlleleKind, string>()
  const numberOf = (code: number): number => {
    const known = numbers.get(code) ?? numbers.size
    numbers.set(code, known)
    return known
  }
  const read = (text: string, name: string): number => {
    const call = parseCall(text, written)
    if (!firstOf.has(call.kind)) firstOf.set(call.kind, `${show(text)} in column '${name}'`)
    return numberOf(call.code)
  }
  const kernel = coded.map(({ codes, texts, name }) => {
    const calls = new Uint16Array(texts.length + 1)
    for (const [i, text] of texts.entries()) calls[i] = read(text, name)
    calls[texts.length] = numberOf(missingCall.code)
    return { codes, calls }
  })
  const [base, number] = [firstOf.get('bases'), firstOf.get('numbers')]
  if (base !== undefined && number !== undefined)
    throw new OneCopyError(
      'ERR_FORMAT',
      `Expected genotypes of bases or of allele numbers, got ${base} and ${number}. Write one form in all columns.`,
    )
  return {
    kernel: { distinct: Uint16Array.from(numbers.keys()), individuals: kernel },
    kind: base !== undefined ? 'bases' : number !== undefined ? 'numbers' : 'none',
  }
}

function requireNotation(columns: readonly CodedColumn[]): GenotypeNotation {
  function* texts(): Generator<string> {
    for (const column of columns) yield* column.texts
  }
  const found = guessNotation(texts())
  if (found !== undefined) return found
  throw new OneCopyError(
    'ERR_FORMAT',
    'Genotypes are lone digits 0 and 1: these may be counts of the alternate allele, or alleles of one chromosome. ' +
      "Say which by `genotypes: 'dosage'` or `genotypes: 'calls'`.",
  )
}

/** Whether a call can't be written. */
export function isBadCode(code: number): boolean {
  return (code & badCall.code) !== 0
}
