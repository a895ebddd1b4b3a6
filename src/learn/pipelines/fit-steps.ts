/** Fits the steps of a pipeline, without copies where it can. */

import { array, countRows, NDArray, shared } from '../../arrays/index.ts'
import { allRows } from '../../arrays/internal.ts'
import { OneCopyError } from '../../errors.ts'
import type { Estimator, FitOptions, Transformer } from '../contract/estimator.ts'
import { keepsMemory } from '../features/keeps-memory.ts'
import type { Features } from '../inputs/feature-input.ts'
import { makeTableMatrix } from '../inputs/table-matrix.ts'
import { type Target, targetOfTransformer } from '../inputs/targets.ts'
import { isSharingEstimator } from '../contract/fold-sharing.ts'
import { isOverridden } from '../contract/overridden-methods.ts'
import { isScaledEstimator } from '../contract/scaled-estimator.ts'
import {
  fitStatistics,
  isMomentsEstimator,
  type MomentsEstimator,
} from '../contract/moments-estimator.ts'
import {
  composeRowMaps,
  isRowMapper,
  type RowMap,
  trainingMapOf,
  writeMapped,
} from '../contract/row-map.ts'
import { type AffineMap, composeMaps } from '../statistics/column-maps.ts'
import { Moments } from '../statistics/moments.ts'
import { QrFactor } from '../statistics/qr-factor.ts'
import { blockwiseMoments, type MappedRows } from './blockwise-moments.ts'

/** More columns than this have too many products for a step that needs only their squares. */
const mostColumns = 1024

/**
 * Fits steps one after the other. It holds the rows as far as they had to be written out, the maps of the steps since
 * then, and moments as long as every step since they were read was affine:
 *
 * - steps and learners that learn from moments get them from blocks of mapped rows; affine steps map the moments;
 * - the first step learns from `X` itself;
 * - any other step or learner gets the rows mapped so far, written once to scratch memory.
 */
export class StepFitter {
  readonly #input: MappedRows
  readonly #options: FitOptions
  readonly #owner: string
  /** What the maps start from: `X`, or rows in scratch memory. */
  #base: Features
  /** The columns of a table as one matrix, when something needs that. */
  #matrix: NDArray | undefined
  #maps: RowMap[] = []
  /** Maps since the base when all of them are affine. */
  #affine: AffineMap[] | undefined = []
  #moments: { readonly value: Moments; readonly hasTarget: boolean } | undefined
  #last = '`X`'
  #copiedBytes = 0
  /** Whether something that may keep its rows unseen was fitted on the scratch memory: then it is left to the collector. */
  #mayBeKept = false

  /**
   * @param owner - whose steps they are, for error texts
   * @param input - checked rows
   * @param options - the same rows and weights, as `fit` takes them
   */
  constructor(owner: string, input: MappedRows, options: FitOptions) {
    this.#owner = owner
    this.#input = input
    this.#options = options
    this.#base = input.X
  }

  /** Number of columns that the next step gets. */
  get columns(): number {
    return this.#maps.at(-1)?.width ?? this.#base.shape[1]
  }

  /** All maps as one scaling of the columns, when every step scales each column by itself; undefined without steps. */
  get scaling(): AffineMap | undefined {
    const affine = this.#affine
    return affine === undefined || affine.length === 0 ? undefined : affine.reduce(composeMaps)
  }

  /** Bytes of the largest copy of mapped rows that was written so far. */
  get copiedBytes(): number {
    return this.#copiedBytes
  }

  /**
   * Fits a transformer on the rows mapped so far, and maps the rows by it from here on.
   *
   * @param y - target, numbers or labels; texts reach `fit` as a list, true and false as 1 and 0
   * @param learner - the learner at the end, which may learn from the same moments
   * @returns the map of the step for these rows
   */
  async add(
    name: string,
    step: Transformer,
    y: Target | undefined,
    learner?: Estimator,
  ): Promise<RowMap> {
    const needsMoments = learner !== undefined && isMomentsEstimator(learner)
    const onRows = this.#maps.length === 0 && this.#moments === undefined && !needsMoments
    if (fitsMoments(step) && !onRows && this.columns <= mostColumns)
      step.fitMoments(await this.#momentsOf(needsMoments))
    else {
      const target = y && targetOfTransformer(y)
      const rows = readsColumns(step) ? await this.#features() : await this.#rows()
      await step.fit(rows as NDArray, target as NDArray | undefined, this.#options)
      if (!isRowMapper(step)) this.#mayBeKept = true
    }
    const map = isRowMapper(step) ? trainingMapOf(step) : await this.#wrap(name, step)
    const { affine } = map
    this.#maps.push(map)
    this.#affine = affine && this.#affine && [...this.#affine, affine]
    this.#moments = affine &&
      this.#moments && { ...this.#moments, value: this.#moments.value.affine(affine) }
    this.#last = `step \`${name}\` of ${this.#owner}`
    return map
  }

  /** Applies a map that nothing has to be learned for. */
  skip(map: RowMap): void {
    this.#maps.push(map)
    this.#affine = undefined
    this.#moments = undefined
  }

  /**
   * Fits the learner at the end.
   *
   * @param target - numbers, or labels, which the learner gets as a list
   */
  async learn(learner: Estimator, target: Target): Promise<void> {
    const y = target as NDArray
    const isPlain = this.#maps.length === 0
    const scaled = this.scaling
    if (scaled !== undefined && isScaledEstimator(learner)) {
      await learner.fitScaled(await this.#baseMatrix(), y, { ...this.#options, map: scaled })
      return
    }
    if (isPlain || !isMomentsEstimator(learner)) {
      const rows = readsColumns(learner) ? await this.#features() : await this.#rows()
      await learner.fit(rows as NDArray, y, this.#options)
      this.#release(learner)
      return
    }
    const moments = await this.#momentsOf(true)
    if (this.#affine !== undefined && this.#base === this.#input.X) {
      await this.#solve(learner, moments, this.#affine, y)
    } else if (learner.needsFactor?.(moments) === true) {
      await learner.fit(await this.#rows(), y, this.#options)
      this.#release(learner)
    } else learner.fitMoments(moments)
  }

  /**
   * Writes the rows mapped so far for learners that are fitted elsewhere.
   *
   * @returns scratch memory in which only the chosen rows are written; the caller frees it
   */
  async takeRows(): Promise<NDArray> {
    const rows = await this.#rows()
    this.#base = this.#input.X
    return rows
  }

  /** Frees the scratch memory that no longer is of use. */
  close(): void {
    if (!this.#mayBeKept) {
      if (this.#base instanceof NDArray && this.#base !== this.#input.X)
        this.#base[Symbol.dispose]()
      this.#matrix?.[Symbol.dispose]()
    }
    this.#mayBeKept = false
    this.#matrix = undefined
    this.#base = this.#input.X
  }

  /** Solves a linear model before which all steps are affine, without reading mapped rows. */
  async #solve(
    learner: MomentsEstimator,
    moments: Moments,
    maps: readonly AffineMap[],
    y: NDArray,
  ): Promise<void> {
    const { rows, weights } = this.#input
    const X = await this.#baseMatrix()
    const read = { groups: [rows], ...(weights === null ? {} : { weights }) }
    await fitStatistics(
      learner,
      moments,
      async () => {
        const [factor] = await QrFactor.compute(X, y, read)
        return maps.reduce((mapped, map) => mapped.affine(map), factor!)
      },
      () => ({ X, y, read, map: maps.reduce(composeMaps) }),
    )
  }

  async #momentsOf(withTarget: boolean): Promise<Moments> {
    const known = this.#moments
    if (known !== undefined && (known.hasTarget || !withTarget)) return known.value
    const { y, rows, weights } = this.#input
    const X = this.#base
    const target = withTarget ? y : null
    let value: Moments
    if (this.#maps.length > 0) {
      const map = composeRowMaps(this.#maps)
      value = await blockwiseMoments({ X, y: target, rows, weights }, map, this.#last)
    } else {
      const read = { groups: [rows], ...(weights === null ? {} : { weights }) }
      value = (await Moments.compute(await this.#baseMatrix(), target, read))[0]!
    }
    this.#moments = { value, hasTarget: withTarget }
    return value
  }

  /** The rows mapped so far: `X` itself, or scratch memory in which only the chosen rows are written. */
  async #rows(): Promise<NDArray> {
    if (this.#maps.length === 0) return this.#baseMatrix()
    const { rows } = this.#input
    const target = shared([this.#base.shape[0], this.columns], 'float64')
    try {
      await writeMapped(this.#base, rows, composeRowMaps(this.#maps), target)
    } catch (error) {
      target[Symbol.dispose]()
      throw error
    }
    this.close()
    this.#copiedBytes = Math.max(this.#copiedBytes, countRows(rows) * this.columns * 8)
    this.#base = target
    this.#maps = []
    this.#affine = undefined
    return target
  }

  /** The rows mapped so far, or the columns of a table where they lie. */
  async #features(): Promise<Features> {
    return this.#maps.length === 0 ? this.#base : this.#rows()
  }

  /** What the maps start from, as one matrix. */
  async #baseMatrix(): Promise<NDArray> {
    if (this.#base instanceof NDArray) return this.#base
    if (this.#matrix !== undefined) return this.#matrix
    const { matrix, copiedBytes } = await makeTableMatrix(this.#base)
    this.#matrix = matrix
    this.#copiedBytes = Math.max(this.#copiedBytes, copiedBytes)
    return matrix
  }

  /** Leaves the scratch memory to a learner that keeps it, such as nearest neighbours, or that may do so. */
  #release(learner: Estimator): void {
    const memory = this.#matrix ?? this.#base
    const keeps = memory instanceof NDArray && keepsMemory(learner, memory)
    if (!isSharingEstimator(learner) || keeps) this.#mayBeKept = true
  }

  /** The map of a transformer that can't say how it maps blocks. */
  async #wrap(name: string, step: Transformer): Promise<RowMap> {
    const { rows } = this.#input
    const columns = this.columns
    const first = 'numbers' in rows ? rows.numbers[0]! : rows.ranges[0]![0]
    const row = array(new Float64Array(columns), { shape: [1, columns] })
    const one = this.#base.rows(first, first + 1)
    const map = this.#maps.length === 0 ? sameRows(columns) : composeRowMaps(this.#maps)
    const probe = await step.transform(await writeMapped(one, allRows(1), map, row))
    return wrapTransformer(name, step, columns, probe.shape[1] ?? 0)
  }
}

/** The map that keeps rows as they are. */
export function sameRows(columns: number): RowMap {
  return { columns, width: columns, apply: (from, to) => to.set(from) }
}

/** A map of blocks by `transform`. */
export function wrapTransformer(
  name: string,
  step: Transformer,
  columns: number,
  width: number,
): RowMap {
  return {
    columns,
    width,
    async apply(from, to, count) {
      const block = array(from.subarray(0, count * columns), { shape: [count, columns] })
      const mapped = await step.transform(block)
      if (mapped.ndim !== 2 || mapped.shape[0] !== count || mapped.shape[1] !== width) {
        throw new OneCopyError(
          'ERR_SHAPE',
          `Expected transform() of step \`${name}\` to return shape (${count}, ${width}), got (${mapped.shape.join(', ')}).`,
          { details: { step: name, expected: [count, width], shape: [...mapped.shape] } },
        )
      }
      const values = mapped.copy().toTypedArray()
      for (let i = 0; i < values.length; i++) to[i] = Number(values[i])
    },
  }
}

/** Whether a step of onecopy reads the columns of a table; one with a `fit` of its own gets a matrix. */
function readsColumns(step: Transformer | Estimator): boolean {
  return step.readsColumns === true && !isOverridden(step, 'fit', 'readsColumns')
}

function fitsMoments(
  step: Transformer,
): step is Transformer & { fitMoments(moments: Moments): void } {
  return (
    'fitMoments' in step &&
    typeof step.fitMoments === 'function' &&
    !isOverridden(step, 'fit', 'fitMoments')
  )
}
