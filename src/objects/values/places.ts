/** Writes where in a value something stands: `model.steps[0].fn`. */

import { show } from '../../errors.ts'

/** A member in the language's own spelling: `.name`, `[0]` or `['a name']`. */
export function stepTo(value: object, key: string): string {
  if (Array.isArray(value) && /^\d+$/.test(key)) return `[${key}]`
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${show(key)}]`
}

/** The step to the value of a key of a map. */
export function stepToValue(key: unknown): string {
  return `.get(${typeof key === 'object' ? '…' : show(key)})`
}

/** All steps in one text; a long way is cut in the middle. */
export function joinSteps(steps: readonly string[]): string {
  if (steps.length <= mostSteps) return steps.join('')
  const half = mostSteps / 2
  return `${steps.slice(0, half).join('')}…${steps.slice(-half).join('')}`
}

const mostSteps = 20
