/** The plan of an ensemble, and its options by path. */

import { OneCopyError } from '../../../errors.ts'
import { requireKnown } from '../../../options.ts'
import { clone, isConfigurable, isEstimator, type Params } from '../../contract/estimator.ts'
import type { Splitter } from '../../contract/splitter.ts'
import {
  type AddOptions,
  type AnyLearner,
  type Learners,
  makeMembers,
  requireEstimator,
  requireOneArgument,
} from '../members/ensemble-member.ts'
import { partsFirst } from '../../pipelines/named-steps.ts'
import { requirePlan } from '../plan/check-plan.ts'
import {
  addLayer,
  addMembers,
  type EnsemblePlan,
  type LayerOptions,
  type LayerSpec,
  membersOf,
  removeMember,
  replaceMember,
} from '../plan/layer-spec.ts'
import {
  changePart,
  changePlan,
  optionPaths,
  planParams,
  splitterParams,
  unknownPath,
} from '../plan/plan-params.ts'
import { EnsembleResults } from './ensemble-results.ts'
import { requireAddOptions, requireLayerOptions, settleOptions } from './super-learner-options.ts'

/** Paths of what is no learner, and what is no name. */
const ownPaths = /^(layer-\d+|meta|folds)(\.|$)|^__proto__$/

/** An ensemble whose learners are put together by calls. */
export abstract class PlannedEnsemble extends EnsembleResults {
  /** As the option. Kinds of ensembles that split rows by options of their own have none. */
  declare folds: number | Splitter
  /** What {@link add}, {@link addLayer} and {@link addMeta} have put together; each call replaces it by another one. */
  declare plan: EnsemblePlan

  /**
   * Adds learners to the last layer, which is the first one unless {@link addLayer} was called; the ensemble keeps unfitted copies of them. The steps before learners that are added together are fitted once
   * for each fold when these learn from mapped rows, which are written once for all of them.
   *
   * @param learners - one, several, or a record that names them; without names, learners are
   *   named by their classes: `linear-regression`, then `linear-regression-2` …
   * @param options - steps before the learners, and what of them is stacked
   * @throws TypeError when something is not a learner or transformer; OneCopyError `ERR_OPTION` for a name that an option or the meta learner has
   */
  add(learners: Learners, options: AddOptions = {}): this {
    requireOneArgument(learners, options)
    requireAddOptions(this, options)
    this.#requireFreeNames(learners)
    this.#changeLayers((layers) => addMembers(layers, learners, options))
    return this
  }

  /**
   * Adds a layer of learners, which learn from the out-of-fold predictions of the layer before; calls of {@link add} that follow add to
   * it. The first call makes the first layer.
   *
   * @param learners - as for {@link add}
   * @param options - those of {@link add}; `folds` of this layer; and `propagateFeatures`: columns of what the layer learns from that the next
   *   layer, or the meta learner, gets to the left of the predictions
   * @throws TypeError when something is not a learner, transformer, splitter or list of columns
   */
  addLayer(learners: Learners, options: LayerOptions = {}): this {
    requireOneArgument(learners, options)
    requireLayerOptions(this, options)
    this.#requireFreeNames(learners)
    this.#changeLayers((layers) => addLayer(layers, learners, options))
    return this
  }

  /**
   * Sets the learner that combines the others, a classifier for labels; the ensemble keeps an unfitted copy of it. Of several, `fit`
   * keeps the one with the best score.
   *
   * @throws TypeError when something is not a learner
   */
  addMeta(learners: Learners): this {
    const isOne = isEstimator(learners) || typeof learners !== 'object'
    const metas = isOne
      ? { meta: clone(requireEstimator(learners)) }
      : Object.fromEntries(
          makeMembers(learners, {}, []).map(({ name, learner }) => [name, learner]),
        )
    this.plan = { ...this.plan, metas }
    return this
  }

  /**
   * Takes a learner out. A layer without learners is taken out, too.
   *
   * @param name - the name of the learner in `learners`
   * @throws OneCopyError `ERR_OPTION` for another name
   */
  remove(name: string): this {
    this.#changeLayers((layers) => removeMember(layers, name))
    return this
  }

  /**
   * Puts an unfitted copy of another learner in the place of one, behind the same steps.
   *
   * @param name - the name of the learner in `learners`
   * @throws OneCopyError `ERR_OPTION` for another name; TypeError for no learner
   */
  replace(name: string, learner: AnyLearner): this {
    this.#changeLayers((layers) => replaceMember(layers, name, learner))
    return this
  }

  /** Refuses names of learners that {@link getParams} needs for something else. */
  #requireFreeNames(learners: Learners): void {
    if (isEstimator(learners) || Array.isArray(learners) || learners === null) return
    const taken = ['meta', ...Object.keys(super.getParams())]
    const added = membersOf(this.plan.layers ?? []).map(({ name, learner }) => [name, learner])
    const all: Record<string, unknown> = Object.fromEntries([...added, ...Object.entries(learners)])
    const paths = optionPaths(all)
    const name =
      Object.keys(learners).find((one) => taken.includes(one) || ownPaths.test(one)) ??
      Object.keys(all).find((one) => paths.has(one))
    if (name === undefined) return
    throw new OneCopyError(
      'ERR_OPTION',
      `Expected another name for a learner than '${name}', which getParams() and setParams() of ${this.constructor.name} use for something else.`,
      { details: { name } },
    )
  }

  /**
   * The options.
   *
   * @param options - `deep: true` adds parts and their options by path, as {@link setParams} takes them
   */
  override getParams(options: { readonly deep?: boolean } = {}): Params {
    requireKnown(`${this.constructor.name}.getParams`, options, { deep: true })
    const params = super.getParams()
    return options.deep === true ? { ...params, ...this.#parts() } : params
  }

  /**
   * Sets options of the ensemble, and of its parts by path: a learner (`'ridge.alpha'`, or `ridge` to replace it), a step before it
   * (`'ridge.preprocess.standard-scaler.withMean'`, for all learners that were added together), what is stacked of it (`'ridge.proba'`), a
   * layer (`'layer-1.folds'`), a step of a `Pipeline` (`'pipeline.ridge.alpha'`), or the meta learner (`'meta.alpha'`, of several
   * `'meta.lasso.alpha'`). Changed parts are copies. Learned values stay until the next `fit`.
   *
   * @throws OneCopyError `ERR_OPTION` for a path that leads nowhere; TypeError for a value of a wrong kind. Then nothing is changed
   */
  override setParams(params: Params): this {
    const own = super.getParams()
    const changed: Params = Object.hasOwn(params, 'plan') ? { plan: params['plan'] } : {}
    for (const [path, value] of partsFirst(params)) {
      if (path === 'plan') continue
      const { plan, folds } = { ...own, ...changed } as { plan: EnsemblePlan; folds: unknown }
      const isSplitter = path.startsWith('folds.') && isConfigurable(folds)
      if (Object.hasOwn(own, path)) changed[path] = value
      else if (isSplitter)
        changed['folds'] = changePart(folds, path.slice('folds.'.length), value)!.value
      else {
        changed['plan'] = changePlan(requirePlan(plan), path, value)
        if (changed['plan'] === undefined)
          throw unknownPath(this.constructor.name, path, this.getParams({ deep: true }))
      }
    }
    settleOptions({ ...own, ...changed })
    return Object.assign(this, changed)
  }

  #changeLayers(change: (layers: readonly LayerSpec[]) => readonly LayerSpec[]): void {
    this.plan = { ...this.plan, layers: change(this.plan.layers ?? []) }
  }

  /** Options of parts by path. */
  #parts(): Params {
    return { ...('folds' in this ? splitterParams(this.folds) : {}), ...planParams(this.plan) }
  }
}
