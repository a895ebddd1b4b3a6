/** Learned values of an automatic ensemble as plain data, and back. */

import { checkClasses, checkTargetShape } from '../contract/check-classes.ts'
import {
  clone,
  type Estimator,
  type Learned,
  learnedState,
  type LearnedState,
  restore,
} from '../contract/estimator.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import { readScoreRow } from '../ensembles/super-learner/ensemble-state.ts'
import type { Classes } from '../inputs/labels.ts'
import { codedClone } from '../outputs/coded-learners.ts'
import type { EnsembleTask } from '../outputs/ensemble-task.ts'
import { columnNames, type MemberOutput } from '../outputs/member-output.ts'
import { Pipeline } from '../pipelines/pipeline.ts'
import { requireScorer } from '../scores/scorer-names.ts'
import type { SettledAuto } from './auto-options.ts'
import { sizesOf, withSizes } from './candidates/fewer-trees.ts'
import { type Candidate, listCandidates, listStackers } from './candidates/portfolio.ts'
import { makeEncoder, textsOf } from './encode-columns.ts'
import type { FittedAuto } from './fit-auto.ts'
import { Leaderboard } from './leaderboard.ts'
import type { AutoMember, AutoModel } from './predict-auto.ts'
import { presets } from './presets.ts'
import { makeCombiner } from './weigh-candidates.ts'

/** Learned values of an automatic ensemble by name. */
export interface AutoState {
  /** Columns of `X`. */
  readonly columnsIn_: number
  readonly task_: EnsembleTask
  /** Labels of the classes; none of numbers. */
  readonly classes_?: Classes
  /** Shape of one row of `y`. */
  readonly targetShape_: readonly number[]
  /** What its candidates were listed for. */
  readonly listedFor_: { readonly rows: number; readonly allowsOutOfBag: boolean }
  /** Columns of texts, and what the encoder of columns has learned; null when no learner needs it. */
  readonly encoder_: { readonly texts: Int32Array; readonly learned: LearnedState } | null
  /** Those of one layer, and of a second one. */
  readonly layers_: readonly { readonly members: readonly MemberState[] }[]
  /** Numbers of the columns of `X` that the second layer learns from. */
  readonly propagated_: Int32Array
  readonly meta_: LearnedState
  readonly leaderboard_: Readonly<Record<string, Learned>>
}

/** What a learner has learned. */
export type MemberState = {
  readonly name: string
  readonly sizes: Readonly<Record<string, number>>
  readonly method: MemberOutput['method']
  readonly classes: number
  readonly rowShape: readonly number[]
  /** Whether its steps are part of its models. */
  readonly hasSteps: boolean
  readonly models: readonly LearnedState[]
}

/** The learned values of an automatic ensemble; they share the arrays of its models. */
export function stateOf(fitted: FittedAuto): AutoState {
  const { columns, task, target, listedFor, model, leaderboard } = fitted
  const { encoder, layer1, layer2, propagated, meta } = model
  const { secondLayer, rows, ensemble, leftOut, ...board } = leaderboard.toJSON()
  return {
    columnsIn_: columns,
    task_: task,
    ...(target.labels !== undefined && { classes_: target.labels }),
    targetShape_: target.rowShape,
    listedFor_: listedFor,
    encoder_:
      encoder === undefined
        ? null
        : { texts: Int32Array.from(textsOf(encoder)), learned: learnedState(encoder) },
    layers_: [layer1, layer2].map((members) => ({ members: members.map(stateOfMember) })),
    propagated_: Int32Array.from(propagated),
    meta_: learnedState(meta),
    leaderboard_: {
      ...board,
      rows: rows.map((row) => ({ ...row })),
      ensemble: { ...ensemble },
      leftOut: leftOut.map((row) => ({ ...row })),
      secondLayer: secondLayer === undefined ? null : { ...secondLayer },
    },
  }
}

function stateOfMember({ name, sizes, output, models, hasSteps }: AutoMember): MemberState {
  const { method, classes, rowShape } = output
  return { name, sizes, method, classes, rowShape, hasSteps, models: models.map(learnedState) }
}

/**
 * Makes what an automatic ensemble has learned of its options and learned values.
 *
 * @throws OneCopyError `ERR_FORMAT` for values that no fit with these options can have given
 */
export function restoreAuto(settled: SettledAuto, values: LearnedValues): FittedAuto {
  const columns = values.columnCount('columnsIn_')
  const task = values.oneOf('task_', ['regression', 'classification'])
  if (settled.task !== 'auto' && settled.task !== task)
    throw values.refuse('task_', `'${settled.task}', as the option`)
  const isOfClasses = task === 'classification'
  if (isOfClasses) checkClasses(values)
  const labels = isOfClasses ? (values.list('classes_') as Classes) : undefined
  checkTargetShape(values)
  const target = { labels, rowShape: values.list('targetShape_') as readonly number[] }
  const facts = values.within('listedFor_')
  const listedFor = {
    rows: facts.number('rows', 4),
    allowsOutOfBag: facts.oneOf('allowsOutOfBag', [true, false]),
  }
  const data = { ...listedFor, columns, task }
  const [own, others] = values.records('layers_', 2).map((layer) => layer.records('members'))
  const first = own!.map(readerOf(listCandidates(settled, data), labels))
  const second = others!.map(readerOf(listStackers(settled, data), labels))
  if (first.length === 0) throw values.refuse('layers_', 'at least one learner', 'none')
  const count = first.length + second.length
  const scorer = requireScorer(settled.scorer ?? (isOfClasses ? 'logLoss' : 'rmse'), { task })
  const { selected } = presets[settled.preset]
  const combiner = makeCombiner(count, labels, { scorer, selected })
  const meta = restore(combiner, values.record('meta_') as LearnedState)
  const weights = Array.from(meta.weights_.copy().toTypedArray(), Number)
  if (weights.length !== count)
    throw values.refuse('meta_', `weights of ${count} learners`, `${weights.length}`)
  const weigh = (from: number) => (member: AutoMember, i: number) => ({
    ...member,
    weight: weights[from + i]!,
  })
  const model: AutoModel = {
    encoder: readEncoder(values, columns),
    layer1: first.map(weigh(0)),
    layer2: second.map(weigh(first.length)),
    propagated: Array.from(values.integers('propagated_', columns)),
    meta,
  }
  if (model.encoder === undefined && first.some(({ input }) => input === 'encoded'))
    throw values.refuse('encoder_', 'a record')
  const leaderboard = readBoard(values.within('leaderboard_'))
  const outOfFoldColumns = [...first, ...second].flatMap(({ name, output }) =>
    columnNames(name, output, labels),
  )
  return {
    task,
    columns,
    target,
    listedFor,
    model,
    leaderboard,
    outOfFoldColumns,
    training: undefined,
  }
}

function readEncoder(values: LearnedValues, columns: number): AutoModel['encoder'] {
  const state = values.orNull('encoder_', () => values.within('encoder_'))
  if (state === null) return undefined
  const texts = Array.from(state.integers('texts', columns))
  return restore(makeEncoder(columns, texts), state.record('learned') as LearnedState)
}

function readerOf(
  candidates: readonly Candidate[],
  labels: Classes | undefined,
): (values: LearnedValues) => AutoMember {
  return (values) => {
    const names = candidates.map(({ name }) => name)
    const name = values.oneOf('name', names)
    const listed = candidates.find((one) => one.name === name)!
    const sizes = readSizes(values, listed)
    const { learner, preprocess, input } = withSizes(listed, sizes)
    const coded = labels === undefined ? learner : codedClone(learner, labels)
    const hasSteps = values.oneOf('hasSteps', [true, false])
    const make = (): Estimator =>
      hasSteps ? new Pipeline({ steps: [...preprocess.map(clone), clone(coded)] }) : clone(coded)
    const models = values.records('models').map((one) => restore(make(), one.state as LearnedState))
    if (models.length === 0) throw values.refuse('models', 'at least one record', 'none')
    return { name, input, output: readOutput(values, labels), models, weight: 0, sizes, hasSteps }
  }
}

function readSizes(values: LearnedValues, listed: Candidate): Record<string, number> {
  const sizes = values.within('sizes')
  const known = Object.keys(sizesOf(listed))
  return Object.fromEntries(known.map((name) => [name, sizes.finite(name)]))
}

function readOutput(values: LearnedValues, labels: Classes | undefined): MemberOutput {
  const all = labels?.length ?? 0
  const classes = values.number('classes', 0, all)
  if (classes !== 0 && classes !== all) throw values.refuse('classes', `0 or ${all}`)
  const methods = ['predict', 'predictProba', 'decisionFunction'] as const
  const method = values.oneOf('method', classes === 0 ? ['predict'] : methods)
  const rowShape = classes === 0 ? [] : [classes === 2 ? 1 : classes]
  const found = values.list('rowShape')
  if (String(found) !== String(rowShape))
    throw values.refuse('rowShape', `[${rowShape.join(', ')}]`)
  return { method, classes, rowShape }
}

function readBoard(board: LearnedValues): Leaderboard {
  const check = board.orNull('secondLayer', () => board.within('secondLayer'))
  return new Leaderboard({
    scorer: board.anyText('scorer'),
    greaterIsBetter: board.oneOf('greaterIsBetter', [true, false]),
    rows: board.records('rows').map((row) => ({
      ...readScoreRow(row),
      layer: row.number('layer', 1, 2) as 1 | 2,
      weight: row.finite('weight'),
    })),
    ensemble: readScoreRow(board.within('ensemble')),
    leftOut: board.records('leftOut').map((row) => ({
      name: row.anyText('name'),
      reason: row.anyText('reason'),
    })),
    secondLayer:
      check === null
        ? undefined
        : {
            layer1: check.anyNumber('layer1'),
            layer2: check.anyNumber('layer2'),
            isUsed: check.oneOf('isUsed', [true, false]),
          },
  })
}
