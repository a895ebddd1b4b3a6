/** A form for the inputs of a model, and its answer. */

import { byId, make } from './dom.ts'
import { addressOf, type Answer, call, type Model } from './server-calls.ts'

/** More columns than this are given in one field, with commas between them. */
const mostFields = 60

/** Reads the row that the fields hold. */
type ReadRow = () => unknown

let listening: AbortController | undefined

/** Shows the inputs of a model as fields. */
export function showForm(model: Model): void {
  const fields = byId('fields')
  fields.replaceChildren()
  const readRow = hasNames(model) ? namedFields(fields, model) : numberFields(fields, model)
  const form = byId('form')
  const showCall = (): void => {
    byId('call').textContent =
      `curl ${addressOf(`predict/${model.name}`)} -H 'content-type: application/json' -d '${JSON.stringify([readRow()]).replaceAll("'", "'\\''")}'`
  }
  // Another model has other fields: listeners of the last one go.
  listening?.abort()
  listening = new AbortController()
  const { signal } = listening
  form.addEventListener('input', showCall, { signal })
  form.addEventListener(
    'submit',
    (event) => {
      event.preventDefault()
      void predict(model, readRow())
    },
    { signal },
  )
  showCall()
  byId('answer').replaceChildren()
}

/** Models of an array have one input, of all columns. */
function hasNames({ inputs }: Model): boolean {
  return inputs.some(({ name }) => name !== 'X') || inputs[0]?.shape[1] === 1
}

function namedFields(fields: HTMLElement, { inputs, parameters }: Model): ReadRow {
  const readers = inputs.map(({ name, datatype }): [string, () => unknown] => {
    if (datatype !== 'BYTES') return [name, addNumber(fields, name)]
    const choice = make('select')
    choice.append(make('option', '', ''))
    for (const text of parameters.categories?.[name] ?? []) choice.append(make('option', '', text))
    choice.selectedIndex = Math.min(1, choice.options.length - 1)
    addField(fields, name, choice)
    return [name, () => (choice.selectedIndex === 0 ? null : choice.value)]
  })
  return () => Object.fromEntries(readers.map(([name, read]) => [name, read()]))
}

function numberFields(fields: HTMLElement, { inputs }: Model): ReadRow {
  const width = inputs[0]!.shape[1]!
  if (width >= 1 && width <= mostFields) {
    const readers = Array.from({ length: width }, (_, j) => addNumber(fields, `column ${j}`))
    return () => readers.map((read) => read())
  }
  const area = make('textarea')
  area.value = Array.from({ length: Math.max(1, width) }, () => '0').join(', ')
  addField(fields, 'all columns, with commas between them', area)
  return () => area.value.split(',').map((text) => (text.trim() === '' ? null : Number(text)))
}

function addNumber(fields: HTMLElement, name: string): () => number | null {
  const input = make('input')
  input.type = 'number'
  input.step = 'any'
  input.value = '0'
  addField(fields, name, input)
  return () => (input.value === '' ? null : Number(input.value))
}

function addField(fields: HTMLElement, name: string, input: HTMLElement): void {
  fields.append(make('label', '', '', make('span', '', name), input))
}

async function predict(model: Model, row: unknown): Promise<void> {
  const answer = byId('answer')
  const start = performance.now()
  try {
    const response = await call(`predict/${model.name}`, [row])
    const found = (await response.json()) as Answer
    const ms = performance.now() - start
    answer.replaceChildren(
      make('p', 'prediction', String(found.predictions[0])),
      ...barsOf(found),
      make('p', 'notes', `Answered in ${ms.toFixed(1)} ms, seen from this page.`),
    )
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error)
    answer.replaceChildren(make('p', 'problem', text))
  }
}

/** A bar for each class, the likeliest first. */
function barsOf({ classes, probabilities }: Answer): HTMLElement[] {
  const row = probabilities?.[0]
  if (row === undefined || classes === undefined) return []
  return classes
    .map((label, k) => [String(label), row[k] ?? 0] as const)
    .sort(([, a], [, b]) => b - a)
    .slice(0, 12)
    .map(([label, share]) => {
      const bar = make('div', 'bar')
      bar.style.width = `${(100 * share).toFixed(1)}%`
      return make(
        'div',
        'class-row',
        '',
        make('span', 'class-name', label),
        make('div', 'track', '', bar),
        make('span', 'share', `${(100 * share).toFixed(1)} %`),
      )
    })
}
