/** Options of the parts of an ensemble by path. */

import { OneCopyError } from '../../../errors.ts'
import { nearNames } from '../../../nearest-names.ts'
import { clone, type Estimator, isConfigurable, type Params } from '../../contract/estimator.ts'
import type { Splitter } from '../../contract/splitter.ts'
import { asPath, changeSteps, deepParams, nameSteps } from '../../pipelines/named-steps.ts'
import { changeGroups, type EnsemblePlan, type LayerSpec, type LearnerGroup } from './layer-spec.ts'

/**
 * All parts of a plan and their options by path: learners (`ridge`, `ridge.alpha`), the steps before them (`ridge.preprocess`,
 * `ridge.preprocess.standard-scaler.withMean`), `ridge.proba`, layers (`layer-1.folds`, `layer-1.propagateFeatures`) and meta learners
 * (`meta.alpha`; of several `meta.lasso.alpha`).
 */
export function planParams({ layers = [], metas = {} }: EnsemblePlan): Params {
  const params: Params = {}
  for (const [l, { groups, folds, propagateFeatures = [] }] of layers.entries()) {
    Object.assign(params, deepParams([[`layer-${l + 1}.folds`, folds]]))
    params[`layer-${l + 1}.propagateFeatures`] = propagateFeatures
    for (const group of groups)
      for (const [name, learner] of Object.entries(group.learners))
        Object.assign(params, groupParams(name, group), deepParams([[name, learner]]))
  }
  const isOne = Object.keys(metas).length === 1 && Object.hasOwn(metas, 'meta')
  const named = Object.entries(metas).map(
    ([name, learner]) => [isOne ? name : `meta.${name}`, learner] as const,
  )
  return { ...params, ...deepParams(named) }
}

/** What a learner has in common with those of its group. */
function groupParams(name: string, { preprocess = [], proba }: LearnerGroup): Params {
  const steps = nameSteps(preprocess).map(
    ([step, transformer]) => [`${name}.preprocess.${step}`, transformer] as const,
  )
  return { [`${name}.preprocess`]: preprocess, [`${name}.proba`]: proba, ...deepParams(steps) }
}

/** Paths of options of learners, and of what they have in common with their group. */
export function optionPaths(learners: Readonly<Record<string, unknown>>): Set<string> {
  const paths = Object.entries(learners).flatMap(([name, learner]) => [
    `${name}.preprocess`,
    `${name}.proba`,
    ...Object.keys(deepParams([[name, learner]])).filter((path) => path !== name),
  ])
  return new Set(paths)
}

/**
 * Changes a part of a plan, or an option of a part, in a copy.
 *
 * @param path - as in {@link planParams}
 * @returns undefined when the plan has no such part
 * @throws OneCopyError `ERR_OPTION` when the part has no such option
 */
export function changePlan(
  plan: EnsemblePlan,
  path: string,
  value: unknown,
): EnsemblePlan | undefined {
  return (
    changeLayer(plan, path, value) ??
    changeMeta(plan, path, value) ??
    changeLearner(plan, path, value)
  )
}

function changeLayer(plan: EnsemblePlan, path: string, value: unknown): EnsemblePlan | undefined {
  const { layers = [] } = plan
  const [, number, name, rest] =
    /^layer-(\d+)\.(folds|propagateFeatures)(?:\.(.+))?$/.exec(path) ?? []
  const layer = layers[Number(number) - 1]
  if (layer === undefined) return undefined
  const changed = changePart(layer[name as 'folds' | 'propagateFeatures'], rest, value)
  if (changed === undefined) return undefined
  const own: LayerSpec = { ...layer, [name!]: changed.value }
  return { ...plan, layers: layers.map((one) => (one === layer ? own : one)) }
}

function changeMeta(plan: EnsemblePlan, path: string, value: unknown): EnsemblePlan | undefined {
  const { metas = {} } = plan
  if (path === 'meta') return { ...plan, metas: { meta: value as Estimator } }
  if (!path.startsWith('meta.')) return undefined
  const isOne = Object.keys(metas).length === 1 && Object.hasOwn(metas, 'meta')
  const found = findNamed(metas, isOne ? path : path.slice('meta.'.length))
  if (found === undefined) return undefined
  const changed = changePart(metas[found.name], found.rest, value)
  return changed && { ...plan, metas: { ...metas, [found.name]: changed.value as Estimator } }
}

function changeLearner(plan: EnsemblePlan, path: string, value: unknown): EnsemblePlan | undefined {
  const { layers = [] } = plan
  const groups = layers.flatMap((layer) => layer.groups)
  const found = findNamed(Object.assign({}, ...groups.map(({ learners }) => learners)), path)
  if (found === undefined) return undefined
  const { name, rest } = found
  const group = groups.find(({ learners }) => Object.hasOwn(learners, name))!
  const changed = changeInGroup(group, name, rest, value)
  return changed && { ...plan, layers: changeGroups(layers, () => changed, name) }
}

function changeInGroup(
  group: LearnerGroup,
  name: string,
  rest: string | undefined,
  value: unknown,
): LearnerGroup | undefined {
  const learner = group.learners[name]!
  const [option, ...deeper] = rest?.split('.') ?? []
  // An option of the learner itself comes first.
  const isShared = option !== undefined && !(option in learner.getParams())
  if (isShared && rest === 'proba') return { ...group, proba: value as boolean | undefined }
  if (isShared && rest === 'preprocess')
    return { ...group, preprocess: value as LearnerGroup['preprocess'] }
  if (isShared && option === 'preprocess') {
    const named = nameSteps(group.preprocess ?? [])
    const steps = changeSteps(`\`${name}.preprocess\``, named, { [deeper.join('.')]: value }, [])
    return { ...group, preprocess: steps.map(([, step]) => step) as LearnerGroup['preprocess'] }
  }
  const changed = changePart(learner, rest, value)
  return (
    changed && { ...group, learners: { ...group.learners, [name]: changed.value as Estimator } }
  )
}

/**
 * Replaces a part, or an option of it in a copy.
 *
 * @param rest - path within the part; undefined: all of it
 * @returns undefined when the part has no options
 */
export function changePart(
  part: unknown,
  rest: string | undefined,
  value: unknown,
): { readonly value: unknown } | undefined {
  if (rest === undefined) return { value }
  return isConfigurable(part) ? { value: clone(part).setParams({ [rest]: value }) } : undefined
}

/** The longest name that a path begins with: names may hold dots. */
function findNamed(
  parts: Readonly<Record<string, unknown>>,
  path: string,
): { readonly name: string; readonly rest: string | undefined } | undefined {
  const names = Object.keys(parts).toSorted((a, b) => b.length - a.length)
  const name = names.find((one) => path === one || path.startsWith(`${one}.`))
  if (name === undefined) return undefined
  return { name, rest: path === name ? undefined : path.slice(name.length + 1) }
}

/** The error for a path that leads nowhere: the nearest right one, and all parts. */
export function unknownPath(owner: string, path: string, known: Params): OneCopyError {
  const names = Object.keys(known)
  const foreign = asPath(path, names)
  const [nearest] = nearNames(path, names)
  const guess = nearest === undefined ? '' : ` Did you mean \`${nearest}\`?`
  const head = `${owner} has no option \`${path}\``
  const parts = names.filter((name) => !name.includes('.') || name.startsWith('layer-'))
  return new OneCopyError(
    'ERR_OPTION',
    `${head}${foreign === undefined ? `.${guess}` : `; ${foreign}.`} It has: ${parts.join(', ')}.`,
    { details: { name: path, names } },
  )
}

/** Options of a splitter by path. */
export function splitterParams(folds: number | Splitter): Params {
  const { folds: _, ...options } = deepParams([['folds', folds]])
  return options
}
