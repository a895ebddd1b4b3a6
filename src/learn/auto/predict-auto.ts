/** Predicts new rows by the learners of an automatic ensemble. */

import { type NDArray, shared, zeros } from '../../arrays/index.ts'
import type { Estimator, FloatArray, PredictOptions } from '../contract/estimator.ts'
import { joinColumns } from '../ensembles/plan/layer-input.ts'
import { explainFailure } from '../ensembles/calls/layer-tasks.ts'
import type { FittedEnsembleMember } from '../ensembles/members/ensemble-member.ts'
import { type MemberOutput, outputColumns, widthOf } from '../outputs/member-output.ts'
import { predictOutput } from '../outputs/predict-output.ts'
import type { ColumnTransformer } from '../pipelines/column-transformer.ts'
import type { PredictingLearner } from '../pipelines/predict-mapped.ts'

/** Final models of a candidate. */
export interface AutoMember {
  readonly name: string
  readonly input: 'raw' | 'encoded'
  readonly output: MemberOutput
  /** Models whose mean it predicts. */
  readonly models: readonly Estimator[]
  readonly weight: number
  /** Sizes that time has cut, of options that its list of candidates gives otherwise. */
  readonly sizes: Readonly<Record<string, number>>
  /** Whether steps before the learner are part of the models. */
  readonly hasSteps: boolean
}

/** Layers and what combines them. */
export interface AutoModel {
  readonly encoder: ColumnTransformer | undefined
  readonly layer1: readonly AutoMember[]
  /** Learners of the columns of `X` and of predictions of all of `layer1`; empty: there is one layer. */
  readonly layer2: readonly AutoMember[]
  /** Numbers of the columns of `X` that `layer2` learns from, beside predictions. */
  readonly propagated: readonly number[]
  /** Takes the columns of both layers side by side. */
  readonly meta: Estimator
}

/** Final models of a fitted member of a layer. */
export function modelsOf({ bag, predictor }: FittedEnsembleMember): readonly Estimator[] {
  return bag ?? [predictor]
}

/**
 * Predicts all rows of an array.
 *
 * @param rowShape - of the predictions of a row: [] for a number, [classes] for probabilities
 * @returns a new array
 */
export async function predictModel(
  model: AutoModel,
  X: NDArray,
  method: 'predict' | 'predictProba',
  rowShape: readonly number[],
): Promise<NDArray<'float64'>> {
  const out = zeros([X.shape[0]!, ...rowShape], 'float64')
  await predictBlocks(model, X, async (Z, from) => {
    const found = (await model.meta[method]!(Z)) as FloatArray
    out.data.set(found.toTypedArray(), from * (rowShape[0] ?? 1))
  })
  return out
}

/** Values of a block of rows: 16 MB. */
const valuesPerBlock = 1 << 21

/**
 * Predicts rows in blocks.
 *
 * @param write - takes what the meta learner reads of some rows
 */
export async function predictBlocks(
  model: AutoModel,
  X: NDArray,
  write: (Z: NDArray<'float64'>, from: number) => Promise<void>,
): Promise<void> {
  const [n, d] = X.shape as [number, number]
  const width = d + countColumns([...model.layer1, ...model.layer2])
  const step = Math.max(1, Math.floor(valuesPerBlock / width))
  for (let from = 0; from < n; from += step) {
    const Z = await predictLayers(model, X.rows(from, Math.min(n, from + step)))
    try {
      await write(Z, from)
    } finally {
      Z[Symbol.dispose]()
    }
  }
}

/** What the meta learner reads of some rows, in scratch memory. */
export async function predictLayers(model: AutoModel, X: NDArray): Promise<NDArray<'float64'>> {
  const { layer1, layer2, propagated } = model
  const needed = layer2.some(({ weight }) => weight > 0)
  const first = await predictMembers(layer1, X, model.encoder, needed)
  if (layer2.length === 0) return first
  const input = needed ? joinColumns(X, propagated, first) : first
  const second = await predictMembers(layer2, input, undefined, false)
  try {
    const columns = Array.from({ length: first.shape[1]! }, (_, column) => column)
    return joinColumns(first, columns, second)
  } finally {
    if (input !== first) input[Symbol.dispose]()
    first[Symbol.dispose]()
    second[Symbol.dispose]()
  }
}

/** Predictions of members side by side; zeros of those without weight unless all are needed. */
async function predictMembers(
  members: readonly AutoMember[],
  X: NDArray,
  encoder: ColumnTransformer | undefined,
  needsAll: boolean,
): Promise<NDArray<'float64'>> {
  const [n] = X.shape as [number, number]
  const Z = shared([n, countColumns(members)], 'float64')
  const used = members.filter(({ weight }) => needsAll || weight > 0)
  const encodes = used.some(({ input }) => input === 'encoded') && encoder !== undefined
  try {
    const encoded = encodes ? ((await encoder.transform(X)) as NDArray) : X
    let first = 0
    for (const member of members) {
      if (used.includes(member)) {
        const out = outputColumns(Z, first, member.output)
        await predictMean(member, member.input === 'raw' ? X : encoded, out)
      }
      first += widthOf(member.output)
    }
    return Z
  } catch (error) {
    Z[Symbol.dispose]()
    throw error
  }
}

/** Writes the mean of what models predict. */
async function predictMean(
  { name, models, output }: AutoMember,
  X: NDArray,
  out: NDArray<'float64'>,
): Promise<void> {
  const explain = <T>(read: () => T): Promise<T> => explainFailure(name, 'new rows', read)
  const predict = (learner: Estimator, to: NDArray<'float64'>): Promise<void> => {
    const call = (rows: NDArray, options: PredictOptions): Promise<unknown> =>
      (learner as PredictingLearner)[output.method]!(rows, options)
    return predictOutput({ learner, predict: call, explain }, output, X, undefined, to)
  }
  await predict(models[0]!, out)
  if (models.length === 1) return
  const one = zeros(out.shape, 'float64')
  for (const learner of models.slice(1)) {
    await predict(learner, one)
    addTo(out, one, 1)
  }
  addTo(out, one, models.length, true)
}

/** Adds values, or divides by a number. */
function addTo(
  out: NDArray<'float64'>,
  values: NDArray<'float64'>,
  by: number,
  divides = false,
): void {
  const { data, offset, strides, shape } = out
  const [n, width = 1] = shape as [number, number?]
  const [rowStride, columnStride = 1] = strides as [number, number?]
  for (let row = 0, from = 0; row < n; row++)
    for (let k = 0; k < width; k++, from++) {
      const at = offset + row * rowStride + k * columnStride
      data[at] = divides ? data[at]! / by : data[at]! + values.data[values.offset + from]!
    }
}

function countColumns(members: readonly AutoMember[]): number {
  return members.reduce((sum, { output }) => sum + widthOf(output), 0)
}
