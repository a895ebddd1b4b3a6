/** Refuses values that can't be sent, and names their place. */

import { OneCopyError, show } from '../../errors.ts'

/** Thrown deep inside a value; only then somebody looks for the place, so that sending pays nothing. */
export class Unsendable extends Error {
  /** The very thing that can't be sent. */
  readonly culprit: unknown

  constructor(culprit: unknown, reason: string) {
    super(reason)
    this.culprit = culprit
  }
}

/** The error that a user sees for an {@link Unsendable} found in `root`. */
export function describeUnsendable(root: unknown, error: Unsendable, called: string): OneCopyError {
  const place = placeOf(root, error)
  const what = show(error.culprit)
  return new OneCopyError(
    'ERR_UNSENDABLE',
    `Expected ${called} to be data that can be sent, got ${what}${place && ` at \`${place}\``}: ${error.message}`,
    { details: { place, value: what } },
  )
}

/** Where in `root` an {@link Unsendable} was found: a path such as `[0].model.predict`, empty for `root` itself. */
export function placeOf(root: unknown, { culprit }: Unsendable): string {
  return findPlace(root, culprit) ?? ''
}

/** Longer paths are cut in the middle. */
const mostSteps = 20

/** A path such as `[0].model.predict`; undefined when `culprit` is not in `value`. Recursion would end at some depth. */
function findPlace(root: unknown, culprit: unknown): string | undefined {
  if (root === culprit) return ''
  const seen = new Set<unknown>([root])
  const path: { step: string; rest: Iterator<readonly [step: string, member: unknown]> }[] = []
  if (!isContainer(root)) return undefined
  path.push({ step: '', rest: members(root) })
  for (let last = path.at(-1); last !== undefined; last = path.at(-1)) {
    const next = last.rest.next()
    if (next.done === true) {
      path.pop()
      continue
    }
    const [step, member] = next.value
    if (member === culprit) return joinSteps([...path.slice(1).map((level) => level.step), step])
    if (!isContainer(member) || seen.has(member)) continue
    seen.add(member)
    path.push({ step, rest: members(member) })
  }
  return undefined
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function joinSteps(steps: readonly string[]): string {
  if (steps.length <= mostSteps) return steps.join('')
  const half = mostSteps / 2
  return `${steps.slice(0, half).join('')}…${steps.slice(-half).join('')}`
}

function* members(value: object): Generator<[step: string, member: unknown]> {
  if (value instanceof Map) {
    for (const [key, member] of value as Map<unknown, unknown>) {
      yield ['<key>', key]
      yield [`.get(${typeof key === 'object' ? '…' : show(key)})`, member]
    }
  } else if (value instanceof Set) for (const member of value) yield ['<member>', member]
  else if (ArrayBuffer.isView(value)) return
  else {
    for (const [key, member] of Object.entries(value)) {
      const plain = /^[A-Za-z_$][\w$]*$/.test(key)
      yield [
        Array.isArray(value) && /^\d+$/.test(key)
          ? `[${key}]`
          : plain
            ? `.${key}`
            : `[${show(key)}]`,
        member,
      ]
    }
  }
}
