/** The module of docs/save-models.md, which saves what models have learned. */

import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../..')

export interface SavedState {
  saveState(folder: string, model: object): Promise<void>
  loadState<M>(folder: string, model: M): Promise<M>
}

/**
 * The module of the page, on the sources.
 *
 * @param folder - where it is written
 */
export async function documentedModule(folder: string): Promise<SavedState> {
  const page = readFileSync(join(root, 'docs/save-models.md'), 'utf8')
  const [, code] = /```ts\n\/\/ saved-state\.ts\n([\s\S]*?)```/.exec(page)!
  const path = join(folder, 'saved-state.ts')
  const source = code!
    .replace("'onecopy/learn'", `'${root}/src/learn/index.ts'`)
    .replace("'onecopy'", `'${root}/src/index.ts'`)
  writeFileSync(path, source)
  return (await import(path)) as SavedState
}
