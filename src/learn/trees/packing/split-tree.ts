/** Binary trees in the form in which other libraries are read. */

/**
 * A split of numbers at bounds, ascending: values up to the first bound go where `firstLeft` says, those up to the next one to the
 * other side, and so on. Without bounds all values go there.
 */
export interface IntervalSplit {
  /** Number of its column. */
  readonly column: number
  readonly bounds: readonly number[]
  readonly firstLeft: boolean
  /** Whether missing values (NaN) go left. */
  readonly missingLeft: boolean
}

/** A tree; child `c` is split `c` when it is at least 0, else leaf `-1 - c`. The root is split 0, or leaf 0 without splits. */
export interface SplitTree {
  readonly splits: readonly IntervalSplit[]
  readonly left: ArrayLike<number>
  readonly right: ArrayLike<number>
  readonly leaves: ArrayLike<number>
}

/** Whether a split needs a set of bins: fewer bounds are one threshold, or its mirror image. */
export function isSet({ bounds }: IntervalSplit): boolean {
  return bounds.length > 1
}

/** A child that no tree can have. */
export interface WrongChild {
  readonly split: number
  readonly side: 'left' | 'right'
  readonly child: number
  /** Why. */
  readonly reason: 'missing' | 'repeated' | 'deep'
}

/** Most splits on the way to a leaf. */
export const mostDepth = 4000

/**
 * Finds a child that is not there, that has two parents or is its own ancestor, or that lies too deep.
 *
 * @returns the first one; undefined when the tree is one
 */
export function findWrongChild({ splits, left, right, leaves }: SplitTree): WrongChild | undefined {
  if (splits.length === 0) return undefined
  const seen = [new Uint8Array(splits.length), new Uint8Array(leaves.length)] as const
  seen[0][0] = 1
  const open: [split: number, depth: number][] = [[0, 1]]
  for (let next; (next = open.pop()) !== undefined;) {
    const [split, depth] = next
    for (const side of ['left', 'right'] as const) {
      const child = (side === 'left' ? left : right)[split]!
      const [marks, at] = child >= 0 ? [seen[0], child] : [seen[1], -1 - child]
      const wrong = (reason: WrongChild['reason']): WrongChild => ({ split, side, child, reason })
      if (!(at < marks.length)) return wrong('missing')
      if (marks[at] === 1) return wrong('repeated')
      if (depth > mostDepth) return wrong('deep')
      marks[at] = 1
      if (child >= 0) open.push([child, depth + 1])
    }
  }
  return undefined
}
