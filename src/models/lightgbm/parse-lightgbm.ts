/** Makes models of LightGBM's text. */

import { OneCopyError } from '../../errors.ts'
import type { GradientBoostingClassifier, GradientBoostingRegressor } from '../../learn/index.ts'
import { makeBoosted, mostColumns } from '../boosted/boosted-model.ts'
import { type BoostedFileOptions, chooseRounds } from '../boosted/boosted-options.ts'
import type { ModelLines } from './model-lines.ts'
import { readObjective } from './objective.ts'
import { splitLines } from './split-lines.ts'
import { treeOfLines } from './tree-of-lines.ts'

/** Versions of the format, of LightGBM 2 to 4. */
const versions = ['v2', 'v3', 'v4']

/** Makes a model of the text of a file. @throws as `openLightGBM` does */
export function parseLightGBM(
  path: string,
  text: string,
  options: BoostedFileOptions = {},
): GradientBoostingRegressor | GradientBoostingClassifier {
  const { model, trees: sections } = splitLines(path, text)
  if (!versions.includes(model.text('version'))) {
    const found = model.text('version')
    throw model.refuse('version', versions.join(', '), found, 'Save it by LightGBM 2 to 4.')
  }
  const columns = 1 + model.count('max_feature_idx', 0, mostColumns - 1)
  const names = readNames(model, columns)
  const scores = model.count('num_tree_per_iteration', 1, 2 ** 16)
  const rounds = roundsOf(model, sections.length, { path, scores })
  const kept = chooseRounds(options, path, rounds)
  const { task, factor } = readObjective(model, scores)
  const share = model.has('average_output') ? factor / kept : factor
  const read = sections.map((lines) => treeOfLines(lines, columns, share)).slice(0, kept * scores)
  const gains = new Float64Array(columns)
  for (const { tree, gains: own } of read)
    for (const [i, { column }] of tree.splits.entries()) gains[column]! += Math.max(0, own[i]!)
  const trees = read.map(({ tree }) => tree)
  const baselines = Array<number>(scores).fill(0)
  return makeBoosted({ path, task, trees, baselines, rounds: kept, names, gains }, options)
}

/** Names of the columns; undefined when LightGBM has made them up. */
function readNames(model: ModelLines, columns: number): readonly string[] | undefined {
  const names = model.text('feature_names').split(' ')
  if (names.length !== columns || new Set(names).size !== columns) {
    const expected = `${columns} different names, as \`max_feature_idx\` says`
    throw model.refuse('feature_names', expected, `${names.length}`)
  }
  return names.every((name, j) => name === `Column_${j}`) ? undefined : names
}

/** Rounds of trees in the file. */
function roundsOf(
  model: ModelLines,
  trees: number,
  { path, scores }: { readonly path: string; readonly scores: number },
): number {
  const sizes = model.has('tree_sizes') ? model.text('tree_sizes') : undefined
  const expected = sizes === undefined ? trees : sizes === '' ? 0 : sizes.split(' ').length
  if (trees === expected && trees > 0 && trees % scores === 0) return trees / scores
  throw new OneCopyError(
    'ERR_FORMAT',
    `Expected ${expected || 'some'} trees in ${path}, ${scores} for each round, got ${trees}. ` +
      (trees === 0 ? 'Train the model before it is saved.' : 'The file is damaged.'),
    { details: { path, trees, expected } },
  )
}
