/** Searches among learners, steps before them and values of options. */

import { countRows, type NDArray } from '../../arrays/index.ts'
import { OneCopyError, show } from '../../errors.ts'
import { registerOwnClass } from '../../objects/internal.ts'
import { type OptionNames, requireChoice } from '../../options.ts'
import { Table } from '../../tables/index.ts'
import { requireNumber } from '../contract/base-estimator.ts'
import {
  clone,
  type Estimator,
  isEstimator,
  mapConfigurables,
  type PredictOptions,
} from '../contract/estimator.ts'
import type { Fold } from '../contract/fold-sharing.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import { untilAborted } from '../ensembles/calls/until-aborted.ts'
import type { EnsembleMember, Learners } from '../ensembles/members/ensemble-member.ts'
import { requireWatch } from '../ensembles/calls/watched-fit.ts'
import { openInputs } from '../features/open-inputs.ts'
import type { FeatureSource, TargetSource } from '../inputs/data-source.ts'
import type { FeatureInput, TargetInput } from '../inputs/feature-input.ts'
import type { Label } from '../inputs/labels.ts'
import { Pipeline } from '../pipelines/pipeline.ts'
import type { ScoreSummary } from '../selection/score-summary.ts'
import { shortened } from '../validation/learning-curve.ts'
import {
  type ScoredOptions,
  type SettledValidation,
  settleValidation,
} from '../validation/validation-options.ts'
import {
  type Candidate,
  type CandidateChoice,
  type LearnerCases,
  listCandidates,
  makeCases,
  type PreprocessingCases,
  requireCandidates,
} from './candidates.ts'
import { measureCandidates, type SearchData } from './measure-candidates.ts'
import { type ParameterSpace, requireSpace } from './parameter-space.ts'
import { compareResults, type SearchResult, SearchResults } from './search-results.ts'

/** Options of {@link Evaluator}. */
export interface EvaluatorOptions extends Pick<
  ScoredOptions,
  'folds' | 'scorer' | 'seed' | 'task' | 'parallel' | 'onError'
> {
  /**
   * `'random'` draws values of options; `'grid'` tries all combinations of lists; `'halving'` draws values, scores them on few training
   * rows, and goes on with the best ones on more. Default: `'random'`.
   */
  readonly search?: 'random' | 'grid' | 'halving'
  /** How many values are drawn for each learner in each case, a whole number >= 1; default: 10. */
  readonly draws?: number
  /** Of `'halving'`: of so many candidates one goes on, to as many times the rows; a whole number >= 2. Default: 3. */
  readonly factor?: number
}

/** Options of {@link Evaluator.add}. */
export interface EvaluatorAddOptions {
  /** Values of options to try of each of the learners: lists, or distributions such as `logUniform(0.01, 10)`. Default: none. */
  readonly params?: ParameterSpace
  /** Steps before each learner: transformers, or several cases of them by name, each of which is tried. Default: none. */
  readonly preprocess?: PreprocessingCases
}

/** Options of {@link Evaluator.fit}. */
export type EvaluatorFitOptions = Pick<
  ScoredOptions,
  'weights' | 'groups' | 'signal' | 'onProgress'
>

/**
 * Finds the best of many estimators by cross-validation: learners, steps before them, and values of their options. All candidates are
 * fitted as one layer of an ensemble, so that they share sums of products, neighbours, bins and mapped rows; `X` is never copied for a
 * fold or a candidate. Every option of every draw has a random number of its own. The best candidate is fitted on all rows.
 *
 * Predictions of all candidates are kept until they are scored: 8 bytes for each row and candidate, and class.
 *
 * @example
 * ```ts
 * const search = new Evaluator({ draws: 20, scorer: 'r2' })
 *   .add(new Ridge(), { params: { alpha: logUniform(1e-3, 1e3) }, preprocess: { raw: [], scaled: new StandardScaler() } })
 *   .add(new KNeighborsRegressor(), { params: { neighbors: integers(1, 30) } })
 * await search.fit(X, y)
 * console.log(String(search.results))
 * const predicted = await search.predict(newX)
 * ```
 *
 * @see Bergstra, Bengio: Random search for hyper-parameter optimization (2012); Jamieson, Talwalkar: Non-stochastic best arm
 *   identification and hyperparameter optimization (2016) for halving
 */
export class Evaluator {
  readonly #settled: SettledValidation
  readonly #choice: CandidateChoice
  readonly #factor: number
  #cases: readonly LearnerCases[] = []
  #names: readonly EnsembleMember[] = []
  #found: Found | undefined
  readonly #options: EvaluatorOptions
  #added: readonly Added[] = []

  static {
    registerOwnClass<Evaluator, EvaluatorState>(Evaluator, {
      name: 'onecopy.Evaluator',
      version: 1,
      module: import.meta.url,
      save: (evaluator) => {
        // What is saved runs elsewhere, on other workers.
        const { parallel: _, ...options } = evaluator.#options
        return { options, added: evaluator.#added, found: evaluator.#found ?? null }
      },
      load: ({ options, added, found }) => {
        const evaluator = new Evaluator(options)
        for (const { learners, options } of added) evaluator.add(learners, options)
        if (found !== null) evaluator.#found = requireFound(found)
        return evaluator
      },
    })
  }

  /** @throws TypeError or OneCopyError `ERR_OPTION` for an invalid option */
  constructor(options: EvaluatorOptions = {}) {
    requireLearnOptions('Evaluator', options, names, instead)
    const { search = 'random', draws = 10, factor = 3, ...others } = options
    requireChoice('`search`', search, ['random', 'grid', 'halving'])
    const checked = new Settings(draws, factor, options.seed ?? 0)
    this.#choice = {
      search,
      draws: requireNumber(checked, 'draws', { min: 1, integer: true }),
      seed: requireNumber(checked, 'seed', { min: 0, max: 2 ** 32 - 1, integer: true }),
    }
    this.#factor = requireNumber(checked, 'factor', { min: 2, integer: true })
    this.#settled = settleValidation('Evaluator', others, scored)
    this.#options = options
  }

  /**
   * Adds learners to search among; copies of them are kept.
   *
   * @param learners - one, several, or a record that names them; without names they are named by their classes
   * @param options - values of options, which each of these learners has, and cases of steps
   * @throws TypeError, OneCopyError `ERR_OPTION` when a learner has no such option
   */
  add(learners: Learners, options: EvaluatorAddOptions = {}): this {
    requireLearnOptions('Evaluator.add', options, { params: true, preprocess: true })
    const { params = {}, preprocess = [] } = options
    const space = requireSpace(params)
    const taken = [...this.#names]
    const cases = makeCases(learners, preprocess, space, taken)
    // Options that a learner doesn't have are refused here.
    listCandidates(cases, { ...this.#choice, draws: 1 })
    this.#cases = [...this.#cases, ...cases]
    this.#names = taken
    this.#added = [
      ...this.#added,
      { learners: mapConfigurables(learners, clone) as Learners, options },
    ]
    return this
  }

  /**
   * Scores all candidates and fits the best one on all rows.
   *
   * @param X - as for {@link crossValidate}
   * @param y - as for {@link crossValidate}
   * @returns the evaluator itself
   * @throws as {@link crossValidate} does; OneCopyError `ERR_ROWS` without learners, `ERR_LEARNER` when all candidates fail,
   *   `ERR_VALUE` when none has a score
   */
  async fit(X: FeatureSource, y: TargetSource, options: EvaluatorFitOptions = {}): Promise<this> {
    requireLearnOptions('Evaluator.fit', options, fitNames)
    requireWatch(options)
    const { weights, groups, signal, onProgress } = options
    const candidates = listCandidates(this.#cases, this.#choice)
    requireCandidates(candidates)
    const settled = { ...this.#settled, weights, groups, signal, onProgress }
    this.#found = await openInputs('fit', { X, y, options }, (X, y) =>
      this.#search(candidates, { X, y, settled }),
    )
    return this
  }

  /** Scores all candidates and fits the best one on all rows. */
  async #search(candidates: readonly Candidate[], data: SearchData): Promise<Found> {
    const { signal } = data.settled
    const found =
      this.#choice.search === 'halving'
        ? await this.#halve(candidates, data)
        : await measureCandidates(candidates, data)
    const results = new SearchResults(found)
    const { name, failure, summaries } = results.best
    if (failure !== undefined) throw new OneCopyError('ERR_LEARNER', failure, { details: { name } })
    requireScore(summaries[0]!)
    const winner = candidates.find(({ member }) => member.name === name)!
    const best = await untilAborted(signal, () => fitWhole(winner, data))
    signal?.throwIfAborted()
    return { results, best }
  }

  /** All candidates, the best first; prints as a table. */
  get results(): SearchResults {
    return this.#requireFound().results
  }

  /** The best candidate: its name, values of options and scores. */
  get best(): SearchResult {
    return this.results.best
  }

  /** The best candidate, fitted on all rows: a learner, or a `Pipeline` of steps and a learner. */
  get bestEstimator(): Estimator {
    return this.#requireFound().best
  }

  /**
   * Predicts by the best candidate.
   *
   * @param X - values, shape (n, d), or a table with its columns
   * @returns as the candidate's `predict`: numbers or labels
   * @throws OneCopyError `ERR_NOT_FITTED`, and what the candidate throws
   */
  predict(X: FeatureInput, options: PredictOptions = {}): Promise<NDArray | readonly Label[]> {
    return (this.bestEstimator as unknown as AnyPredictor).predict(X, options)
  }

  /**
   * Predicts the probability of each class by the best candidate.
   *
   * @throws OneCopyError `ERR_NOT_FITTED`, `ERR_OPTION` when it predicts none
   */
  async predictProba(X: FeatureInput, options: PredictOptions = {}): Promise<NDArray> {
    const best = this.bestEstimator as unknown as AnyPredictor
    if (typeof best.predictProba === 'function') return best.predictProba(X, options)
    throw new OneCopyError(
      'ERR_OPTION',
      `Expected a classifier with probabilities as the best candidate, got ${best.constructor.name}.`,
    )
  }

  /** Scores candidates on more and more rows; those that don't go on keep their last score. */
  async #halve(candidates: readonly Candidate[], data: SearchData): Promise<SearchResult[]> {
    const rounds = Math.ceil(Math.log(candidates.length) / Math.log(this.#factor) - 1e-9)
    const found = new Map<string, SearchResult>()
    let left = candidates
    for (let round = 0; round <= rounds; round++) {
      let size = 0
      const share = this.#factor ** (round - rounds)
      const shorten = (splits: readonly Fold[]): readonly Fold[] => {
        const most = Math.min(...splits.map(({ train }) => countRows(train)))
        size = Math.max(2, Math.floor(share * most))
        return splits.map((fold) => shortened(fold, size))
      }
      const isLast = round === rounds
      const measured = isLast
        ? await measureCandidates(left, data)
        : await measureCandidates(left, data, shorten, () => size)
      for (const one of measured) found.set(one.name, one)
      const kept = measured
        .toSorted(compareResults)
        .slice(0, Math.ceil(left.length / this.#factor))
        .filter(({ failure }) => failure === undefined)
        .map(({ name }) => name)
      if (!isLast) left = left.filter(({ member }) => kept.includes(member.name))
      if (left.length === 0) break
    }
    return candidates.map(({ member }) => found.get(member.name)!)
  }

  #requireFound(): Found {
    if (this.#found !== undefined) return this.#found
    throw new OneCopyError(
      'ERR_NOT_FITTED',
      'This Evaluator has not compared anything yet. Call fit() first and await it.',
    )
  }
}

/** Arguments of a call of `add`. */
interface Added {
  readonly learners: Learners
  readonly options: EvaluatorAddOptions
}

/** What an evaluator is made of. */
interface EvaluatorState {
  readonly options: EvaluatorOptions
  readonly added: readonly Added[]
  readonly found: Found | null
}

/** Refuses to call a candidate the best one of none that has a score. */
function requireScore({ scorer, mean }: ScoreSummary): void {
  if (!Number.isNaN(mean)) return
  throw new OneCopyError(
    'ERR_VALUE',
    `Expected a score of some candidate by ${scorer}, got NaN for all of them. These learners don't predict what it scores, such as probabilities: choose another \`scorer\` or other learners.`,
    { details: { scorer } },
  )
}

function requireFound({ results, best }: Found): Found {
  if (results instanceof SearchResults && isEstimator(best)) return { results, best }
  throw new OneCopyError(
    'ERR_FORMAT',
    `Expected results and the best estimator of Evaluator, got ${show(results)} and ${show(best)}.`,
  )
}

/** What a search found. */
interface Found {
  readonly results: SearchResults
  readonly best: Estimator
}

/** Any fitted estimator, called without looking at types. */
interface AnyPredictor {
  fit(X: FeatureInput, y: TargetInput, options: object): Promise<unknown>
  predict(X: FeatureInput, options: PredictOptions): Promise<NDArray | readonly Label[]>
  predictProba?(X: FeatureInput, options: PredictOptions): Promise<NDArray>
}

/** Fits a candidate on all rows, with labels as they are. */
async function fitWhole({ member }: Candidate, { X, y, settled }: SearchData): Promise<Estimator> {
  const { weights, groups } = settled
  const steps = [...member.preprocess.map(clone), clone(member.learner)]
  const isAlone = steps.length === 1 && !(X instanceof Table)
  const estimator = isAlone ? clone(member.learner) : new Pipeline({ steps })
  const features = X instanceof Table ? withoutGroups(X, groups) : X
  const options = weights === undefined ? {} : { weights }
  await (estimator as unknown as AnyPredictor).fit(features, y, options)
  return estimator
}

/** Groups of rows are no feature. */
function withoutGroups(table: Table, groups: SettledValidation['groups']): Table {
  if (groups === undefined) return table
  const names = table.names.filter((name) => name === groups || table.column(name) === groups)
  return names.length === 0 ? table : table.without(names)
}

/** Numbers that are checked like those of estimators, so that errors read alike. */
class Settings {
  static readonly name = 'Evaluator'
  readonly draws: number
  readonly factor: number
  readonly seed: number

  constructor(draws: number, factor: number, seed: number) {
    this.draws = draws
    this.factor = factor
    this.seed = seed
  }
}

type ScoredChoice = Omit<EvaluatorOptions, 'search' | 'draws' | 'factor'>

const scored: OptionNames<ScoredChoice> = {
  folds: true,
  scorer: true,
  seed: true,
  task: true,
  parallel: true,
  onError: true,
}

const names: OptionNames<EvaluatorOptions> = { ...scored, search: true, draws: true, factor: true }

/** What to do in place of options of scikit-learn's searches. */
const instead = {
  n_jobs: 'pass `parallel: new Parallel({ workers: 4 })` to run on workers',
  estimator: 'pass the learners to `add()`',
  param_grid: 'pass the values as `params` to `add()`',
  param_distributions: 'pass the values as `params` to `add()`',
  params: 'pass it to `add()`',
  preprocess: 'pass it to `add()`',
  refit: 'the best candidate is always fitted on all rows',
  verbose: 'pass `onProgress` to `fit()`',
}

const fitNames: OptionNames<EvaluatorFitOptions> = {
  weights: true,
  groups: true,
  signal: true,
  onProgress: true,
}
