/** Pipelines and column transformers of scikit-learn as ours. */

import {
  isTransformer,
  ColumnTransformer,
  type ColumnPart,
  type Estimator,
  learnedState,
  type LearnedState,
  Pipeline,
  restore,
  type Transformer,
} from '../../learn/index.ts'
import { NDArray } from '../../arrays/index.ts'
import type { ConvertInner, Converter, FittedObject } from './converter.ts'
import { ObjectFields } from './object-fields.ts'
import { ObjectArray, showSkops, SkopsArray, SkopsObject, type SkopsValue } from './skops-values.ts'

/** What makes our pipelines of objects of these classes. */
export const pipelineConverters: Readonly<Record<string, Converter>> = {
  'pipeline.Pipeline': pipeline,
  'compose.ColumnTransformer': columnTransformer,
}

/** A transformer that has one row for each row. */
interface Mapping {
  rowMap(): { readonly columns: number; readonly width: number }
}

async function pipeline(fields: ObjectFields, inner: ConvertInner): Promise<FittedObject> {
  const list = fields.list('steps')
  const steps: [name: string, fitted: FittedObject][] = []
  for (const [i, pair] of list.entries()) {
    const [name, step] = pairOf(fields, pair, `steps[${i}]`)
    if (!doesNothing(step))
      steps.push([name, await inner(step, `${fields.placeOf('steps')}[${i}][1]`)])
  }
  requireNames(
    fields,
    'steps',
    steps.map(([name]) => name),
  )
  const first = steps[0]
  if (first === undefined)
    throw fields.refuse('steps', 'at least one step that does something', 'none')
  const widths = [first[1].columns]
  for (const [i, [name, { model, columns }]] of steps.entries()) {
    if (columns !== widths.at(-1))
      throw fields.refuse('steps', `${widths.at(-1)} columns before '${name}'`, `${columns}`)
    if (isTransformer(model)) widths.push(widthOf(model))
    else if (i < steps.length - 1)
      throw fields.refuse('steps', 'transformers before the last step', `the learner '${name}'`)
  }
  const model = new Pipeline({
    steps: Object.fromEntries(steps.map(([name, one]) => [name, one.model])),
  })
  const restored = restore(model as Estimator, {
    className_: 'Pipeline',
    steps_: statesOf(steps),
    widths_: Int32Array.from(widths),
    copiedBytes_: 0,
    learnerColumns_: 'mapped',
  })
  // Names of the columns of a table are those of the first step.
  return { model: restored, columns: first[1].columns, fields: first[1].fields }
}

/** A name and what it names. */
function pairOf(fields: ObjectFields, pair: SkopsValue, at: string): [string, SkopsValue] {
  const [name, value = null] = Array.isArray(pair) ? (pair as readonly SkopsValue[]) : []
  if (typeof name === 'string') return [name, value]
  throw fields.refuse(at, 'a name and a step', showSkops(pair))
}

/** Names become keys of objects, so that their order must be that of the file. */
function requireNames(fields: ObjectFields, where: string, names: readonly string[]): void {
  const wrong = names.find(
    (name, i) =>
      !/^[^.]+$/.test(name) || /^(?:__proto__|\d+)$/.test(name) || names.indexOf(name) !== i,
  )
  if (wrong !== undefined)
    throw fields.refuse(where, 'different names without dots that are no numbers', `'${wrong}'`)
}

/** Whether a step leaves rows as they are. */
function doesNothing(step: SkopsValue): boolean {
  if (step === null || step === 'passthrough') return true
  return (
    step instanceof SkopsObject &&
    step.className === 'sklearn.preprocessing._function_transformer.FunctionTransformer' &&
    (step.attributes.get('func') ?? null) === null
  )
}

function statesOf(
  steps: readonly (readonly [string, FittedObject])[],
): Readonly<Record<string, LearnedState>> {
  return Object.fromEntries(steps.map(([name, { model }]) => [name, learnedState(model)]))
}

/** Columns that a fitted transformer makes. */
function widthOf(model: Transformer): number {
  return (model as unknown as Mapping).rowMap().width
}

async function columnTransformer(fields: ObjectFields, inner: ConvertInner): Promise<FittedObject> {
  const count = fields.count('n_features_in_', 1)
  const parts: Record<string, ColumnPart> = {}
  const fitted: [name: string, fitted: FittedObject][] = []
  const widths: number[] = []
  let remainder: Transformer | 'passthrough' | 'drop' = 'drop'
  const names: string[] = []
  for (const [i, triple] of fields.list('transformers_').entries()) {
    const at = `transformers_[${i}]`
    const [name, step, chosen = null] = Array.isArray(triple)
      ? (triple as readonly SkopsValue[])
      : []
    if (typeof name !== 'string' || step === undefined)
      throw fields.refuse(at, 'a name, a transformer and columns', showSkops(triple))
    const columns = columnsOf(fields, chosen, `${at}[2]`, count)
    if (columns.length === 0) continue
    names.push(name)
    let transformer: ColumnPart['transformer'] = 'drop'
    if (doesNothing(step)) {
      transformer = 'passthrough'
      widths.push(columns.length)
    } else if (step !== 'drop') {
      const own = await inner(step, `${fields.placeOf(at)}[1]`)
      if (!isTransformer(own.model) || own.columns !== columns.length)
        throw fields.refuse(at, `a transformer of ${columns.length} columns`, 'another')
      transformer = own.model
      widths.push(widthOf(own.model))
      fitted.push([name, own])
    }
    if (name === 'remainder') remainder = transformer
    else parts[name] = { columns, transformer }
  }
  requireNames(fields, 'transformers_', names)
  if (widths.length === 0)
    throw fields.refuse('transformers_', 'at least one column that is kept', 'none')
  const model = new ColumnTransformer({ transformers: parts, remainder })
  const restored = restore(model, {
    className_: 'ColumnTransformer',
    inputColumns_: count,
    transformers_: statesOf(fitted),
    widths_: Int32Array.from(widths),
  })
  return { model: restored, columns: count, fields }
}

/** Numbers of columns: of a list, a slice, a mask, one number, or names. */
function columnsOf(fields: ObjectFields, chosen: SkopsValue, at: string, count: number): number[] {
  const all = Array.from({ length: count }, (_, j) => j)
  if (chosen instanceof SkopsObject && chosen.loader === 'SliceNode') {
    const [start, stop, step] = ['start', 'stop', 'step'].map(
      (end) => chosen.attributes.get(end) as number | null,
    )
    if ((step ?? 1) !== 1) throw fields.refuse(at, 'a slice of step 1', `step ${step}`)
    return all.slice(start ?? 0, stop ?? count)
  }
  const list = listOf(chosen)
  if (list === undefined) throw fields.refuse(at, 'numbers or names of columns', showSkops(chosen))
  if (list.length === count && list.every((one) => typeof one === 'boolean'))
    return all.filter((j) => list[j] === true)
  const known = fields.value('feature_names_in_')
  const names = known instanceof ObjectArray ? known.values : []
  return list.map((one) => {
    const column =
      typeof one === 'string'
        ? names.indexOf(one)
        : Number(one) < 0
          ? Number(one) + count
          : Number(one)
    if (Number.isInteger(column) && column >= 0 && column < count && typeof one !== 'boolean')
      return column
    throw fields.refuse(at, `columns of ${count}`, showSkops(one))
  })
}

function listOf(chosen: SkopsValue): readonly SkopsValue[] | undefined {
  if (typeof chosen === 'number' || typeof chosen === 'string') return [chosen]
  if (Array.isArray(chosen)) return chosen as readonly SkopsValue[]
  if (chosen instanceof ObjectArray) return chosen.values
  if (!(chosen instanceof SkopsArray) || !(chosen.value instanceof NDArray)) return undefined
  const { value } = chosen
  if (value.ndim !== 1) return undefined
  const numbers = Array.from(value.copy().toTypedArray() as ArrayLike<number | bigint>, Number)
  return value.dtype === 'bool' ? numbers.map((one) => one === 1) : numbers
}
