/** Estimators as text, for `console.log`. */

import { inspect, isDeepStrictEqual } from 'node:util'
import { NDArray } from '../../arrays/index.ts'
import { collectLearned, type Configurable, mapConfigurables, type Params } from './estimator.ts'
import { checksLearned } from './learned-values.ts'

/** Longest texts of options and of a learned value. */
const [mostOptions, mostValue] = [400, 90]

/**
 * The class, the options that differ from their defaults, and a line for each learned value: an array by its type and shape.
 *
 * @param isWhole - whether learned values are listed; default: true
 */
export function showEstimator(estimator: Configurable, isWhole = true): string {
  const head = showOptions(estimator)
  if (!isWhole) return head
  const learned = Object.entries(collectLearned(estimator))
  if (learned.length === 0) return checksLearned(estimator) ? `${head} (not fitted)` : head
  const width = Math.max(...learned.map(([name]) => name.length))
  const lines = learned.map(([name, value]) => `  ${name.padEnd(width)}  ${showValue(value)}`)
  return [head, ...lines].join('\n')
}

/** For example `Ridge { alpha: 2 }`. */
function showOptions(estimator: Configurable): string {
  const defaults = defaultsOf(estimator)
  const changed = Object.entries(estimator.getParams()).filter(
    ([name, value]) => !isDeepStrictEqual(value, defaults[name]),
  )
  const { name } = estimator.constructor
  if (changed.length === 0) return name
  const options = mapConfigurables(Object.fromEntries(changed), (nested) => ({
    [inspect.custom]: () => showEstimator(nested, false),
  }))
  return `${name} ${cut(inspect(options, { ...oneLine, depth: 6 }), mostOptions)}`
}

function defaultsOf(estimator: Configurable): Params {
  const Class = estimator.constructor as new () => Configurable
  try {
    return new Class().getParams()
  } catch {
    // A class that must be given options has no defaults: all of them are shown.
    return {}
  }
}

function showValue(value: unknown): string {
  if (value instanceof NDArray) return `NDArray ${value.dtype} [${value.shape.join(', ')}]`
  return cut(inspect(value, { ...oneLine, depth: 0 }), mostValue)
}

const oneLine = { breakLength: Infinity, compact: true, maxArrayLength: 4, maxStringLength: 40 }

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text
}
