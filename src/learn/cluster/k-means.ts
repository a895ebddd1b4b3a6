/** k-means clustering. */

import {
  array,
  countRows,
  NDArray,
  type Rows,
  splitRows,
  toRowNumbers,
} from '../../arrays/index.ts'
import { requireAttached, requireMatrix, requireRows } from '../../arrays/internal.ts'
import { OneCopyError, show } from '../../errors.ts'
import type { OptionNames } from '../../options.ts'
import {
  requireColumns,
  requireFitOptions,
  requireFitted,
  requireNumber,
  requirePredictOptions,
} from '../contract/base-estimator.ts'
import type {
  FloatArray,
  FitOptions,
  TableFitOptions,
  PredictOptions,
} from '../contract/estimator.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import { keepInputs } from '../contract/keep-inputs.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import type { RowMap } from '../contract/row-map.ts'
import { fillRows } from '../contract/write-output.ts'
import { type ArrayInput, asArray } from '../inputs/as-array.ts'
import { BlockTransformer } from '../preprocessing/block-transformer.ts'
import { readColumnBlocks } from '../preprocessing/column-blocks.ts'
import { startFit } from '../preprocessing/fit-rows.ts'
import { RandomKey } from '../statistics/counter-random.ts'
import { checkInputs } from '../statistics/read-moments.ts'
import { assignRows, type Centers, type WeighedRows } from './assign-rows.ts'
import { type Clustering, lloyd } from './lloyd.ts'
import { seedCenters } from './seed-centers.ts'
import { withArrayWeights } from '../features/column-inputs.ts'
import { fitInputs } from '../features/fit-inputs.ts'
import { predictFeatures, withMatrix } from '../features/predict-features.ts'
import type { FeatureInput, TargetInput } from '../inputs/feature-input.ts'
import { registerEstimator } from '../registration/register-estimator.ts'

/** Options of {@link KMeans}. */
export interface KMeansOptions {
  /** Number of clusters; default: 8. */
  readonly clusters?: number
  /** How the search starts: `'k-means++'` (default), or from given centres, shape (clusters, d). */
  readonly init?: 'k-means++' | ArrayInput
  /** How many times it starts from other rows; the best result is kept. Default: 1. Given centres are used once. */
  readonly inits?: number
  /** Most iterations of each search; default: 300. */
  readonly maxIter?: number
  /** A search ends when the squares of the moves of all centres sum to this part of the mean variance of a column; default: 1e-4. */
  readonly tol?: number
  /** Seed of the random choice of rows, a whole number >= 0; default: 0. */
  readonly seed?: number
}

/**
 * k-means: finds centres for which the sum of squared distances of rows to their nearest centre is small.
 *
 * Rows are read in place, a few passes at a time, by Lloyd's algorithm. Labels and centres have the same bytes for any number of threads
 * and every instruction set. A fit takes 12 bytes for each row beside the data. A cluster that loses all of its rows gets the row that is
 * farthest from its centre. As a step of a `Pipeline`, it maps rows to their distances to the centres.
 *
 * @example
 * ```ts
 * const model = await new KMeans({ clusters: 3 }).fit(X)
 * const labels = await model.predict(newX) // numbers of clusters, shape (n)
 * ```
 *
 * @see scikit-learn's `sklearn.cluster.KMeans`
 */
export class KMeans extends BlockTransformer {
  static override readonly name: string = 'KMeans'
  clusters: number
  init: 'k-means++' | ArrayInput
  inits: number
  maxIter: number
  tol: number
  seed: number
  /** Shape (clusters, d). */
  declare clusterCenters_: NDArray<'float64'>
  /** Number of the cluster of each row that was learned from, without those of weight 0, in their order. */
  declare labels_: Int32Array
  /** Sum of weights times squared distances of these rows to their centres. */
  declare inertia_: number
  /** Iterations of the search that was best. */
  declare iterations_: number

  constructor(options: KMeansOptions = {}) {
    super()
    if (new.target === KMeans) requireLearnOptions('KMeans', options, names, instead)
    const { clusters = 8, init = 'k-means++', inits = 1, maxIter = 300 } = options
    this.clusters = clusters
    this.init = init
    this.inits = inits
    this.maxIter = maxIter
    this.tol = options.tol ?? 1e-4
    this.seed = options.seed ?? 0
  }

  /**
   * Finds centres.
   *
   * @param X - values, shape (n, d), n < 2^31, any real dtype and strides; read in place, lists are copied once
   * @param _y - ignored
   * @returns the model itself
   * @throws OneCopyError `ERR_VALUE` for NaN and infinity, `ERR_SHAPE`, `ERR_OPTION`, `ERR_ROWS` for fewer rows than clusters
   */
  override async fit(
    X: FeatureInput,
    _y?: TargetInput,
    options: TableFitOptions = {},
  ): Promise<this> {
    return fitInputs(this, { X, but: _y, options }, async (X, _, options) => {
      const { X: matrix, columns, rows, weights } = startFit(this, X, options)
      const given = { X: matrix, rows, weights }
      const clusters = requireNumber(this, 'clusters', { min: 1, integer: true })
      const inits = requireNumber(this, 'inits', { min: 1, integer: true })
      const maxIter = requireNumber(this, 'maxIter', { min: 1, integer: true })
      const tol = requireNumber(this, 'tol', { min: 0 })
      const seed = requireNumber(this, 'seed', { min: 0, max: 2 ** 32 - 1, integer: true })
      const init = this.#requireInit(columns)
      const found = countRows(rows)
      if (found < clusters)
        throw new OneCopyError(
          'ERR_ROWS',
          `Expected at least ${clusters} rows with a weight above 0, one for each cluster, got ${found}. Use fewer clusters.`,
          { details: { clusters, rows: found } },
        )
      const stopping = { maxIter, tol: tol * (await meanVariance(given)) }
      const key = new RandomKey(seed)
      let best: Clustering | undefined
      for (let run = 0; run < (init === undefined ? inits : 1); run++) {
        const start = init ?? (await seedCenters(given, clusters, key.part(run)))
        const clustering = await lloyd(given, start, stopping)
        if (best === undefined || clustering.inertia < best.inertia) best = clustering
      }
      requireAttached(matrix)
      this.clusterCenters_ = array(best!.centers, { shape: [clusters, columns] })
      this.labels_ = best!.labels
      this.inertia_ = best!.inertia
      this.iterations_ = best!.iterations
      return this
    })
  }

  /**
   * Predicts the number of the nearest centre of each row; of several the first.
   *
   * @param X - values, shape (n, d); read in place
   * @returns shape (n), float64, or `options.out` itself
   * @throws OneCopyError `ERR_NOT_FITTED`, `ERR_SHAPE`, `ERR_VALUE`
   */
  async predict(X: FeatureInput, options: PredictOptions = {}): Promise<FloatArray> {
    requirePredictOptions(this, 'predict', options)
    requireFitted(this, 'clusterCenters_')
    return predictFeatures(this, X, options, (X, options) => {
      const matrix = this.#requireColumns(X)
      return keepInputs({ X: matrix, options }, () => this.#predict(matrix, options), 'predict')
    })
  }

  #predict(matrix: NDArray, options: PredictOptions): Promise<FloatArray> {
    return fillRows(matrix, [], options, async (queries, rows, out) => {
      for (const part of partsOf(rows)) {
        const numbers = toRowNumbers(part)
        const labels = new Int32Array(numbers.length)
        await assignRows({ X: queries, rows: part, weights: null }, this.#centers(), { labels })
        requireAttached(out)
        for (const [i, row] of numbers.entries()) out.set(labels[i]!, row)
      }
    })
  }

  /**
   * Scores rows: minus the sum of their squared distances to the nearest centres.
   *
   * @param X - values, shape (n, d); read in place
   * @param _y - ignored
   * @param options - rows, and weights that squared distances are multiplied by
   * @throws OneCopyError `ERR_NOT_FITTED`, `ERR_SHAPE`, `ERR_VALUE`
   */
  async score(X: FeatureInput, _y?: ArrayInput, options: TableFitOptions = {}): Promise<number> {
    requireFitOptions(this, options)
    requireFitted(this, 'clusterCenters_')
    const own = withArrayWeights(X, options)
    return withMatrix(this, X, (matrix) => this.#score(this.#requireColumns(matrix), own))
  }

  async #score(matrix: NDArray, { rows, weights }: FitOptions): Promise<number> {
    const checked = checkInputs(matrix, null, {
      weights,
      groups: [requireRows(rows, matrix.shape[0]!)],
    })
    let sum = 0
    for (const part of partsOf(checked.weighedGroups[0]!)) {
      const given = { X: matrix, rows: part, weights: checked.weights }
      const labels = new Int32Array(countRows(part))
      sum += (await assignRows(given, this.#centers(), { labels })).inertia
    }
    return -sum
  }

  /** The map of rows to their distances to the centres. */
  override rowMap(): RowMap {
    requireFitted(this, 'clusterCenters_')
    const [clusters, columns] = this.clusterCenters_.shape as [number, number]
    const centers = this.clusterCenters_.toTypedArray()
    return {
      columns,
      width: clusters,
      apply(from, to, count) {
        for (let i = 0, at = 0; i < count; i++) {
          for (let c = 0; c < clusters; c++, at++) {
            let square = 0
            for (let j = 0; j < columns; j++) {
              const difference = from[i * columns + j]! - centers[c * columns + j]!
              square += difference * difference
            }
            to[at] = Math.sqrt(square)
          }
        }
      },
    }
  }

  /** Refuses learned values that no fit can have given. */
  checkLearned(values: LearnedValues): void {
    const centers = values.array('clusterCenters_', {
      dtype: 'float64',
      shape: [undefined, undefined],
    })
    const [clusters, columns] = centers.shape as [number, number]
    if (clusters === 0 || columns === 0)
      throw values.refuse(
        'clusterCenters_',
        'at least one centre',
        `shape (${clusters}, ${columns})`,
      )
    values.finiteArray('clusterCenters_', { shape: [clusters, columns] })
    values.integers('labels_', clusters)
    values.number('inertia_', 0, Infinity, false)
    values.number('iterations_', 1)
  }

  #centers(): Centers {
    return { count: this.clusterCenters_.shape[0]!, values: this.clusterCenters_.toTypedArray() }
  }

  #requireColumns(matrix: NDArray): NDArray {
    const [, columns] = requireMatrix(matrix, '`X`')
    requireColumns(this, columns, this.clusterCenters_.shape[1]!)
    return matrix
  }

  /** Copies given centres; undefined for k-means++. */
  #requireInit(columns: number): Float64Array | undefined {
    const { init, clusters } = this
    if (init === 'k-means++') return undefined
    if (typeof init === 'string') throw refuseInit(this, "'k-means++' or centres", `${show(init)}.`)
    const given = asArray(init, '`init`')
    const [k, d] = requireMatrix(given, '`init`')
    if (k !== clusters || d !== columns)
      throw refuseInit(
        this,
        `centres of shape (${clusters}, ${columns})`,
        `shape (${k}, ${d}). Give a row for each cluster.`,
      )
    const values = Float64Array.from(given.copy().toTypedArray(), Number)
    const wrong = values.findIndex((value) => !Number.isFinite(value))
    if (wrong === -1) return values
    const place = `row ${Math.floor(wrong / d)}, column ${wrong % d}`
    throw refuseInit(this, 'finite centres', `${values[wrong]} in ${place}.`)
  }
}

registerEstimator(KMeans, 'onecopy.KMeans', import.meta.url)

function refuseInit(model: KMeans, expected: string, found: string): OneCopyError {
  return new OneCopyError(
    'ERR_OPTION',
    `Expected \`init\` of ${model.constructor.name} to be ${expected}, got ${found}`,
    { details: { name: 'init' } },
  )
}

const names: OptionNames<KMeansOptions> = {
  clusters: true,
  init: true,
  inits: true,
  maxIter: true,
  tol: true,
  seed: true,
}

const instead = {
  n_clusters: 'onecopy calls it `clusters`',
  k: 'onecopy calls it `clusters`',
  n_init: 'onecopy calls it `inits`',
  algorithm: "Lloyd's algorithm is always used",
  copy_x: 'no fit copies or changes `X`',
}

/** Rows that one pass labels at a time. */
const rowsPerPass = 1 << 18

function partsOf(rows: Rows): Rows[] {
  return splitRows(rows, Math.max(1, Math.ceil(countRows(rows) / rowsPerPass)))
}

/** Mean of the weighted variances of the columns. */
async function meanVariance({ X, rows, weights }: WeighedRows): Promise<number> {
  let sum = 0
  const read = { groups: [rows], ...(weights === null ? {} : { weights }) }
  for await (const { columns, cross, mean, weight } of readColumnBlocks(X, read))
    for (let j = 0; j < columns; j++) sum += cross[j * mean.length + j]! / weight
  return sum / X.shape[1]!
}
