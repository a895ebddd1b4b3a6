/** Trees grown in the plainest way, to hold the native grower against. */

/** What a naive tree is grown on: whole gradients and hessians, as the grower's grids hold them. */
export interface NaiveProblem {
  /** The bin of each column in each row; 255: missing. */
  readonly bins: readonly (readonly number[])[]
  /** Bins of each column, without that of missing values. */
  readonly binCounts: readonly number[]
  /** Row numbers of the tree. */
  readonly rows: readonly number[]
  readonly gradients: readonly number[]
  readonly hessians: readonly number[]
  /** How often each row counts. */
  readonly times: readonly number[]
  readonly gradientStep: number
  readonly hessianStep: number
  readonly maxLeaves: number
  readonly maxDepth: number
  readonly byLevel: boolean
  readonly monotone: readonly number[] | null
  /** Columns with categories. */
  readonly categorical: readonly number[]
  readonly smoothing: number
  /** Columns that may be on one path; null: no limit. */
  readonly together: readonly (readonly number[])[] | null
  readonly l1: number
  readonly mostValue: number
  readonly leastCount: number
  readonly leastHessian: number
  readonly leastGain: number
  readonly l2: number
}

/** A node; a leaf has no split. */
export interface NaiveNode {
  readonly rows: readonly number[]
  readonly value: number
  split?: {
    readonly column: number
    /** The greatest bin that goes left, or all of a column with categories. */
    readonly bin: number | readonly number[]
    readonly missingLeft: boolean
    readonly left: NaiveNode
    readonly right: NaiveNode
  }
}

interface Sums {
  readonly gradient: number
  readonly hessian: number
  readonly count: number
}

interface Candidate {
  readonly gain: number
  readonly column: number
  readonly bin: number | readonly number[]
  readonly missingLeft: boolean
  readonly left: readonly number[]
  readonly right: readonly number[]
}

interface Open {
  readonly node: NaiveNode
  readonly depth: number
  readonly low: number
  readonly high: number
  readonly path: readonly number[]
  readonly best: Candidate | undefined
}

/** Grows a tree: tries every way to part the rows of a node by adding them up anew. */
export function growNaively(problem: NaiveProblem): NaiveNode {
  const open = (
    rows: readonly number[],
    path: readonly number[],
    low: number,
    high: number,
  ): Open => {
    const depth = path.length
    const node: NaiveNode = { rows, value: valueOf(problem, sumsOf(problem, rows), low, high) }
    const maySplit =
      rows.length >= 2 &&
      sumsOf(problem, rows).count >= 2 * problem.leastCount &&
      (problem.maxDepth === 0 || depth < problem.maxDepth)
    return {
      node,
      depth,
      low,
      high,
      path,
      best: maySplit ? findBest(problem, { rows, path, low, high }) : undefined,
    }
  }
  const root = open(problem.rows, [], -Infinity, Infinity)
  const waiting = [root]
  for (let leaves = 1; problem.maxLeaves === 0 || leaves < problem.maxLeaves; leaves++) {
    const next = waiting
      .filter(({ best }) => best !== undefined)
      .toSorted((a, b) => (problem.byLevel ? a.depth - b.depth : b.best!.gain - a.best!.gain))[0]
    if (next === undefined) break
    waiting.splice(waiting.indexOf(next), 1)
    const { node, low, high } = next
    const { column, bin, missingLeft, left, right } = next.best!
    const direction = problem.monotone?.[column] ?? 0
    const values = [left, right].map((rows) => valueOf(problem, sumsOf(problem, rows), low, high))
    const middle = (values[0]! + values[1]!) / 2
    const path = [...next.path, column]
    const children = [
      open(left, path, direction < 0 ? middle : low, direction > 0 ? middle : high),
      open(right, path, direction > 0 ? middle : low, direction < 0 ? middle : high),
    ] as const
    node.split = { column, bin, missingLeft, left: children[0].node, right: children[1].node }
    waiting.push(...children)
  }
  return root.node
}

function sumsOf({ gradients, hessians, times }: NaiveProblem, rows: readonly number[]): Sums {
  let [gradient, hessian, count] = [0, 0, 0]
  for (const row of rows) {
    gradient += gradients[row]! * times[row]!
    hessian += hessians[row]! * times[row]!
    count += times[row]!
  }
  return { gradient, hessian, count }
}

function valueOf(problem: NaiveProblem, sums: Sums, low: number, high: number): number {
  const h = sums.hessian * problem.hessianStep + problem.l2
  const value = h > 0 ? -pullOf(problem, sums) / h : 0
  const { mostValue } = problem
  return Math.min(Math.max(Math.min(Math.max(value, -mostValue), mostValue), low), high)
}

/** The gradient, less what l1 takes. */
function pullOf({ gradientStep, l1 }: NaiveProblem, { gradient }: Sums): number {
  const g = gradient * gradientStep
  // What exceeds it by less than a rounding error does not exceed it.
  return Math.abs(g) > l1 * (1 + 1e-12) ? g - Math.sign(g) * l1 : 0
}

function worthOf(problem: NaiveProblem, sums: Sums, low: number, high: number): number {
  const g = sums.gradient * problem.gradientStep
  const h = sums.hessian * problem.hessianStep + problem.l2
  const pull = pullOf(problem, sums)
  if (problem.monotone === null && problem.mostValue === Infinity) return pull * pull * (1 / h)
  const v = valueOf(problem, sums, low, high)
  return -(2 * g * v + h * v * v + 2 * problem.l1 * Math.abs(v))
}

function findBest(
  problem: NaiveProblem,
  { rows, path, low, high }: Pick<Open, 'path' | 'low' | 'high'> & { rows: readonly number[] },
): Candidate | undefined {
  const worth = worthOf(problem, sumsOf(problem, rows), low, high)
  let bound = worth + Math.max(problem.leastGain, 1e-12 * Math.abs(worth))
  let best: Candidate | undefined
  const isEnough = ({ count, hessian }: Sums): boolean =>
    count >= problem.leastCount &&
    hessian * problem.hessianStep >= problem.leastHessian &&
    hessian * problem.hessianStep + problem.l2 > 0
  const offer = (
    column: number,
    last: number,
    next: number,
    side: 'none' | 'left' | 'right',
  ): void => {
    offerParts(column, Math.floor((last + next - 1) / 2), side, (bin) =>
      bin === 255 ? side === 'left' : bin <= last,
    )
  }
  const offerParts = (
    column: number,
    bin: number | readonly number[],
    side: 'none' | 'left' | 'right',
    isLeft: (bin: number) => boolean,
  ): void => {
    const goesLeft = (row: number): boolean => isLeft(problem.bins[row]![column]!)
    const left = rows.filter(goesLeft)
    const right = rows.filter((row) => !goesLeft(row))
    const sums = [sumsOf(problem, left), sumsOf(problem, right)] as const
    if (!sums.every(isEnough)) return
    const direction = problem.monotone?.[column] ?? 0
    const values = sums.map((one) => valueOf(problem, one, low, high))
    if ((values[1]! - values[0]!) * direction < 0) return
    const both = worthOf(problem, sums[0], low, high) + worthOf(problem, sums[1], low, high)
    if (!(both > bound)) return
    bound = both
    const isMore = 2 * sums[0].count >= sums[0].count + sums[1].count
    const missingLeft = side === 'none' ? isMore : side === 'left'
    best = {
      gain: both - worth,
      column,
      bin,
      missingLeft,
      left,
      right,
    }
  }
  const sets = problem.together?.filter((set) => path.every((column) => set.includes(column)))
  for (const [column, count] of problem.binCounts.entries()) {
    if (sets !== undefined && !sets.some((set) => set.includes(column))) continue
    const inNode = new Set(rows.map((row) => problem.bins[row]![column]!))
    if (problem.categorical.includes(column)) {
      const order = orderCategories(problem, rows, column)
      const offerSet = (set: readonly number[]): void =>
        offerParts(
          column,
          set.toSorted((a, b) => a - b),
          set.includes(255) ? 'left' : 'right',
          (bin) => set.includes(bin),
        )
      for (let size = 1; 2 * size <= order.length; size++) offerSet(order.slice(0, size))
      for (let size = 1; 2 * size < order.length; size++) offerSet(order.slice(-size))
      continue
    }
    const hasMissing = inNode.delete(255)
    const occupied = [...inNode].toSorted((a, b) => a - b)
    const offerAll = (side: 'none' | 'left' | 'right'): void => {
      for (let i = 1; i < occupied.length; i++) offer(column, occupied[i - 1]!, occupied[i]!, side)
    }
    if (!hasMissing) {
      offerAll('none')
    } else if (occupied.length > 0) {
      offerAll('right')
      offer(column, count - 1, count, 'right')
      offerAll('left')
    }
  }
  return best
}

/** Categories of a node that have enough rows, by their smoothed mean gradients about that of the node. */
function orderCategories(problem: NaiveProblem, rows: readonly number[], column: number): number[] {
  const { gradientStep, hessianStep, smoothing } = problem
  const all = sumsOf(problem, rows)
  const mean = (all.gradient * gradientStep) / (all.hessian * hessianStep)
  const categories = [...new Set(rows.map((row) => problem.bins[row]![column]!))].map((bin) => {
    const own = sumsOf(
      problem,
      rows.filter((row) => problem.bins[row]![column] === bin),
    )
    const hessian = own.hessian * hessianStep
    return {
      bin,
      count: own.count,
      key: (own.gradient * gradientStep - mean * hessian) / (hessian + smoothing),
    }
  })
  return categories
    .filter(({ count }) => count >= Math.ceil(smoothing))
    .toSorted((a, b) => a.key - b.key || a.bin - b.bin)
    .map(({ bin }) => bin)
}

/**
 * A tree of slots as nested nodes, each `[column, bin, missingLeft, left, right]` or a value; a column with categories has all bins
 * that go left.
 */
export type PlainTree = number | [number, number | readonly number[], boolean, PlainTree, PlainTree]

/** Whether a bin goes left in a node of a plain tree. */
export function goesLeftBy(
  last: number | readonly number[],
  missingLeft: boolean,
  bin: number,
): boolean {
  if (typeof last !== 'number') return last.includes(bin)
  return bin === 255 ? missingLeft : bin <= last
}

/** Reads the slots of one tree. */
export function readSlots(slots: BigUint64Array): PlainTree {
  const values = new Float64Array(slots.buffer, slots.byteOffset, slots.length)
  const read = (at: number, isLeaf: boolean): PlainTree => {
    if (isLeaf) return values[at]!
    const slot = slots[at]!
    const bit = (i: number): boolean => ((slot >> BigInt(i)) & 1n) === 1n
    const right = at + Number(slot & ((1n << 30n) - 1n))
    const hasSet = bit(63)
    const words = [1, 2, 3, 4].map((word) => slots[at + word]!)
    const isLeft = (bin: number): boolean => ((words[bin >> 6]! >> BigInt(bin & 63)) & 1n) === 1n
    const bin = hasSet
      ? Array.from({ length: 256 }, (_, i) => i).filter(isLeft)
      : Number((slot >> 32n) & 255n)
    const column = Number((slot >> 41n) & ((1n << 22n) - 1n))
    return [column, bin, bit(40), read(at + (hasSet ? 5 : 1), bit(30)), read(right, bit(31))]
  }
  return read(0, slots.length === 1)
}

/** A naive tree in the same form; `map` makes the value of a leaf of what it was. */
export function plainTree(node: NaiveNode, map: (value: number) => number): PlainTree {
  if (node.split === undefined) return map(node.value)
  const { column, bin, missingLeft, left, right } = node.split
  return [column, bin, missingLeft, plainTree(left, map), plainTree(right, map)]
}

/** The step of the grid on which values up to `most` have so many bits. */
export function gridStep(most: number, bits: number): number {
  if (most === 0) return 1
  let exponent = Math.floor(Math.log2(most)) + 1
  while (most >= 2 ** exponent) exponent++
  while (most < 2 ** (exponent - 1)) exponent--
  return 2 ** (exponent - bits)
}

/** Rounds to the nearest whole number, halves to even, as the CPU does. */
export function roundEven(value: number): number {
  const floor = Math.floor(value)
  const part = value - floor
  if (part !== 0.5) return Math.round(value)
  return floor % 2 === 0 ? floor : floor + 1
}
