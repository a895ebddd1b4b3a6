/** The support vectors of all pairs of classes in one list. */

/** Solved machines of pairs of classes. */
export interface SolvedPairs {
  /** Numbers of the rows that were learned from. */
  readonly numbers: Int32Array
  /** Number of each row's class, shape (n). */
  readonly codes: Uint16Array
  /** How many classes there are. */
  readonly classes: number
  /** Of each pair (0, 1), (0, 2) … what the rows of its first class count, then those of its second. */
  readonly variables: Float64Array
}

/** Support vectors, class by class. */
export interface JoinedPairs {
  /** Their row numbers, shape (s). */
  readonly support: Int32Array
  /** How many there are of each class. */
  readonly counts: Int32Array
  /** Shape (classes - 1, s): what a vector counts against each other class, in their order. */
  readonly coefficients: Float64Array
}

/** Takes the rows that count in a pair or more. */
export function joinPairs({ numbers, codes, classes, variables }: SolvedPairs): JoinedPairs {
  const members = Array.from({ length: classes }, (_, code) =>
    numbers.filter((row) => codes[row] === code),
  )
  // Where in `variables` those of a class are in its machine against another one.
  const placeOf = new Map<string, number>()
  let place = 0
  for (let a = 0; a < classes; a++) {
    for (let b = a + 1; b < classes; b++) {
      placeOf.set(`${a} ${b}`, place)
      placeOf.set(`${b} ${a}`, place + members[a]!.length)
      place += members[a]!.length + members[b]!.length
    }
  }
  const columns: number[][] = []
  const support: number[] = []
  const counts = members.map((rows, own) => {
    const others = Array.from({ length: classes }, (_, code) => code).filter((code) => code !== own)
    const starts = others.map((other) => placeOf.get(`${own} ${other}`)!)
    const before = support.length
    for (const [i, row] of rows.entries()) {
      const values = starts.map((start) => variables[start + i]!)
      if (values.every((value) => value === 0)) continue
      support.push(row)
      columns.push(values)
    }
    return support.length - before
  })
  const size = support.length
  const coefficients = new Float64Array((classes - 1) * size)
  for (const [s, values] of columns.entries())
    for (const [rank, value] of values.entries()) coefficients[rank * size + s] = value
  return { support: Int32Array.from(support), counts: Int32Array.from(counts), coefficients }
}
