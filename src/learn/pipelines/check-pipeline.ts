/** Checks the learned values of a pipeline from a file. */

import { clone, isTransformer, type LearnedState, restore } from '../contract/estimator.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import { isRowMapper } from '../contract/row-map.ts'
import type { NamedStep } from './named-steps.ts'

/**
 * Refuses learned values that no `fit` of these steps can have given.
 *
 * @param steps - the unfitted steps; not changed
 * @throws OneCopyError `ERR_FORMAT`
 */
export function checkPipeline(values: LearnedValues, steps: readonly NamedStep[]): void {
  const states = requireStates(values, steps)
  const transformers = steps.filter(([, step]) => isTransformer(step)).length
  const widths = values.integers('widths_', 2 ** 31)
  if (widths.length !== transformers + 1)
    throw values.refuse('widths_', `${transformers + 1} numbers`, `${widths.length}`)
  values.number('copiedBytes_', 0)
  const takesRaw = values.oneOf('learnerColumns_', ['mapped', 'raw']) === 'raw'
  for (const [i, [name, step]] of steps.entries()) {
    const restored = restore(clone(step), states[name]!)
    if (!isTransformer(restored) || !isRowMapper(restored)) continue
    const map = restored.rowMap()
    if (takesRaw && map.affine === undefined)
      throw values.refuse('learnerColumns_', `'mapped' behind ${name}`, "'raw'")
    if (map.columns === widths[i] && map.width === widths[i + 1]) continue
    const expected = `${map.columns} before and ${map.width} after ${name}`
    throw values.refuse('widths_', expected, `${widths[i]} and ${widths[i + 1]}`)
  }
}

/** The learned values of each step, by its name. */
function requireStates(
  values: LearnedValues,
  steps: readonly NamedStep[],
): Readonly<Record<string, LearnedState>> {
  const states = values.record('steps_')
  const names = steps.map(([name]) => name)
  const got = Object.keys(states)
  if (String(got) !== String(names))
    throw values.refuse('steps_', `learned values of ${names.join(', ')}`, got.join(', '))
  return states as Readonly<Record<string, LearnedState>>
}
