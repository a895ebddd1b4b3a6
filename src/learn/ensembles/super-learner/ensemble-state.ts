/** Learned values of an ensemble as plain data, and back. */

import { checkClasses } from '../../contract/check-classes.ts'
import {
  clone,
  type Estimator,
  type Learned,
  learnedState,
  type LearnedState,
  restore,
  type Transformer,
} from '../../contract/estimator.ts'
import type { LearnedValues } from '../../contract/learned-values.ts'
import { isColumnScaling } from '../../contract/moments-estimator.ts'
import type { Classes } from '../../inputs/labels.ts'
import { isLinearModel } from '../../linear/linear-model.ts'
import { type LinearTerms, onRawColumns } from '../../linear/predict-linear.ts'
import { columnNames, type MemberOutput, widthOf } from '../../outputs/member-output.ts'
import { type FittedParts, partsOf } from '../../pipelines/pipeline-parts.ts'
import { type ScoreRow, ScoreTable } from '../../selection/score-table.ts'
import { joinMember } from '../fits/fitted-members.ts'
import type { EnsembleMember, FittedEnsembleMember } from '../members/ensemble-member.ts'
import type { FittedStage } from '../plan/fitted-layer.ts'
import { type EnsemblePlan, membersOf, metasOf } from '../plan/layer-spec.ts'
import { codedMember, combinerOf } from './coded-members.ts'
import type { FittedEnsemble } from './fitted-ensemble.ts'

/** Learned values of an ensemble by name. */
export interface EnsembleState {
  /** Columns of `X`. */
  readonly columnsIn_: number
  /** Labels of the classes; none of a regression. */
  readonly classes_?: Classes
  /** Shape of one row of `y`. */
  readonly targetShape_: readonly number[]
  readonly layers_: readonly LayerState[]
  readonly meta_: MemberState | null
  readonly scores_: Readonly<Record<string, Learned>>
}

/** What a layer has learned. */
export type LayerState = {
  readonly partitions: number
  /** Numbers of the columns that it hands on. */
  readonly columns: Int32Array
  readonly propagated: readonly string[]
  readonly members: readonly MemberState[]
}

/** What a learner and the steps before it have learned. */
export type MemberState = {
  /** Its name in the plan. */
  readonly name: string
  readonly partition: number
  readonly method: MemberOutput['method']
  readonly classes: number
  readonly rowShape: readonly number[]
  readonly steps: readonly LearnedState[]
  readonly learner: LearnedState
  readonly widths: Int32Array
  readonly takes: 'mapped' | 'raw'
  readonly copiedBytes: number
  /** Whether linear functions predict in its place. */
  readonly isLinear: boolean
}

/** The learned values of an ensemble; they share the arrays of its models. */
export function stateOf(fitted: FittedEnsemble): EnsembleState {
  const { columns, target, stages, meta, scores } = fitted
  const { scorer, greaterIsBetter, learners, ensemble, nested, skipped } = scores
  const rowOf = (row: ScoreRow): Learned => ({ ...row })
  return {
    columnsIn_: columns,
    ...(target.labels !== undefined && { classes_: target.labels }),
    targetShape_: target.rowShape,
    layers_: stages.map(({ members, columns: handedOn, propagated }) => ({
      partitions: 1 + Math.max(...members.map(({ partition }) => partition)),
      columns: Int32Array.from(handedOn),
      propagated,
      members: members.map(stateOfMember),
    })),
    meta_: meta === undefined ? null : stateOfMember(meta),
    scores_: {
      scorer,
      greaterIsBetter,
      learners: learners.map(rowOf),
      ensemble: ensemble === undefined ? null : rowOf(ensemble),
      nested: nested === undefined ? null : rowOf(nested),
      skipped: skipped.map((row) => ({ ...row })),
    },
  }
}

function stateOfMember({
  member,
  partition,
  output: { method, classes, rowShape },
  parts: { steps, learner, widths, takes, copiedBytes },
  terms,
}: FittedEnsembleMember): MemberState {
  return {
    name: member.name,
    partition,
    method,
    classes,
    rowShape,
    steps: steps.map(learnedState),
    learner: learnedState(learner),
    widths: Int32Array.from(Array.from(widths)),
    takes,
    copiedBytes,
    isLinear: terms !== undefined,
  }
}

/**
 * Makes what an ensemble has learned of its plan and learned values.
 *
 * @throws OneCopyError `ERR_FORMAT` for values that no fit of this plan can have given
 */
export function restoreEnsemble(plan: EnsemblePlan, values: LearnedValues): FittedEnsemble {
  const columns = values.columnCount('columnsIn_')
  const classes = values.has('classes_') ? checkClasses(values) : 0
  const labels = classes === 0 ? undefined : (values.list('classes_') as Classes)
  const target = { labels, rowShape: shapeOf(values, 'targetShape_') }
  const { layers = [] } = plan
  const stages: FittedStage[] = []
  let width = columns
  for (const [l, state] of values.records('layers_', layers.length).entries()) {
    const stage = readStage(state, new MemberReader(membersOf([layers[l]!]), target, width))
    stages.push(stage)
    width = stage.columns.length + stage.members.reduce((sum, one) => sum + widthOf(one.output), 0)
  }
  const meta = readMeta(plan, values, target, width)
  const scores = readScores(values)
  return { columns, target, stages, meta, combined: undefined, scores, record: undefined }
}

function readMeta(
  plan: EnsemblePlan,
  values: LearnedValues,
  target: FittedEnsemble['target'],
  width: number,
): FittedEnsembleMember | undefined {
  const metas = metasOf(plan)
  const state = values.orNull('meta_', () => values.within('meta_'))
  if (metas.length === 0 && state !== null)
    throw values.refuse('meta_', 'null without a meta learner')
  if (state === null) {
    if (metas.length === 0) return undefined
    throw values.refuse('meta_', 'a record')
  }
  const classes = target.labels?.length
  const combining = metas.map((meta) => ({ ...meta, learner: combinerOf(meta.learner, classes) }))
  return new MemberReader(combining, target, width).read(state, 1, 0)
}

function readStage(state: LearnedValues, reader: MemberReader): FittedStage {
  const partitions = state.number('partitions', 1, 2 ** 17)
  const columns = Array.from(state.integers('columns', reader.width))
  const propagated = state.texts('propagated')
  if (propagated.length !== columns.length)
    throw state.refuse('propagated', `a name for each of ${columns.length} columns`)
  let column = 0
  const taken = new Set<string>()
  const members = state.records('members').map((one) => {
    const member = reader.read(one, partitions, column)
    column += widthOf(member.output)
    if (taken.has(member.name)) throw one.refuse('name', 'another one than those before')
    taken.add(member.name)
    return member
  })
  if (members.length === 0) throw state.refuse('members', 'at least one record', 'none')
  const names = members.flatMap(({ name, output }) => columnNames(name, output, reader.labels))
  return { members, columns, propagated, names, training: undefined }
}

/** Reads fitted members of a layer, or a fitted meta learner. */
class MemberReader {
  /** Columns of what they are fitted on. */
  readonly width: number
  readonly labels: Classes | undefined
  readonly #members: readonly EnsembleMember[]
  readonly #rowShape: readonly number[]

  constructor(
    members: readonly EnsembleMember[],
    { labels, rowShape }: FittedEnsemble['target'],
    width: number,
  ) {
    this.width = width
    this.labels = labels
    this.#members = members
    this.#rowShape = rowShape
  }

  /**
   * @param column - the first one of its predictions
   * @throws OneCopyError `ERR_FORMAT`
   */
  read(values: LearnedValues, partitions: number, column: number): FittedEnsembleMember {
    const names = this.#members.map(({ name }) => name)
    const name = values.oneOf('name', names)
    const partition = values.number('partition', 0, partitions - 1)
    const known = this.#members.find((one) => one.name === name)!
    const member = codedMember(known, this.labels)
    const output = this.#outputOf(values)
    const { steps, learner } = partsOf(member.learner)
    const all = [...member.preprocess, ...steps]
    const widths = values.integers('widths', 2 ** 31)
    if (widths.length !== all.length + 1)
      throw values.refuse('widths', `${all.length + 1} numbers`, `${widths.length}`)
    const states = values.records('steps', all.length)
    const parts = {
      steps: all.map((step, i): Transformer =>
        restore(clone(step), states[i]!.state as LearnedState),
      ),
      learner: restore(clone<Estimator>(learner), values.record('learner') as LearnedState),
      widths,
      takes: values.oneOf('takes', ['mapped', 'raw']),
      copiedBytes: values.number('copiedBytes', 0),
    }
    const terms = values.oneOf('isLinear', [true, false]) ? this.#termsOf(values, parts) : undefined
    return {
      ...joinMember(member, parts, { partition, partitions }),
      column,
      output,
      fitSeconds: [],
      predictSeconds: [],
      ...(terms !== undefined && { terms }),
    }
  }

  #outputOf(values: LearnedValues): MemberOutput {
    const method = values.oneOf('method', ['predict', 'predictProba', 'decisionFunction'])
    const all = this.labels?.length ?? 0
    const classes = values.number('classes', 0, all)
    if (classes !== 0 && classes !== all) throw values.refuse('classes', `0 or ${all}`)
    const rowShape = shapeOf(values, 'rowShape')
    const expected = all === 0 ? this.#rowShape : classes === 0 ? [] : [classes === 2 ? 1 : classes]
    if (String(rowShape) !== String(expected))
      throw values.refuse('rowShape', `[${expected.join(', ')}]`)
    if (classes === 0 && method !== 'predict') throw values.refuse('method', "'predict'")
    return { method, classes, rowShape }
  }

  /** Linear functions of raw columns, in place of the steps and the learner. */
  #termsOf(values: LearnedValues, { steps, learner }: FittedParts): readonly LinearTerms[] {
    const maps = steps.flatMap((step) => (isColumnScaling(step) ? [step.affine()] : []))
    if (!isLinearModel(learner) || maps.length < steps.length)
      throw values.refuse('isLinear', 'false of this learner')
    const terms = learner.linearTerms().map((one) => maps.reduceRight(onRawColumns, one))
    const count = this.labels === undefined ? (this.#rowShape[0] ?? 1) : 1
    const fits = terms.every(({ coefficients }) => coefficients.length === this.width)
    if (fits && terms.length === count) return terms
    throw values.refuse('learner', `${count} linear functions of ${this.width} columns`, 'others')
  }
}

function readScores(values: LearnedValues): ScoreTable {
  const scores = values.within('scores_')
  const skipped = scores.records('skipped').map((row) => ({
    name: row.anyText('name'),
    reason: row.anyText('reason'),
    ...(row.has('fold') && { fold: row.number('fold', 0) }),
  }))
  return new ScoreTable({
    scorer: scores.anyText('scorer'),
    greaterIsBetter: scores.oneOf('greaterIsBetter', [true, false]),
    learners: scores.records('learners').map((row) => ({
      ...readScoreRow(row),
      correlation: row.anyNumber('correlation'),
    })),
    ensemble: scores.orNull('ensemble', () => readScoreRow(scores.within('ensemble'))) ?? undefined,
    nested: scores.orNull('nested', () => readScoreRow(scores.within('nested'))) ?? undefined,
    skipped,
  })
}

/** Reads a line of a table of scores. @throws OneCopyError `ERR_FORMAT` */
export function readScoreRow(row: LearnedValues): ScoreRow {
  const folds = Array.from<unknown>(row.list('folds'))
  if (!folds.every((score) => typeof score === 'number'))
    throw row.refuse('folds', 'a list of numbers')
  return {
    name: row.anyText('name'),
    score: row.anyNumber('score'),
    spread: row.anyNumber('spread'),
    standardError: row.anyNumber('standardError'),
    folds,
    fitSeconds: row.anyNumber('fitSeconds'),
    predictSeconds: row.anyNumber('predictSeconds'),
  }
}

/** Shape of one row: no axis or one. */
function shapeOf(values: LearnedValues, name: string): readonly number[] {
  const shape = Array.from<unknown>(values.list(name))
  const isLength = (one: unknown): one is number =>
    Number.isInteger(one) && (one as number) >= 1 && (one as number) < 2 ** 31
  if (shape.length <= 1 && shape.every(isLength)) return shape
  throw values.refuse(name, 'a shape of at most one axis')
}
