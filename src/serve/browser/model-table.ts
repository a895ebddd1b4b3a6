/** Shows the inputs and outputs of a model. */

import { byId, make } from './dom.ts'
import type { Model, Tensor } from './server-calls.ts'

/** More rows than this are counted only. */
const mostRows = 200
const mostTexts = 8

/** Shows a model. */
export function showModel(model: Model): void {
  const { kind, classes } = model.parameters
  const about = [kind, `version ${model.versions.join(', ')}`]
  if (classes !== undefined) about.push(`${classes.length} classes`)
  byId('about').textContent = about.join(' \u00b7 ')
  const inputs = model.inputs.slice(0, mostRows).map((input) => rowOf(input, textsOf(model, input)))
  if (model.inputs.length > mostRows)
    inputs.push(rowOf(undefined, `and ${model.inputs.length - mostRows} more`))
  byId('inputs').replaceChildren(...inputs)
  byId('outputs').replaceChildren(
    ...model.outputs.map((output) =>
      rowOf(output, output.name === 'predict_proba' ? listed((classes ?? []).map(String)) : ''),
    ),
  )
}

function rowOf(tensor: Tensor | undefined, notes: string): HTMLElement {
  const cells = [
    tensor?.name ?? '',
    tensor?.datatype ?? '',
    tensor === undefined ? '' : `[${tensor.shape.join(', ')}]`,
    notes,
  ]
  return make('tr', '', '', ...cells.map((text) => make('td', '', text)))
}

function textsOf({ parameters }: Model, { name }: Tensor): string {
  return listed(parameters.categories?.[name] ?? [])
}

function listed(texts: readonly string[]): string {
  const rest = texts.length - mostTexts
  return texts.slice(0, mostTexts).join(', ') + (rest > 0 ? ` and ${rest} more` : '')
}
