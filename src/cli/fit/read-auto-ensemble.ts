/** Reads a fitted ensemble of learners that were chosen for it. */

import { toRowNumbers } from '../../arrays/index.ts'
import type { AutoEnsemble, Fold } from '../../learn/index.ts'
import { kebabCase } from '../../learn/internal.ts'
import type { MemberOutput, StackTarget } from '../../learn/internal.ts'
import {
  type FittedEnsemble,
  type FittedLearner,
  type Predictions,
  stackTarget,
} from '../fit-report/fitted-ensemble.ts'
import type { Input } from '../input/input.ts'

/** Reads what a fit has found. */
export function readAutoEnsemble(ensemble: AutoEnsemble, input: Input): FittedEnsemble {
  const { leaderboard, combinedOutOfFold: columns, outOfFoldFolds: folds } = ensemble
  const { scorer, greaterIsBetter, ensemble: row, rows: board, leftOut } = leaderboard
  const target = stackTarget(input, ensemble.classes_)
  const rows = unionOf(folds, columns.shape[0]!)
  const sign = greaterIsBetter ? -1 : 1
  const [best] = [row, ...board].toSorted((a, b) => sign * (a.score - b.score))
  const learners = board.map((one): FittedLearner => {
    const found = columnsOf(ensemble, one.name, target)
    const { layer, weight } = one
    return { ...found, row: one, layer: layer - 1, weight, steps: [], rows, folds }
  })
  const output = outputOf(target, columns.shape.slice(1))
  return {
    scorer,
    greaterIsBetter,
    best: best!.name,
    learners,
    combined: { name: 'ensemble', row, columns, output, rows, folds, combiner },
    skipped: leftOut.map(({ name, reason }) => ({ name, reason: sentence(reason) })),
    target,
    outOfFold: ensemble.outOfFold,
    outOfFoldColumns: ensemble.outOfFoldColumns,
    model: ensemble,
    predictAll: async (X) => [await predictCombined(ensemble, X, target)],
  }
}

const combiner = kebabCase('GreedySelection')

/** Predictions of one learner: its columns side by side. */
function columnsOf(
  { outOfFold, outOfFoldColumns }: AutoEnsemble,
  name: string,
  target: StackTarget,
): Predictions {
  const own = [...outOfFoldColumns.keys()].filter((column) => {
    const found = outOfFoldColumns[column]!
    return found === name || found.startsWith(`${name}:`)
  })
  const [first, last] = [own[0]!, own.at(-1)!]
  const isNumber = target.labels === undefined
  const columns = isNumber ? outOfFold.column(first) : outOfFold.slice(null, [first, last + 1])
  return { name, columns, output: outputOf(target, columns.shape.slice(1)) }
}

/** All learners of classes predict probabilities. */
function outputOf({ labels }: StackTarget, rowShape: readonly number[]): MemberOutput {
  return labels === undefined
    ? { method: 'predict', classes: 0, rowShape: [] }
    : { method: 'predictProba', classes: labels.length, rowShape }
}

async function predictCombined(
  ensemble: AutoEnsemble,
  X: Input['X'],
  target: StackTarget,
): Promise<Predictions> {
  const columns =
    target.labels === undefined ? await ensemble.predict(X) : await ensemble.predictProba(X)
  return { name: 'ensemble', columns, output: outputOf(target, columns.shape.slice(1)) }
}

/** All rows that some fold holds out, ascending; no two folds hold out the same. */
function unionOf(folds: readonly Fold[], n: number): Fold['test'] {
  const tests = folds.map(({ test }) => toRowNumbers(test))
  const numbers = new Int32Array(tests.reduce((sum, { length }) => sum + length, 0))
  if (numbers.length === n) return { ranges: [[0, n]] }
  let at = 0
  for (const test of tests) {
    numbers.set(test, at)
    at += test.length
  }
  return { numbers: numbers.sort() }
}

function sentence(text: string): string {
  return /[.?!]$/.test(text) ? text : `${text}.`
}
