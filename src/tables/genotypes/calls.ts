/** Texts of genotypes as calls that the core knows. */

/** How genotypes are written: see `VcfOptions.genotypes`. */
export type GenotypeNotation = 'letters' | 'calls' | 'dosage'

/** Whether alleles of a call are bases or allele numbers; `none` when nothing tells. */
export type AlleleKind = 'bases' | 'numbers' | 'none'

/** A genotype. */
export interface Call {
  /** As the core has it: `GenotypeCalls.distinct`. */
  readonly code: number
  readonly kind: AlleleKind
}

const missingAllele = 126
const noAllele = 127
const mostAlleles = 99

/** A genotype without alleles, of a diploid. */
export const missingCall: Call = { code: codeOf(missingAllele, missingAllele), kind: 'none' }

/** What VCF can't express. */
export const badCall: Call = { code: 1 << 15, kind: 'none' }

/** Two bases of each IUPAC letter. */
const letterPairs: Readonly<Record<string, string>> = {
  A: 'AA',
  C: 'CC',
  G: 'GG',
  T: 'TT',
  M: 'AC',
  R: 'AG',
  W: 'AT',
  S: 'CG',
  Y: 'CT',
  K: 'GT',
}

/** Texts without a genotype, in capitals. */
const missingTexts: ReadonlySet<string> = new Set([
  '',
  '.',
  '-',
  'N',
  'NA',
  'NN',
  '--',
  '..',
  '00',
  './.',
  '.|.',
  'N/N',
  'N|N',
  '-/-',
  '0 0',
])

/**
 * Reads the text of a genotype.
 *
 * @param text - as it stands in the table
 * @param notation - how genotypes are written there
 * @returns `badCall` for what VCF can't express, such as an insertion without its bases
 */
export function parseCall(text: string, notation: GenotypeNotation): Call {
  const plain = text.trim().toUpperCase()
  if (notation === 'dosage') return parseDosage(plain)
  if (notation === 'calls' && (plain === '.' || plain === '.|.')) return parseAlleles(plain)
  if (missingTexts.has(plain)) return missingCall
  if (plain.length === 1 && notation === 'letters') {
    const pair = letterPairs[plain]
    return pair === undefined ? badCall : parseAlleles(pair)
  }
  return parseAlleles(plain)
}

/** Counts of the alternate allele. */
function parseDosage(text: string): Call {
  if (missingTexts.has(text) || text === '9' || text === '-9' || text === '-1' || text === 'NAN')
    return missingCall
  const count = /^\d+(\.0*)?$/.test(text) ? Number(text) : Number.NaN
  if (count === 0) return { code: codeOf(0, 0), kind: 'numbers' }
  if (count === 1) return { code: codeOf(0, 1), kind: 'numbers' }
  return count === 2 ? { code: codeOf(1, 1), kind: 'numbers' } : badCall
}

/** `A/G`, `A|G`, `AG`, `0/1` or, with one chromosome, `A` or `0`. */
function parseAlleles(text: string): Call {
  const isPhased = text.includes('|')
  const parts = /[/|:]/.test(text)
    ? text.split(/[/|:]/)
    : /^[ACGT]{2}$/.test(text)
      ? text.split('')
      : [text]
  if (parts.length > 2) return badCall
  const alleles = parts.map((part) => parseAllele(part))
  const kinds = new Set(alleles.map(({ kind }) => kind).filter((kind) => kind !== 'none'))
  if (alleles.some(({ number }) => number === undefined) || kinds.size > 1) return badCall
  const [first, second] = alleles.map(({ number }) => number!)
  const code = codeOf(first!, second ?? noAllele) | (isPhased ? 1 << 14 : 0)
  return { code, kind: [...kinds][0] ?? 'none' }
}

function parseAllele(text: string): { number: number | undefined; kind: AlleleKind } {
  if (text === '.' || text === 'N') return { number: missingAllele, kind: 'none' }
  const base = text.length === 1 ? 'ACGT'.indexOf(text) : -1
  if (base >= 0) return { number: base, kind: 'bases' }
  if (!/^\d{1,2}$/.test(text)) return { number: undefined, kind: 'none' }
  return { number: Math.min(Number(text), mostAlleles), kind: 'numbers' }
}

function codeOf(first: number, second: number): number {
  return first | (second << 7)
}

/**
 * Finds out how genotypes are written.
 *
 * @param texts - all different ones of all individuals
 * @returns undefined for lone digits, which may be counts of an allele or alleles of one chromosome
 */
export function guessNotation(texts: Iterable<string>): GenotypeNotation | undefined {
  let hasLoneDigit = false
  let hasBase = false
  let isDosage = true
  for (const text of texts) {
    const plain = text.trim().toUpperCase()
    if (/^[\dA-Z.]+[/|][\dA-Z.]+$/.test(plain) && plain !== 'N/N' && plain !== 'N/A') return 'calls'
    if (missingTexts.has(plain)) continue
    if (/^\d(\.0*)?$/.test(plain)) hasLoneDigit = true
    else if (plain !== '-1' && plain !== '-9') isDosage = false
    if (/^[ACGTMRWSYK]{1,2}$/.test(plain)) hasBase = true
    if (plain.startsWith('2')) return 'dosage'
  }
  if (hasBase || !hasLoneDigit) return 'letters'
  return isDosage ? undefined : 'calls'
}
