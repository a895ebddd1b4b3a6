/** Divides LightGBM's text model into fields of the model and of trees. */

import { OneCopyError, show } from '../../errors.ts'
import { ModelLines } from './model-lines.ts'

/** Fields of a model file. */
export interface LightGBMLines {
  readonly model: ModelLines
  readonly trees: readonly ModelLines[]
}

/**
 * Reads lines up to `end of trees`; importances and parameters that follow are passed over.
 *
 * @throws OneCopyError `ERR_FORMAT`
 */
export function splitLines(path: string, text: string): LightGBMLines {
  const model = new ModelLines(path, 'the model')
  const trees: ModelLines[] = []
  let current = model
  let number = 0
  for (let at = 0; at < text.length; number++) {
    let end = text.indexOf('\n', at)
    if (end === -1) end = text.length
    const line = text.slice(at, text[end - 1] === '\r' ? end - 1 : end)
    at = end + 1
    if (number === 0) {
      if (line !== 'tree') throw refuseStart(path, line)
      continue
    }
    if (line === '') continue
    if (line === 'end of trees') return { model, trees }
    if (line.startsWith('Tree=')) {
      const name = `tree ${trees.length}`
      if (line !== `Tree=${trees.length}`)
        throw refuseLine(path, number, `Tree=${trees.length}`, line)
      current = new ModelLines(path, name)
      trees.push(current)
      continue
    }
    current.add(line, number + 1)
  }
  throw new OneCopyError(
    'ERR_FORMAT',
    `Expected the line 'end of trees' in ${path}, got the end of the file after ${trees.length} trees. The file is cut off.`,
    { details: { path, trees: trees.length } },
  )
}

function refuseStart(path: string, line: string): OneCopyError {
  return new OneCopyError(
    'ERR_FORMAT',
    `Expected ${path} to be LightGBM's text model, whose first line is 'tree', got ${show(line)}. Save it by \`booster.save_model(path)\`.`,
    { details: { path, line: 1 } },
  )
}

function refuseLine(path: string, number: number, expected: string, line: string): OneCopyError {
  return new OneCopyError(
    'ERR_FORMAT',
    `Expected '${expected}' in line ${number + 1} of ${path}, got ${show(line)}. The file is damaged.`,
    { details: { path, line: number + 1 } },
  )
}
