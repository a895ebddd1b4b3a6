/** Decides exactly whether two strided views share an element. */

import { countElements, extentOf, type Layout } from './layout.ts'

/** A variable of the equation: `0 ≤ x ≤ most`, counted `step` times; both above 0. */
interface Term {
  readonly step: number
  readonly most: number
}

/** Steps after which a search gives up; strides that people use need a few dozen. */
const mostSteps = 1_000_000

/**
 * Tells whether two views of the same memory and element size have an element in common. Views that lie
 * between each other, like the columns of a matrix, have none.
 *
 * It asks whether `Σ stride·i - Σ stride'·j = offset' - offset` has a solution inside both shapes, by
 * trying values from the largest stride to the smallest and leaving those out that the rest can't reach, or
 * that its greatest common divisor doesn't divide.
 *
 * @returns true as well when a search would take too long, which takes strides made for it
 * @see NumPy's `solve_may_share_memory`, numpy/_core/src/common/mem_overlap.c
 */
export function hasCommonElement(a: Layout, b: Layout): boolean {
  const divisor = [...a.strides, ...b.strides].reduce(greatestDivisor, 0)
  if (divisor > 0 && (a.offset - b.offset) % divisor !== 0) return false
  if (countElements(a.shape) === 0 || countElements(b.shape) === 0) return false
  const [startA, stopA] = extentOf(a)
  const [startB, stopB] = extentOf(b)
  if (startA >= stopB || startB >= stopA) return false
  // Elements of `a` are counted up from its lowest one, those of `b` down from its highest, so that every
  // step is above 0.
  return solve(joinTerms([...termsOf(a), ...termsOf(b)]), stopB - 1 - startA)
}

function termsOf({ shape, strides }: Layout): Term[] {
  return shape
    .map((length, axis) => ({ step: Math.abs(strides[axis]!), most: length - 1 }))
    .filter(({ step, most }) => step > 0 && most > 0)
}

/** Terms of one step are one term; from the largest step to the smallest. */
function joinTerms(terms: readonly Term[]): Term[] {
  const byStep = new Map<number, number>()
  for (const { step, most } of terms) byStep.set(step, (byStep.get(step) ?? 0) + most)
  return [...byStep].map(([step, most]) => ({ step, most })).sort((a, b) => b.step - a.step)
}

/** Whether the terms can sum to `target`. */
function solve(terms: readonly Term[], target: number): boolean {
  // What the terms from each on can reach at most, and what divides all that they reach.
  const reach = [0]
  const divisors = [0]
  for (const { step, most } of terms.toReversed()) {
    reach.unshift(reach[0]! + step * most)
    divisors.unshift(greatestDivisor(step, divisors[0]!))
  }
  let steps = 0
  const search = (at: number, rest: number): boolean => {
    if (rest === 0 || ++steps > mostSteps) return true
    if (rest < 0 || rest > reach[at]! || rest % divisors[at]! !== 0) return false
    const { step, most } = terms[at]!
    const least = Math.max(0, Math.ceil((rest - reach[at + 1]!) / step))
    for (let x = Math.min(most, Math.floor(rest / step)); x >= least; x--)
      if (search(at + 1, rest - x * step)) return true
    return false
  }
  return search(0, target)
}

function greatestDivisor(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b]
  return Math.abs(a)
}
