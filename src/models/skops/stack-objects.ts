/** Stacked models of scikit-learn as ours. */

import { zeros } from '../../arrays/index.ts'
import {
  type Estimator,
  isEstimator,
  learnedState,
  type LearnedState,
  Pipeline,
  restore,
  SuperLearner,
} from '../../learn/index.ts'
import { chooseOutput, type MemberOutput, splitFitted, widthOf } from '../../learn/internal.ts'
import type { ConvertInner, Converter, FittedObject } from './converter.ts'
import type { ObjectFields } from './object-fields.ts'
import { showSkops } from './skops-values.ts'

/** What makes our ensembles of objects of these classes. */
export const stackConverters: Readonly<Record<string, Converter>> = {
  'ensemble.StackingRegressor': (fields, inner) => stack(fields, inner, undefined),
  'ensemble.StackingClassifier': (fields, inner) => stack(fields, inner, fields.labels('classes_')),
}

/** What is stacked of a learner, as scikit-learn calls it. */
const methods = {
  predict: 'predict',
  predict_proba: 'predictProba',
  decision_function: 'decisionFunction',
} as const

async function stack(
  fields: ObjectFields,
  inner: ConvertInner,
  labels: Float64Array | (string | boolean)[] | undefined,
): Promise<FittedObject> {
  fields.require('passthrough', (value) => value !== true, 'False')
  const classes = labels?.length ?? 0
  const learners: [name: string, fitted: FittedObject][] = []
  const names = namesOf(fields)
  for (const [i, one] of fields.list('estimators_').entries())
    learners.push([names[i]!, await learnerOf(fields, inner, one, `estimators_[${i}]`, classes)])
  const [first] = learners
  if (first === undefined || learners.length !== names.length)
    throw fields.refuse('estimators_', `${names.length} learners`, `${learners.length}`)
  const { columns } = first[1]
  if (learners.some(([, one]) => one.columns !== columns))
    throw fields.refuse('estimators_', `learners of ${columns} columns`, 'others')
  const outputs = learners.map(([name, { model }], i) =>
    outputOf(fields, name, model as Estimator, i, classes),
  )
  const width = outputs.reduce((sum, output) => sum + widthOf(output), 0)
  const meta = await learnerOf(
    fields,
    inner,
    fields.need('final_estimator_'),
    'final_estimator_',
    classes,
  )
  if (meta.columns !== width)
    throw fields.refuse(
      'final_estimator_',
      `a learner of ${width} columns`,
      `one of ${meta.columns}`,
    )
  const model = new SuperLearner({ task: classes === 0 ? 'regression' : 'classification' })
    .add(Object.fromEntries(learners.map(([name, one]) => [name, one.model as Estimator])))
    .addMeta(meta.model as Estimator)
  const combined = meta.model as Estimator
  const restored = restore(model, {
    className_: 'SuperLearner',
    columnsIn_: columns,
    ...(labels !== undefined && { classes_: labels }),
    targetShape_: [],
    layers_: [
      {
        partitions: 1,
        columns: new Int32Array(),
        propagated: [],
        members: learners.map(([name, one], i) =>
          stateOf(name, one.model as Estimator, outputs[i]!, columns),
        ),
      },
    ],
    meta_: stateOf('meta', combined, plannedOutput('meta', combined, classes), width),
    scores_: {
      scorer: classes === 0 ? 'rmse' : 'accuracy',
      greaterIsBetter: classes !== 0,
      learners: [],
      ensemble: null,
      nested: null,
      skipped: [],
    },
  })
  return { model: restored as unknown as Estimator, columns, fields: first[1].fields }
}

/** Names of the learners that were not left out. */
function namesOf(fields: ObjectFields): string[] {
  const names = fields.list('estimators').flatMap((pair, i) => {
    const [name, learner] = Array.isArray(pair) ? (pair as unknown[]) : []
    if (learner === 'drop') return []
    const isName =
      typeof name === 'string' &&
      /^[^.]+$/.test(name) &&
      !/^(?:__proto__|meta|layer-\d+|\d+)$/.test(name)
    if (isName) return [name]
    throw fields.refuse(
      `estimators[${i}]`,
      'a name without dots, other than meta, and a learner',
      String(name),
    )
  })
  if (new Set(names).size === names.length) return names
  throw fields.refuse('estimators', 'different names', 'others')
}

async function learnerOf(
  fields: ObjectFields,
  inner: ConvertInner,
  value: Parameters<ConvertInner>[0],
  at: string,
  classes: number,
): Promise<FittedObject> {
  const fitted = await inner(value, fields.placeOf(at))
  const { model } = fitted
  if (!isEstimator(model)) throw fields.refuse(at, 'a learner', showSkops(value))
  const own = (model as { readonly classes_?: unknown }).classes_
  const isCoded =
    own instanceof Float64Array && own.length === classes && own.every((code, k) => code === k)
  if (classes > 0 ? isCoded : own === undefined) return fitted
  const expected =
    classes > 0 ? `a classifier of the numbers of ${classes} classes` : 'a learner of numbers'
  throw fields.refuse(at, expected, 'another', ' Refit the stack without `cv="prefit"`.')
}

function outputOf(
  fields: ObjectFields,
  name: string,
  model: Estimator,
  at: number,
  classes: number,
): MemberOutput {
  const planned = plannedOutput(name, model, classes)
  const used = fields.list('stack_method_')[at]
  if (
    typeof used === 'string' &&
    Object.hasOwn(methods, used) &&
    methods[used as keyof typeof methods] === planned.method
  )
    return planned
  const expected = Object.entries(methods).find(([, own]) => own === planned.method)![0]
  throw fields.refuse(
    `stack_method_[${at}]`,
    `'${expected}'`,
    showSkops(fields.list('stack_method_')[at]),
  )
}

function plannedOutput(name: string, learner: Estimator, classes: number): MemberOutput {
  return chooseOutput({ name, learner }, { y: zeros([1]), classes })
}

/** Learned values of a member; those of a pipeline are taken apart. */
function stateOf(
  name: string,
  model: Estimator,
  { method, classes, rowShape }: MemberOutput,
  columns: number,
): Readonly<Record<string, LearnedState[string]>> {
  const parts = partsOf(model)
  return {
    name,
    partition: 0,
    method,
    classes,
    rowShape,
    steps: parts.steps.map((step) => learnedState(step)),
    learner: learnedState(parts.learner),
    widths: Int32Array.from([columns, ...parts.widths]),
    takes: 'mapped',
    copiedBytes: 0,
    isLinear: false,
  }
}

/** The fitted steps before a learner, those of pipelines within pipelines included. */
function partsOf(model: unknown): {
  steps: Parameters<typeof learnedState>[0][]
  learner: Estimator
  widths: number[]
} {
  if (!(model instanceof Pipeline)) return { steps: [], learner: model as Estimator, widths: [] }
  const { steps, learner, widths } = splitFitted(model)
  const inner = partsOf(learner)
  return {
    steps: [...steps, ...inner.steps],
    learner: inner.learner,
    widths: [...Array.from(widths).slice(1), ...inner.widths],
  }
}
