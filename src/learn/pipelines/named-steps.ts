/** Steps by name, and their options by path. */

import { OneCopyError, show } from '../../errors.ts'
import { explainUnknown } from '../../options.ts'
import {
  clone,
  type Configurable,
  type Estimator,
  isConfigurable,
  isEstimator,
  isTransformer,
  type Params,
  type Transformer,
} from '../contract/estimator.ts'
import { kebabCase } from './kebab-case.ts'

/** A step and its name. */
export type NamedStep = readonly [name: string, step: Estimator | Transformer]

/**
 * The steps of a pipeline by name; those of a list are named after their classes: `standard-scaler`.
 *
 * @throws TypeError when a step can't stand in its place; OneCopyError `ERR_OPTION` without steps
 */
export function requireSteps(owner: string, steps: unknown): NamedStep[] {
  if (typeof steps !== 'object' || steps === null) {
    throw new TypeError(
      `Expected \`steps\` of ${owner} to be steps by name, such as { scaler: new StandardScaler(), ridge: new Ridge() }, ` +
        `or a list of them, got ${show(steps)}.`,
    )
  }
  if (Array.isArray(steps)) requireNoPair(owner, steps)
  const named = nameSteps(steps)
  if (named.length === 0)
    throw new OneCopyError(
      'ERR_OPTION',
      `Expected \`steps\` of ${owner} to hold at least one step, got none.`,
    )
  for (const [i, [name, step]] of named.entries()) {
    requireName(owner, name)
    const isLast = i === named.length - 1
    if (isTransformer(step) || (isLast && isEstimator(step))) continue
    const needed = isLast
      ? 'a learner or a transformer'
      : 'a transformer with fit() and transform(), as every step but the last one'
    throw new TypeError(
      `Expected step \`${name}\` of ${owner} to be ${needed}, got ${describe(step)}. ${adviseStep(step)}`,
    )
  }
  return named as NamedStep[]
}

/** What to do with a value that can't be a step. */
function adviseStep(step: unknown): string {
  if (isEstimator(step)) return 'Only the last step may be a learner.'
  if (step === null || step === undefined || nothings.includes(step))
    return 'Leave the step out, as a step that does nothing.'
  return 'Pass an instance, such as new StandardScaler(), not its class.'
}

/** What other libraries write for a step that does nothing. */
const nothings: readonly unknown[] = ['passthrough', 'drop', 'None']

/** Refuses scikit-learn's list of names and steps. */
function requireNoPair(owner: string, steps: readonly unknown[]): void {
  const pair = steps.find((step) => Array.isArray(step))
  if (pair === undefined) return
  const [name] = pair as unknown[]
  const isName = typeof name === 'string' && /^[A-Za-z_$][\w$]{0,40}$/.test(name)
  throw new TypeError(
    `Expected \`steps\` of ${owner} to be steps by name, got a list that holds lists. ` +
      `Write steps: { ${isName ? name : 'name'}: …, … } in place of pairs of a name and a step.`,
  )
}

/** The steps as they are, checked by {@link requireSteps}. */
export function nameSteps(steps: object): [string, unknown][] {
  if (!Array.isArray(steps)) return Object.entries(steps)
  const taken = new Set<string>()
  return steps.map((step: unknown) => {
    const wanted =
      typeof step === 'object' && step !== null ? kebabCase(step.constructor.name) : 'step'
    let name = wanted
    for (let number = 2; taken.has(name); number++) name = `${wanted}-${number}`
    taken.add(name)
    return [name, step]
  })
}

function describe(step: unknown): string {
  return typeof step === 'object' && step !== null ? `a ${step.constructor.name}` : show(step)
}

/** Names are parts of paths and keys of learned values. */
function requireName(owner: string, name: string): void {
  if (name !== '' && !name.includes('.') && name !== '__proto__') return
  throw new OneCopyError(
    'ERR_OPTION',
    `Expected names of steps of ${owner} without dots, which separate the parts of a path, got ${show(name)}.`,
    { details: { name } },
  )
}

/**
 * Options of steps by path, such as `scaler.withMean`, and the steps themselves by name.
 *
 * @param named - steps by name, at any depth of nesting
 */
export function deepParams(named: readonly (readonly [string, unknown])[]): Params {
  const params: Params = {}
  for (const [name, step] of named) {
    params[name] = step
    if (!isConfigurable(step)) continue
    const own = ownParams(step)
    for (const [option, value] of Object.entries(own)) params[`${name}.${option}`] = value
  }
  return params
}

/** Options of a step, with those of its own steps. */
function ownParams(step: Configurable): Params {
  const hasSteps = 'hasSteps' in step && step.hasSteps === true
  const deep = step as { getParams(options?: { readonly deep: boolean }): Params }
  return hasSteps ? deep.getParams({ deep: true }) : step.getParams()
}

/**
 * Replaces steps, or options of steps, in copies of them: the given steps stay as they are.
 *
 * @param owner - whose steps they are
 * @param named - steps by name
 * @param params - new steps by name, and options by path
 * @param own - names of other options, for error texts
 * @returns the steps with these changes, in the same order
 * @throws OneCopyError `ERR_OPTION` for a path that leads nowhere
 */
export function changeSteps(
  owner: string,
  named: readonly (readonly [string, unknown])[],
  params: Params,
  own: readonly string[],
): [string, unknown][] {
  const steps = new Map(named)
  for (const [path, value] of partsFirst(params)) {
    const [name, rest] = splitPath(path)
    const step = steps.get(name)
    if (!steps.has(name) || (rest !== undefined && !isConfigurable(step))) {
      const names = [...own, ...Object.keys(deepParams(named))]
      throw new OneCopyError(
        'ERR_OPTION',
        explainUnknown(owner, path, names, () => asPath(path, names)),
        {
          details: { name: path, names },
        },
      )
    }
    steps.set(
      name,
      rest === undefined ? value : clone(step as Configurable).setParams({ [rest]: value }),
    )
  }
  return [...steps]
}

/**
 * Options in the order in which they are set: a part before options of it, in whatever order they are given. Otherwise an option of the
 * old part would be lost.
 *
 * @param params - by path
 */
export function partsFirst(params: Params): [path: string, value: unknown][] {
  const depth = (path: string): number => path.split('.').length
  return Object.entries(params).toSorted(([a], [b]) => depth(a) - depth(b))
}

function splitPath(path: string): [name: string, rest: string | undefined] {
  const dot = path.indexOf('.')
  return dot === -1 ? [path, undefined] : [path.slice(0, dot), path.slice(dot + 1)]
}

/** What scikit-learn's `scaler__with_mean` is called here. */
export function asPath(path: string, names: readonly string[]): string | undefined {
  const plain = (text: string): string => text.replaceAll('_', '').toLowerCase()
  const wanted = path.split('__').map(plain).join('.')
  const found = names.find((name) => plain(name) === wanted)
  return found === undefined ? undefined : `onecopy calls it \`${found}\``
}
