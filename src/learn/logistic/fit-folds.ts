/** Fits the logistic models of all folds by shared passes. */

import type { Rows } from '../../arrays/index.ts'
import { kernelThreads, type LogisticSums, native } from '../../native/index.ts'
import {
  fittedModel,
  type LogisticFit,
  type LogisticSettings,
  objectiveOf,
  scoresOf,
  searchOf,
} from './fit-logistic.ts'
import { freeColumns, joinRanges, kernelRowsOf, type LogisticData } from './logistic-data.ts'
import type { AffineMap } from '../statistics/column-maps.ts'
import type { Minimizer, Minimum, PointRequest, PointSums } from './penalty-terms.ts'

/** Rows that a fold learns from, and those that it holds out. */
export interface LogisticFold {
  readonly train: Rows
  readonly test: Rows
}

/** The data of a fold: what it holds out is left out. */
export interface LogisticFoldData extends LogisticData {
  readonly test: Rows
  /** Sum of the weights of what is held out. */
  readonly testWeight: number
}

/**
 * Finds what each fold's training rows have: weights of classes, ranges of columns. Reads no values.
 *
 * @param data - all rows, read with what each fold holds out as `parts`
 * @param maps - scaling of each fold's model, whose intercept is free; default: none
 */
export function foldData(
  data: LogisticData,
  folds: readonly LogisticFold[],
  maps: readonly (AffineMap | undefined)[] = [],
): LogisticFoldData[] {
  const weights = folds.map(({ test }) => classSums(data, test))
  return folds.map((fold, k) => {
    const ranges = joinRanges(data.parts.filter((_, fold) => fold !== k))
    return {
      ...data,
      map: maps[k],
      // Listed when they are asked for: of shuffled folds they are long.
      get rows() {
        return fold.train
      },
      test: fold.test,
      testWeight: weights[k]!.reduce((sum, weight) => sum + weight, 0),
      isFree: freeColumns(ranges, data.isFree[0] === 1),
      spread: data.spread.map((_, i) =>
        i === 0 ? 1 : ranges.maximum[i - 1]! - ranges.minimum[i - 1]!,
      ),
      weights: data.weights.map((_, code) =>
        weights.reduce((sum, one, fold) => (fold === k ? sum : sum + one[code]!), 0),
      ),
    }
  })
}

/**
 * As {@link foldData}, for folds that don't divide the rows: a row may be held out by several of them, or by none.
 *
 * @param data - all rows, read with all rows and then what each fold learns from as `parts`
 */
export function separateFoldData(
  data: LogisticData,
  folds: readonly LogisticFold[],
): LogisticFoldData[] {
  return folds.map(({ train, test }, k) => {
    const { minimum, maximum } = data.parts[k + 1]!
    return {
      ...data,
      rows: train,
      test,
      testWeight: classSums(data, test).reduce((sum, weight) => sum + weight, 0),
      isFree: freeColumns({ minimum, maximum }, data.isFree[0] === 1),
      spread: data.spread.map((_, i) => (i === 0 ? 1 : maximum[i - 1]! - minimum[i - 1]!)),
      weights: classSums(data, train),
    }
  })
}

/** Whether the training rows of a fold have rows of every class of all rows. */
export function hasAllClasses({ weights }: LogisticFoldData): boolean {
  return weights.every((weight) => weight > 0)
}

/**
 * Fits the model of each fold whose training rows have all classes. All searches start at the model of all rows, where one pass gives
 * second derivatives to all of them; each further pass compares all models with all rows.
 *
 * @param near - the model of all rows, for columns about `shift`
 * @param settings - of each fold
 * @param areParts - whether each row is held out by one fold, which learns from all others; otherwise each search reads its own rows
 * @returns undefined for a fold without some class
 */
export async function fitFolds(
  folds: readonly LogisticFoldData[],
  near: Float64Array,
  settings: readonly LogisticSettings[],
  areParts = true,
): Promise<(LogisticFit | undefined)[]> {
  const objectives = folds.map((fold, k) => objectiveOf(fold, settings[k]!))
  const searches = folds.map((fold, k) =>
    hasAllClasses(fold) ? searchOf(fold, objectives[k]!, near, settings[k]!) : undefined,
  )
  const passes = new SharedPasses(folds, settings)
  const minima = await runTogether(searches, (requests) =>
    areParts ? passes.answer(requests) : passes.answerApart(requests),
  )
  return minima.map((minimum, k) => minimum && fittedModel(folds[k]!, objectives[k]!, minimum))
}

/** Runs searches side by side, so that what they ask for can be answered together. */
async function runTogether(
  searches: readonly (Minimizer | undefined)[],
  answer: (requests: ReadonlyMap<number, PointRequest>) => Promise<Map<number, PointSums>>,
): Promise<(Minimum | undefined)[]> {
  const minima: (Minimum | undefined)[] = searches.map(() => undefined)
  const requests = new Map<number, PointRequest>()
  const take = (k: number, { done, value }: IteratorResult<PointRequest, Minimum>): void => {
    requests.delete(k)
    if (done === true) minima[k] = value
    else requests.set(k, value)
  }
  for (const [k, search] of searches.entries()) if (search !== undefined) take(k, search.next())
  while (requests.size > 0) {
    const answers = await answer(requests)
    for (const [k, sums] of answers) take(k, searches[k]!.next(sums))
  }
  return minima
}

/** Most bytes of second derivatives of all folds at once. */
const mostHessianBytes = 64 * 2 ** 20

/** Answers what the searches of folds ask for. */
class SharedPasses {
  readonly #folds: readonly LogisticFoldData[]
  readonly #settings: readonly LogisticSettings[]
  readonly #size: number
  readonly #scores: number

  constructor(folds: readonly LogisticFoldData[], settings: readonly LogisticSettings[]) {
    this.#folds = folds
    this.#settings = settings
    this.#scores = scoresOf(folds[0]!)
    this.#size = this.#scores * (folds[0]!.columns + 1)
  }

  async answer(requests: ReadonlyMap<number, PointRequest>): Promise<Map<number, PointSums>> {
    const answers = new Map<number, PointSums>()
    const all = [...requests.keys()]
    const curved = all.filter((k) => requests.get(k)!.withHessian)
    const bytes = this.#folds.length * this.#size ** 2 * 8
    if (this.#points(curved, requests).length === 1 && bytes <= mostHessianBytes)
      await this.#together(curved, requests, true, answers)
    else for (const k of curved) answers.set(k, await this.#alone(k, requests.get(k)!))
    const plain = all.filter((k) => !curved.includes(k))
    if (plain.length > 0) await this.#together(plain, requests, false, answers)
    return answers
  }

  /** Answers each search by a pass over its own rows. */
  async answerApart(requests: ReadonlyMap<number, PointRequest>): Promise<Map<number, PointSums>> {
    const answers = new Map<number, PointSums>()
    for (const [k, request] of requests) answers.set(k, await this.#alone(k, request))
    return answers
  }

  /** The first fold of each group that asks for the same point with the same weights of classes. */
  #points(folds: readonly number[], requests: ReadonlyMap<number, PointRequest>): number[] {
    const same = (a: number, b: number): boolean =>
      requests.get(a)!.coefficients === requests.get(b)!.coefficients &&
      this.#settings[a]!.classFactors.every(
        (factor, code) => factor === this.#settings[b]!.classFactors[code],
      )
    return folds.filter((k, i) => folds.findIndex((other) => same(k, other)) === i)
  }

  /** One pass over the rows that each fold holds out, for all points; a fold gets the sums of all other folds. */
  async #together(
    asking: readonly number[],
    requests: ReadonlyMap<number, PointRequest>,
    withHessians: boolean,
    answers: Map<number, PointSums>,
  ): Promise<void> {
    const points = withHessians ? this.#points(asking, requests) : asking
    const sums = await this.#pass(
      points,
      this.#folds.map(({ test }) => test),
      requests,
      withHessians,
    )
    for (const [i, k] of asking.entries()) {
      const model = points.length === 1 ? 0 : i
      answers.set(k, this.#sumOthers(sums, k, model, points.length))
    }
  }

  async #alone(k: number, request: PointRequest): Promise<PointSums> {
    const requests = new Map([[k, request]])
    const sums = await this.#pass([k], [this.#folds[k]!.rows], requests, request.withHessian)
    return this.#sumOthers(sums, -1, 0, 1)
  }

  #pass(
    points: readonly number[],
    groups: readonly Rows[],
    requests: ReadonlyMap<number, PointRequest>,
    withHessians: boolean,
  ): Promise<LogisticSums> {
    const coefficients = new Float64Array(points.length * this.#size)
    const classes = this.#folds[0]!.classes.length
    const classWeights = new Float64Array(points.length * classes)
    for (const [m, k] of points.entries()) {
      coefficients.set(requests.get(k)!.coefficients, m * this.#size)
      classWeights.set(this.#settings[k]!.classFactors, m * classes)
    }
    return native.logisticSums(
      kernelRowsOf(this.#folds[0]!, groups),
      {
        count: points.length,
        scores: this.#scores,
        coefficients,
        classWeights,
        withHessians,
      },
      kernelThreads(),
    )
  }

  /** Adds up the sums of one model over all groups but one. */
  #sumOthers(sums: LogisticSums, but: number, model: number, models: number): PointSums {
    const size = this.#size
    const groups = sums.loss.length / models
    let [weight, loss, margin] = [0, 0, Infinity]
    const gradient = new Float64Array(size)
    const hessian = sums.hessian.length > 0 ? new Float64Array(size * size) : undefined
    for (let g = 0; g < groups; g++) {
      if (g === but) continue
      const place = g * models + model
      weight += sums.weight[place]!
      loss += sums.loss[place]!
      margin = Math.min(margin, sums.margin[place]!)
      addTo(gradient, sums.gradient, place * size)
      if (hessian !== undefined) addTo(hessian, sums.hessian, place * size * size)
    }
    return { weight, loss, margin, gradient, hessian }
  }
}

function addTo(total: Float64Array, part: Float64Array, from: number): void {
  for (let i = 0; i < total.length; i++) total[i]! += part[from + i]!
}

/** Sum of the weights of each class over some rows. */
function classSums({ codes, rowWeights, weights }: LogisticData, rows: Rows): Float64Array {
  const sums = new Float64Array(weights.length)
  const add = (row: number): void => {
    sums[codes[row]!]! += rowWeights === null ? 1 : rowWeights[row]!
  }
  if ('numbers' in rows) for (const row of rows.numbers) add(row)
  else for (const [start, stop] of rows.ranges) for (let row = start; row < stop; row++) add(row)
  return sums
}
