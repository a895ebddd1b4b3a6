/** Scorers of labels where learners see codes of classes. */

import { array, type NDArray } from '../../arrays/index.ts'
import type { Classes, Label } from '../inputs/labels.ts'
import { type AnyScorer, makeScorer, type Scorer } from './scorer.ts'
import { isNamedScorer } from './scorer-names.ts'
import type { OwnScoreOptions } from './take-scored.ts'

/** Labels, as a user's own scorer gets them. */
type Labels = NDArray | readonly Label[]

/** Whether an option is a scorer of a user, whose function may know labels, such as the one it is about. */
export function isOwnScorer(option: unknown): option is AnyScorer {
  return (
    typeof option === 'function' &&
    typeof (option as Partial<AnyScorer>).greaterIsBetter === 'boolean' &&
    !isNamedScorer(option as AnyScorer)
  )
}

/**
 * A scorer that gets codes of classes and hands their labels to the one given.
 *
 * @param classes - the labels; their positions are the codes
 */
export function codedScorer(scorer: AnyScorer, classes: Classes): Scorer {
  const own = scorer as unknown as Scorer<Labels, Labels>
  const { name, greaterIsBetter, needs = 'predictions' } = own
  const labelsOf = ({ data, offset, strides: [stride = 1], size }: NDArray): Labels => {
    const labelOf = (row: number): Label => classes[Number(data[offset + row * stride])]!
    if (!(classes instanceof Float64Array))
      return Array.from({ length: size }, (_, i) => labelOf(i))
    const numbers = new Float64Array(size)
    for (let row = 0; row < size; row++) numbers[row] = labelOf(row) as number
    return array(numbers)
  }
  return makeScorer(
    (y: NDArray, predicted: NDArray, options: OwnScoreOptions = {}) => {
      const codes = options.classes as ArrayLike<number> | undefined
      const known = codes && Array.from(codes, (code) => classes[code]!)
      return own(labelsOf(y), needs === 'predictions' ? labelsOf(predicted) : predicted, {
        ...options,
        ...(known && { classes: known as readonly string[] }),
      })
    },
    { name, greaterIsBetter, needs },
  )
}
