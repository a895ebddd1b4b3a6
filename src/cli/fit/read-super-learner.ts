/** Reads a fitted ensemble of chosen learners. */

import { NDArray, zeros } from '../../arrays/index.ts'
import type { AnyLearner, Estimator, LearnerWeight, SuperLearner } from '../../learn/index.ts'
import { chooseOutput, kebabCase, outputColumns, widthOf } from '../../learn/internal.ts'
import type { MemberOutput, StackTarget } from '../../learn/internal.ts'
import {
  type FittedEnsemble,
  type FittedLearner,
  type Predictions,
  stackTarget,
} from '../fit-report/fitted-ensemble.ts'
import type { Input } from '../input/input.ts'

/** Reads what a fit has found. */
export function readSuperLearner(ensemble: SuperLearner, input: Input): FittedEnsemble {
  const { scores, layers, meta, combinedOutOfFold: columns } = ensemble
  const { scorer, greaterIsBetter, best, skipped } = scores
  const target = stackTarget(input, ensemble.classes_)
  const last = layers.at(-1)!
  const isCombined = meta !== undefined && columns !== undefined && scores.ensemble !== undefined
  const output = isCombined ? combinedOutput(meta, columns, target) : undefined
  return {
    scorer,
    greaterIsBetter,
    best,
    learners: readLearners(ensemble, target),
    combined:
      output === undefined
        ? undefined
        : {
            name: 'ensemble',
            row: scores.ensemble!,
            columns: columns!,
            output,
            rows: last.rows,
            folds: last.folds,
            combiner: combinerOf(meta!),
          },
    skipped,
    target,
    outOfFold: ensemble.outOfFold,
    outOfFoldColumns: ensemble.outOfFoldColumns,
    model: ensemble,
    predictAll: (X) => predictAll(ensemble, X, { target, output }),
  }
}

function readLearners(ensemble: SuperLearner, target: StackTarget): FittedLearner[] {
  const { scores, layers, weights } = ensemble
  const rows = scores.learners.values()
  return layers.flatMap(({ learners, preprocessing, outOfFold, folds, rows: predicted }, layer) =>
    splitColumns(learners, outOfFold, target).map((one) => ({
      ...one,
      row: rows.next().value!,
      layer,
      folds,
      rows: predicted,
      weight: layer === layers.length - 1 ? weightOf(weights, one.name) : null,
      steps: (preprocessing[one.name] ?? []).map(({ constructor }) => kebabCase(constructor.name)),
    })),
  )
}

/** Splits predictions of a layer into those of each learner. */
function splitColumns(
  learners: Readonly<Record<string, Estimator>>,
  Z: NDArray<'float64'>,
  { y, labels }: StackTarget,
): Predictions[] {
  let first = 0
  return Object.entries(learners).map(([name, learner]) => {
    const output = chooseOutput({ name, learner }, { y, classes: labels?.length ?? 0 })
    const columns = outputColumns(Z, first, output)
    first += widthOf(output)
    return { name, columns, output }
  })
}

/** What the meta learner predicts, as the ensemble keeps it. */
function combinedOutput(meta: AnyLearner, columns: NDArray, { labels }: StackTarget): MemberOutput {
  if (labels === undefined) return { method: 'predict', classes: 0, rowShape: [] }
  const has = (method: string): boolean => typeof Reflect.get(meta, method) === 'function'
  const method = has('predictProba')
    ? 'predictProba'
    : has('decisionFunction')
      ? 'decisionFunction'
      : 'predict'
  return { method, classes: labels.length, rowShape: columns.shape.slice(1) }
}

/** Predicts rows by all learners of the last layer and by the ensemble. */
async function predictAll(
  ensemble: SuperLearner,
  X: Input['X'],
  { target, output }: { readonly target: StackTarget; readonly output: MemberOutput | undefined },
): Promise<Predictions[]> {
  const learners = ensemble.layers.at(-1)!.learners
  // Without an array to write to, it makes one of float64.
  const Z = (await ensemble.transform(X)) as NDArray<'float64'>
  const found = splitColumns(learners, Z, target)
  if (output === undefined) return found
  if (output.method === 'predictProba')
    return [...found, { name: 'ensemble', columns: await ensemble.predictProba(X), output }]
  const predicted = await ensemble.predict(X)
  const { labels } = target
  const own = labels === undefined ? { columns: predicted, output } : oneHot(predicted, labels)
  return [...found, { name: 'ensemble', ...own }]
}

/** Predicted labels as columns of 0 and 1: one for the second of two classes, or one for each. */
function oneHot(
  predicted: NDArray | readonly unknown[],
  labels: NonNullable<StackTarget['labels']>,
): Pick<Predictions, 'columns' | 'output'> {
  const places = new Map<unknown, number>(
    Array.from<unknown, [unknown, number]>(labels, (label, code) => [label, code]),
  )
  const list = (
    predicted instanceof NDArray ? predicted.toArray() : predicted
  ) as readonly unknown[]
  const { length: classes } = labels
  const width = classes === 2 ? 1 : classes
  const columns = zeros([list.length, width], 'float64')
  for (const [row, label] of list.entries()) {
    const code = places.get(label)!
    if (width === 1) columns.set(code, row, 0)
    else columns.set(1, row, code)
  }
  return { columns, output: { method: 'predict', classes, rowShape: [width] } }
}

/** The name of what combines the learners. */
function combinerOf(meta: Estimator): string {
  // Of classes, a combiner is in a classifier that weighs probabilities.
  const { combiner } = meta as { readonly combiner?: object }
  return kebabCase((combiner ?? meta).constructor.name)
}

/** The weights of a learner: one, or one for each of its columns. */
function weightOf(
  weights: Readonly<Record<string, LearnerWeight>> | undefined,
  name: string,
): LearnerWeight | null {
  if (weights === undefined) return null
  if (Object.hasOwn(weights, name)) return weights[name]!
  const own = Object.keys(weights).filter((column) => column.startsWith(`${name}:`))
  return own.length === 0 ? null : own.flatMap((column) => weights[column]!)
}
