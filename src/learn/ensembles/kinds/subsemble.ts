/** Stacks learners that are fitted on partitions of the rows. */

import type { OptionNames } from '../../../options.ts'
import { requireLearnOptions } from '../../contract/foreign-options.ts'
import type { Splitter } from '../../contract/splitter.ts'
import type { Label } from '../../inputs/labels.ts'
import { registerEstimator } from '../../registration/register-estimator.ts'
import { ClusteredSubsets, type ClusteredSubsetsOptions } from '../../splits/clustered-subsets.ts'
import { SubsetSplit } from '../../splits/subset-split.ts'
import type { SuperLearnerOptions } from '../super-learner/super-learner-options.ts'
import { SuperLearner } from '../super-learner/super-learner.ts'
import { commonNames, givenOptions } from './common-options.ts'

/** Which partitions and folds rows are split into. */
export interface SubsembleSplit extends Pick<ClusteredSubsetsOptions, 'clusters'> {
  /** Number of partitions, a whole number >= 1; default: 2. */
  readonly partitions?: number
  /** Number of folds of each partition, a whole number >= 2; default: 2. */
  readonly folds?: number
  /** Whether rows are assigned at random, by `seed`; default: false, for contiguous partitions and folds. */
  readonly shuffle?: boolean
}

/** Options of {@link Subsemble}. */
export interface SubsembleOptions extends Omit<SuperLearnerOptions, 'folds'>, SubsembleSplit {}

/**
 * A subsemble: rows are divided into partitions, and each partition into folds. Every learner is fitted on each partition by itself, and has
 * a column of out-of-fold predictions for each of them, `ridge/0` and `ridge/1`. So it is fitted on few rows, many times.
 *
 * @example
 * ```ts
 * const ensemble = new Subsemble({ partitions: 3, folds: 5 })
 *   .add([new Ridge(), new KNeighborsRegressor()])
 *   .addMeta(new LinearRegression())
 * await ensemble.fit(X, y)
 * ```
 *
 * @see Sapp, van der Laan, Canny: Subsemble (2014), doi.org/10.1080/02664763.2013.864263; ML-Ensemble's `Subsemble`
 */
export class Subsemble<L extends Label = number> extends SuperLearner<L> {
  static override readonly name: string = 'Subsemble'
  /** Number of folds of each partition. */
  declare folds: number
  partitions: number | undefined
  shuffle: boolean | undefined
  clusters: ClusteredSubsetsOptions['clusters'] | undefined

  /** @throws TypeError or OneCopyError `ERR_OPTION` for an invalid option */
  constructor(options: SubsembleOptions = {}) {
    if (new.target === Subsemble) requireLearnOptions('Subsemble', options, names, instead)
    const { partitions, folds = 2, shuffle, clusters, ...others } = options
    super(others)
    this.partitions = partitions
    this.folds = folds
    this.shuffle = shuffle
    this.clusters = clusters
  }

  /** Partitions, and folds of each of them. */
  protected override splitter(): Splitter {
    const { partitions, folds, shuffle, clusters, seed } = this
    return subsembleSplitter({ partitions, folds, shuffle, clusters, seed })
  }
}

registerEstimator(Subsemble, 'onecopy.Subsemble', import.meta.url)

/** The splitter of a subsemble: by clusters where there is something that finds them. */
export function subsembleSplitter(
  options: { readonly seed?: number | undefined } & {
    [K in keyof SubsembleSplit]?: SubsembleSplit[K] | undefined
  },
): Splitter {
  const { partitions, clusters, ...others } = givenOptions(options)
  if (clusters !== undefined) return new ClusteredSubsets({ ...others, clusters })
  return new SubsetSplit({ ...others, ...(partitions !== undefined && { partitions }) })
}

const names: OptionNames<SubsembleOptions> = {
  ...commonNames,
  partitions: true,
  folds: true,
  shuffle: true,
  clusters: true,
}

const instead = { partition_estimator: 'onecopy calls it `clusters`' }
