/** Lines of VCF made row by row, with nothing but strings: the oracle of the kernel. */

const pairs: Readonly<Record<string, string>> = {
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

/** A row of letters. */
export interface LetterRow {
  readonly chromosome: string
  readonly position: number
  readonly reference: string
  /** One IUPAC letter for each individual; others are missing. */
  readonly letters: readonly string[]
}

/** The line of a row of letters. */
export function naiveLine({ chromosome, position, reference, letters }: LetterRow): string {
  const alternates: string[] = []
  for (const letter of letters)
    for (const base of (pairs[letter] ?? '').split(''))
      if (base !== reference && !alternates.includes(base)) alternates.push(base)
  const calls = letters.map((letter) => {
    const pair = pairs[letter]
    if (pair === undefined) return './.'
    const numbers = pair
      .split('')
      .map((base) => (base === reference ? 0 : 1 + alternates.indexOf(base)))
    return numbers.toSorted((a, b) => a - b).join('/')
  })
  const fixed = [
    chromosome,
    position,
    '.',
    reference,
    alternates.join(',') || '.',
    '.',
    '.',
    '.',
    'GT',
  ]
  return [...fixed, ...calls].join('\t')
}

/** Lines of a VCF below its `##`: the names, then the rows. */
export function bodyOf(text: string): string[] {
  return text
    .trimEnd()
    .split('\n')
    .filter((line) => !line.startsWith('##'))
}
