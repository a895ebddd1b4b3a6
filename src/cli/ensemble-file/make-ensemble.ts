/** Makes ensembles of learners by name, and of a file. */

import {
  type AnyLearner,
  StandardScaler,
  SuperLearner,
  type SuperLearnerOptions,
  type Transformer,
} from '../../learn/index.ts'
import { nearNames } from '../../nearest-names.ts'
import type { Input } from '../input/input.ts'
import {
  classifiers,
  combiners,
  type Made,
  type Maker,
  regressors,
  transformers,
  wantsScaling,
} from './learner-catalog.ts'
import { learnerOf } from './learner-names.ts'
import { type EnsembleFile, type Entry, wrongEntry } from './read-ensemble-file.ts'

/** An ensemble, and where its learners stand in the file that describes it. */
export interface DescribedEnsemble {
  readonly ensemble: SuperLearner
  /** Path of each learner in the file, by its name in the ensemble. */
  readonly places: ReadonlyMap<string, string>
}

/** What an ensemble of learners by name is made of. */
export interface NamedLearners {
  readonly names: readonly string[]
  readonly input: Pick<Input, 'task' | 'target'>
  /** Makes a learner as the command does without options: with penalties of the target's scale. */
  readonly make: (name: string) => AnyLearner | undefined
}

/**
 * Adds learners by name; those that compare columns stand behind a scaler.
 *
 * @throws UsageError for a learner of another kind than the target
 */
export function addLearners(ensemble: SuperLearner, named: NamedLearners): SuperLearner {
  const found = Object.entries(makeLearners(named))
  const pick = (isScaled: boolean): AnyLearner[] =>
    found.filter(([name]) => wantsScaling(name) === isScaled).map(([, learner]) => learner)
  const [scaled, raw] = [pick(true), pick(false)]
  if (scaled.length > 0) ensemble.add(scaled, { preprocess: new StandardScaler() })
  if (raw.length > 0) ensemble.add(raw)
  return ensemble
}

/**
 * Makes learners by name.
 *
 * @throws as {@link addLearners} does
 */
export function makeLearners({
  names,
  input,
  make,
}: NamedLearners): Readonly<Record<string, AnyLearner>> {
  const where = { where: '--learners', target: input.target }
  const makers = { ...regressors, ...classifiers }
  const found = names.map((name) => learnerOf(name, input.task, where))
  return Object.fromEntries(
    found.map((name) => [name, make(name) ?? (new makers[name]!() as AnyLearner)]),
  )
}

/**
 * Makes the ensemble that a file describes.
 *
 * @param defaultMeta - combines the learners where the file names nothing that does
 * @throws UsageError that names the path in the file
 */
export function makeDescribed(
  description: EnsembleFile,
  { file, input, options, defaultMeta }: DescribedOptions,
): DescribedEnsemble {
  const ensemble = new SuperLearner({ ...options, onError: description.onError ?? 'stop' })
  const places = new Map<string, string>()
  const taken = new Set(['meta', 'ensemble'])
  for (const [l, { groups, folds, propagateFeatures }] of description.layers.entries()) {
    const path = `layers[${l}]`
    const columns = propagateFeatures?.map((one, i) =>
      columnsOf(one, l, input, (text) => wrongEntry(file, `${path}.propagateFeatures[${i}]`, text)),
    )
    const layer = {
      ...(folds !== undefined && { folds }),
      ...(columns && { propagateFeatures: columns.flat() }),
    }
    for (const [g, { preprocess = [], learners }] of groups.entries()) {
      const group = `${path}.groups[${g}]`
      const steps = preprocess.map((step) => makeEntry(step, transformers) as Transformer)
      const named: Record<string, AnyLearner> = {}
      for (const [i, entry] of learners.entries()) {
        const place = `${group}.learners[${i}]`
        const refuse = (text: string): Error => wrongEntry(file, place, text)
        const name = nameOf(entry, taken, refuse)
        places.set(name, place)
        named[name] = makeLearner(entry, input, refuse)
      }
      const added = { ...(steps.length > 0 && { preprocess: steps }) }
      if (g === 0) ensemble.addLayer(named, { ...added, ...layer })
      else ensemble.add(named, added)
    }
  }
  places.set('meta', 'meta')
  const { meta } = description
  const refuse = (text: string): Error => wrongEntry(file, 'meta', text)
  const combiner =
    meta === undefined
      ? defaultMeta
      : Object.hasOwn(combiners, typeOf(meta))
        ? (makeEntry(meta, combiners) as AnyLearner)
        : makeLearner(meta, input, refuse)
  return { ensemble: ensemble.addMeta(combiner), places }
}

/** What an ensemble of a file needs besides. */
export interface DescribedOptions {
  readonly file: string
  readonly input: Input
  readonly options: SuperLearnerOptions
  readonly defaultMeta: AnyLearner
}

function makeLearner(
  entry: Entry,
  { task, target }: Input,
  refuse: (text: string) => Error,
): AnyLearner {
  const own = task === 'regression' ? regressors : classifiers
  const type = typeOf(entry)
  if (Object.hasOwn(own, type)) return makeEntry(entry, own) as AnyLearner
  const [is, are] = task === 'regression' ? ['classes', 'numbers'] : ['numbers', 'classes']
  throw refuse(
    `Expected a learner of ${are}, because '${target}' is predicted as ${are}, got '${type}', which predicts ${is}.`,
  )
}

function makeEntry(entry: Entry, makers: Readonly<Record<string, Maker>>): Made {
  const { options } = typeof entry === 'string' ? { options: undefined } : entry
  return new makers[typeOf(entry)]!(options as never)
}

function typeOf(entry: Entry): string {
  return typeof entry === 'string' ? entry : entry.type
}

/** The name that was given, or the type, with a number when it is taken. */
function nameOf(entry: Entry, taken: Set<string>, refuse: (text: string) => Error): string {
  const given = typeof entry === 'string' ? undefined : entry.name
  if (given !== undefined && taken.has(given))
    throw refuse(`Expected a name that no other learner has, got '${given}'.`)
  const type = typeOf(entry)
  let name = given ?? type
  for (let number = 2; taken.has(name); number++) name = `${type}-${number}`
  taken.add(name)
  return name
}

/** The columns that a layer hands on by a name or number. */
function columnsOf(
  column: string | number,
  layer: number,
  { features, sources }: Input,
  refuse: (text: string) => Error,
): (string | number)[] {
  // Later layers learn from predictions, which the ensemble knows by name.
  if (layer > 0) return [column]
  if (typeof column === 'number') {
    if (column < features.length) return [column]
    throw refuse(`Expected a number from 0 to ${features.length - 1}, got ${column}.`)
  }
  const source = sources.find(({ name }) => name === column)
  const at = features.indexOf(column)
  if (source === undefined && at < 0) {
    const names = sources.map(({ name }) => name)
    const [near] = nearNames(column, names)
    throw refuse(
      `Expected the name of a column that is learned from, got '${column}'.${near === undefined ? '' : ` Did you mean '${near}'?`}`,
    )
  }
  if (source === undefined) return [at]
  const [start, stop] = source.range
  return Array.from({ length: stop - start }, (_, i) => start + i)
}
