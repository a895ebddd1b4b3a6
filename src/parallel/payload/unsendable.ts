/** Refuses values that can't be sent, and names their place. */

import { OneCopyError, show } from '../../errors.ts'
import { joinSteps, stepTo, stepToValue } from '../../objects/internal.ts'

/** Thrown deep inside a value; only then somebody looks for the place, so that sending pays nothing. */
export class Unsendable extends Error {
  /** The very thing that can't be sent. */
  readonly culprit: unknown

  constructor(culprit: unknown, reason: string, options?: ErrorOptions) {
    super(reason, options)
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
    {
      ...('cause' in error && { cause: error.cause }),
      details: { place, value: what },
    },
  )
}

/** Where in `root` an {@link Unsendable} was found: a path such as `[0].model.predict`, empty for `root` itself. */
export function placeOf(root: unknown, { culprit }: Unsendable): string {
  for (const visit of walk(root))
    if ('member' in visit && visit.member === culprit) return joinSteps(visit.steps)
  return ''
}

/**
 * The error that a user sees for what a getter or a proxy in `root` threw while it was read.
 *
 * @returns `thrown` itself when nothing in `root` throws now
 */
export function describeUnreadable(root: unknown, thrown: unknown, called: string): unknown {
  for (const visit of walk(root)) {
    if (!('thrown' in visit)) continue
    const place = joinSteps(visit.steps)
    const reason = visit.thrown instanceof Error ? visit.thrown.message : show(visit.thrown)
    return new OneCopyError(
      'ERR_UNSENDABLE',
      `Expected ${called} to be data that can be sent, but reading ${place === '' ? 'it' : `\`${place}\``} threw an error: ${reason}. ` +
        'Send a plain object that holds the values themselves.',
      { cause: visit.thrown, details: { place } },
    )
  }
  return thrown
}

/** A value inside another, or what was thrown instead of it. */
type Visit =
  | { readonly steps: readonly string[]; readonly member: unknown }
  | { readonly steps: readonly string[]; readonly thrown: unknown }

type Member = readonly [step: string, read: () => unknown]

/** Visits a value and all that is in it, in the order of its members. Recursion would end at some depth. */
function* walk(root: unknown): Generator<Visit> {
  yield { steps: [], member: root }
  if (!isContainer(root)) return
  const seen = new Set<unknown>([root])
  const path: { step: string; rest: Iterator<Member> }[] = [{ step: '', rest: members(root) }]
  for (let last = path.at(-1); last !== undefined; last = path.at(-1)) {
    const steps = path.slice(1).map((level) => level.step)
    const next = attempt(() => last.rest.next())
    if ('thrown' in next || next.value.done === true) {
      path.pop()
      if ('thrown' in next) yield { steps, thrown: next.thrown }
      continue
    }
    const [step, read] = next.value.value
    steps.push(step)
    const member = attempt(read)
    if ('thrown' in member) {
      yield { steps, thrown: member.thrown }
      continue
    }
    yield { steps, member: member.value }
    if (!isContainer(member.value) || seen.has(member.value)) continue
    seen.add(member.value)
    path.push({ step, rest: members(member.value) })
  }
}

function attempt<T>(read: () => T): { readonly value: T } | { readonly thrown: unknown } {
  try {
    return { value: read() }
  } catch (error) {
    return { thrown: error }
  }
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function* members(value: object): Generator<Member> {
  if (value instanceof Map) {
    for (const [key, member] of value as Map<unknown, unknown>) {
      yield ['<key>', () => key]
      yield [stepToValue(key), () => member]
    }
  } else if (value instanceof Set) for (const member of value) yield ['<member>', () => member]
  else if (ArrayBuffer.isView(value)) return
  else
    for (const key of Object.keys(value))
      yield [stepTo(value, key), () => (value as Readonly<Record<string, unknown>>)[key]]
}
