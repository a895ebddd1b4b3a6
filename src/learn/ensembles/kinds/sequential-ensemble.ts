/** Stacks layers of different kinds. */

import { requireChoice } from '../../../options.ts'
import type { OptionNames } from '../../../options.ts'
import { requireLearnOptions } from '../../contract/foreign-options.ts'
import type { Splitter } from '../../contract/splitter.ts'
import type { Label } from '../../inputs/labels.ts'
import { registerEstimator } from '../../registration/register-estimator.ts'
import { BlendSplit, type BlendSplitOptions } from '../../splits/blend-split.ts'
import { TemporalSplit, type TemporalSplitOptions } from '../../splits/temporal-split.ts'
import { type Learners, requireOneArgument } from '../members/ensemble-member.ts'
import type { LayerOptions } from '../plan/layer-spec.ts'
import type { SuperLearnerOptions } from '../super-learner/super-learner-options.ts'
import { SuperLearner } from '../super-learner/super-learner.ts'
import { commonNames, givenOptions } from './common-options.ts'
import { type SubsembleSplit, subsembleSplitter } from './subsemble.ts'

/** Options of {@link SequentialEnsemble}. */
export type SequentialEnsembleOptions = Omit<SuperLearnerOptions, 'folds'>

/** Options of a layer of a {@link SequentialEnsemble}: its kind, and how that kind splits rows. */
export interface SequentialLayerOptions
  extends
    Omit<LayerOptions, 'folds'>,
    Omit<SubsembleSplit, 'folds'>,
    BlendSplitOptions,
    TemporalSplitOptions {
  /**
   * How rows are split: as in a `SuperLearner`, `'stack'`, in a `BlendEnsemble`, a `Subsemble` or a `TemporalEnsemble`. Default:
   * `'stack'`.
   */
  readonly kind?: 'stack' | 'blend' | 'subsemble' | 'temporal'
  /** Of a stack: a number of folds or a splitter, default: 5. Of a subsemble: a number of folds, default: 2. */
  readonly folds?: number | Splitter
}

/**
 * An ensemble of layers of different kinds. Each `add` makes a layer, which learns from the predictions of the layer before.
 *
 * @example
 * ```ts
 * const ensemble = new SequentialEnsemble()
 *   .add([new Ridge(), new KNeighborsRegressor()], { kind: 'stack', folds: 5 })
 *   .add([new Ridge(), new Lasso()], { kind: 'blend', testSize: 0.4 })
 *   .addMeta(new LinearRegression())
 * await ensemble.fit(X, y)
 * ```
 *
 * @see ML-Ensemble's `SequentialEnsemble`
 */
export class SequentialEnsemble<L extends Label = number> extends SuperLearner<L> {
  static override readonly name: string = 'SequentialEnsemble'

  /** @throws TypeError or OneCopyError `ERR_OPTION` for an invalid option */
  constructor(options: SequentialEnsembleOptions = {}) {
    if (new.target === SequentialEnsemble)
      requireLearnOptions('SequentialEnsemble', options, commonNames, instead)
    super(options)
  }

  /** Layers of stacks without folds of their own have five. */
  protected override splitter(): number {
    return 5
  }

  /**
   * Adds a layer.
   *
   * @param learners - as for `add` of `SuperLearner`
   * @param options - the kind of the layer and its options, and those of `addLayer` of `SuperLearner`
   * @throws TypeError when something is not a learner or transformer, or an option is one of another kind; OneCopyError `ERR_OPTION`
   */
  override add(learners: Learners, options: SequentialLayerOptions = {}): this {
    return this.addLayer(learners, options)
  }

  /** Adds a layer, as `add` does. */
  override addLayer(learners: Learners, options: SequentialLayerOptions = {}): this {
    requireOneArgument(learners, options)
    const { kind = 'stack', preprocess, proba, propagateFeatures, ...split } = options
    requireChoice('`kind`', kind, ['stack', 'blend', 'subsemble', 'temporal'])
    requireLearnOptions<object>(`A layer of kind '${kind}'`, split, splitNames[kind], {})
    const folds = splitterOf(kind, { ...split, seed: this.seed })
    return super.addLayer(
      learners,
      givenOptions({ preprocess, proba, propagateFeatures, folds }) as LayerOptions,
    )
  }
}

registerEstimator(SequentialEnsemble, 'onecopy.SequentialEnsemble', import.meta.url)

type LayerSplit = { readonly seed: number | undefined } & Omit<
  SequentialLayerOptions,
  'kind' | 'preprocess' | 'proba' | 'propagateFeatures'
>

function splitterOf(
  kind: NonNullable<SequentialLayerOptions['kind']>,
  { seed, folds, partitions, shuffle, clusters, testSize, trainSize, ...time }: LayerSplit,
): number | Splitter | undefined {
  if (kind === 'blend') return new BlendSplit(givenOptions({ testSize, trainSize }))
  if (kind === 'temporal') return new TemporalSplit(givenOptions(time))
  if (kind === 'stack') return folds
  return subsembleSplitter({
    seed,
    folds: folds as number | undefined,
    partitions,
    shuffle,
    clusters,
  })
}

const splitNames: Readonly<
  Record<NonNullable<SequentialLayerOptions['kind']>, OptionNames<object>>
> = {
  stack: { folds: true },
  blend: { testSize: true, trainSize: true },
  subsemble: { folds: true, partitions: true, shuffle: true, clusters: true },
  temporal: { stepSize: true, burnIn: true, window: true, lag: true },
}

const instead = {
  folds: "pass it to `add()`, as in { kind: 'stack', folds: 5 }",
  partitions: "pass it to `add()`, as in { kind: 'subsemble', partitions: 2 }",
  testSize: "pass it to `add()`, as in { kind: 'blend', testSize: 0.5 }",
  stepSize: "pass it to `add()`, as in { kind: 'temporal', stepSize: 1 }",
}
