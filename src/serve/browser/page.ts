/** The page of a server: its models, a form, live figures. */

import { byId, make } from './dom.ts'
import { startLivePanel } from './live-panel.ts'
import { showForm } from './model-form.ts'
import { showModel } from './model-table.ts'
import { call, KeyNeeded, type Model, useKey } from './server-calls.ts'

const keyForm = byId('key-form')
keyForm.addEventListener('submit', (event) => {
  event.preventDefault()
  useKey((byId('key') as HTMLInputElement).value)
  void start()
})

async function start(): Promise<void> {
  const problem = byId('problem')
  try {
    const response = await call('v2/models')
    const { models } = (await response.json()) as { readonly models: readonly Model[] }
    keyForm.hidden = true
    problem.textContent = ''
    byId('content').hidden = false
    showModels(models)
    startLivePanel()
  } catch (error) {
    if (error instanceof KeyNeeded) keyForm.hidden = false
    problem.textContent = error instanceof Error ? error.message : String(error)
  }
}

function showModels(models: readonly Model[]): void {
  const choice = byId('models') as HTMLSelectElement
  choice.replaceChildren(...models.map(({ name }) => make('option', '', name)))
  byId('choice').hidden = models.length < 2
  const show = (): void => {
    const model = models[choice.selectedIndex]!
    byId('name').textContent = model.name
    document.title = `${model.name} \u2013 onecopy`
    showModel(model)
    showForm(model)
  }
  choice.addEventListener('change', show)
  show()
}

void start()
