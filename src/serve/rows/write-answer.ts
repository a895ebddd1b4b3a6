/** Writes predictions in the form that people have asked for. */

import type { Predicted, PredictedValues } from '../model/model-outputs.ts'
import type { ServedModel } from '../model/served-model.ts'
import { writeNpy } from './npy-rows.ts'
import type { RowForm } from './row-form.ts'

/** What is predicted: targets or labels, with probabilities where the model has them; or probabilities only. */
export type AnswerContent = 'predictions' | 'probabilities'

/** Writes an answer. */
export function writeAnswer(
  form: RowForm,
  content: AnswerContent,
  model: ServedModel,
  predicted: Predicted,
  count: number,
): string | Buffer {
  if (form === 'json') return jsonAnswer(model, predicted, count)
  if (form === 'csv') return csvAnswer(model, predicted, count)
  return writeNpy((content === 'predictions' ? predicted.predict : predicted.predict_proba)!, count)
}

function jsonAnswer(model: ServedModel, predicted: Predicted, count: number): string {
  const { predict, predict_proba: probabilities } = predicted
  return JSON.stringify({
    model: model.name,
    ...(predict && { predictions: listOf(predict, count) }),
    ...(probabilities && { classes: model.classes, probabilities: listOf(probabilities, count) }),
  })
}

/** Values as a list with a value, or a list of values, for each row. */
function listOf({ values, rowShape }: PredictedValues, count: number): unknown[] {
  if (rowShape.length === 0) return [...values]
  const width = rowShape.reduce((product, length) => product * length, 1)
  return Array.from({ length: count }, (_, i) =>
    Array.from<unknown>(values.slice(i * width, (i + 1) * width)),
  )
}

function csvAnswer(model: ServedModel, predicted: Predicted, count: number): string {
  const { predict, predict_proba: probabilities } = predicted
  const parts = [
    ...(predict ? [{ ...predict, names: predictionNames(predict) }] : []),
    ...(probabilities
      ? [{ ...probabilities, names: (model.classes ?? []).map((one) => `probability_${one}`) }]
      : []),
  ]
  const lines = [parts.flatMap(({ names }) => names.map(csvField)).join(',')]
  for (let i = 0; i < count; i++) {
    const fields = parts.flatMap(({ values, names }) =>
      Array.from(values.slice(i * names.length, (i + 1) * names.length), csvField),
    )
    lines.push(fields.join(','))
  }
  return `${lines.join('\n')}\n`
}

function predictionNames({ rowShape }: PredictedValues): string[] {
  const width = rowShape.reduce((product, length) => product * length, 1)
  return width === 1
    ? ['prediction']
    : Array.from({ length: width }, (_, k) => `prediction_${k + 1}`)
}

function csvField(value: string | number | boolean): string {
  const text = typeof value === 'number' && Number.isNaN(value) ? '' : String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
