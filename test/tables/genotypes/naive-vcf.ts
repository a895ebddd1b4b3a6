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

/** A row of allele numbers. */
export interface NumberRow {
  readonly position: number
  /** REF, then ALT. */
  readonly alleles: readonly string[]
  /** Such as `0/1`, `1|2`, `.` or `1`. */
  readonly calls: readonly string[]
}

/** The line of a row of allele numbers where allele `reference` is the reference. */
export function naiveNumberLine(row: NumberRow, reference: number, info: string): string {
  const { position, alleles, calls } = row
  const order = [reference, ...alleles.map((_, k) => k).filter((k) => k !== reference)]
  const written = calls.map((call) => {
    const mark = call.includes('|') ? '|' : '/'
    const numbers = call
      .split(mark)
      .map((part) => (part === '.' ? '.' : order.indexOf(Number(part))))
    const isSorted = reference !== 0 && mark === '/'
    const rank = (number: number | string): number => (number === '.' ? 1000 : Number(number))
    return (isSorted ? numbers.toSorted((a, b) => rank(a) - rank(b)) : numbers).join(mark)
  })
  const [first, ...others] = order.map((k) => alleles[k])
  return [
    '1',
    position,
    '.',
    first,
    others.join(',') || '.',
    '.',
    '.',
    info,
    'GT',
    ...written,
  ].join('\t')
}

/** The most frequent allele, of equally frequent ones the first. */
export function naiveMajor({ alleles, calls }: NumberRow): number {
  const counts = alleles.map(
    (_, k) =>
      calls.flatMap((call) => call.split(/[/|]/)).filter((part) => part === String(k)).length,
  )
  return counts.indexOf(Math.max(...counts))
}

/** Lines of a VCF below its `##`: the names, then the rows. */
export function bodyOf(text: string): string[] {
  return text
    .trimEnd()
    .split('\n')
    .filter((line) => !line.startsWith('##'))
}
