/** Which of two classes is the one to find. */

import { OneCopyError, show } from '../../../errors.ts'
import type { Label } from '../../inputs/labels.ts'

/**
 * The number of the class to find among those of predicted labels; -1 when no row has it and none is predicted to.
 *
 * @throws OneCopyError `ERR_OPTION` when it is not clear which one it is, or it is none of them
 */
export function requirePositiveLabel(
  labels: readonly Label[],
  positive: Label | undefined,
): number {
  if (positive === undefined) return labels.indexOf(usualPositive(labels))
  const found = labels.findIndex((label) => label === positive)
  if (found !== -1) return found
  if (typeof positive !== typeof labels[0] || labels.length > 1)
    throw refusePositive(labels, positive)
  return -1
}

/**
 * Refuses a `positive` that is none of two classes.
 *
 * @throws OneCopyError `ERR_OPTION`; TypeError for no label
 */
export function refusePositive(labels: readonly Label[], positive: unknown): Error {
  const text = `Expected \`positive\` to be one of the labels ${listLabels(labels)}, got ${show(positive)}.`
  if (!['number', 'string', 'boolean'].includes(typeof positive)) return new TypeError(text)
  return new OneCopyError('ERR_OPTION', text, { details: { name: 'positive', value: positive } })
}

function usualPositive(labels: readonly Label[]): Label {
  if (typeof labels[0] === 'boolean') return true
  const isWithin = (...few: number[]): boolean =>
    labels.every((label) => few.includes(label as number))
  if (isWithin(0, 1) || isWithin(-1, 1)) return 1
  if (labels.length > 2)
    throw new OneCopyError(
      'ERR_OPTION',
      `Expected two classes for \`average: 'binary'\`, got ${labels.length}. ` +
        "Pass `average: 'macro'`, 'weighted', 'micro' or null, or the class to score as `positive`.",
      { details: { classes: labels.length } },
    )
  throw new OneCopyError(
    'ERR_OPTION',
    `Expected \`positive\`, the class to score, for the labels ${listLabels(labels)}, got none. ` +
      "Or pass `average: 'macro'`. Scorers such as 'f1Macro' need none; makeScorer() takes a function that names one.",
    { details: { labels } },
  )
}

/** The first labels, for texts. */
export function listLabels(labels: readonly Label[]): string {
  const shown = labels.slice(0, 5).map(show)
  const rest = labels.length - shown.length
  if (rest > 0) return `${shown.join(', ')} and ${rest} more`
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`
}
