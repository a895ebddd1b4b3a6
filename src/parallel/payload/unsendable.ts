/** Refuses values that can't be sent, by their place. */

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
  return findPlace(root, culprit, new Set()) ?? ''
}

/** A path such as `[0].model.predict`; undefined when `culprit` is not in `value`. */
function findPlace(value: unknown, culprit: unknown, seen: Set<unknown>): string | undefined {
  if (value === culprit) return ''
  if (typeof value !== 'object' || value === null || seen.has(value)) return undefined
  seen.add(value)
  for (const [step, member] of members(value)) {
    const rest = findPlace(member, culprit, seen)
    if (rest !== undefined) return step + rest
  }
  return undefined
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
      yield [Array.isArray(value) ? `[${key}]` : plain ? `.${key}` : `[${show(key)}]`, member]
    }
  }
}
