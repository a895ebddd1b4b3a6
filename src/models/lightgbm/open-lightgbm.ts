/** Opens models of LightGBM. */

import { OneCopyError } from '../../errors.ts'
import type { GradientBoostingClassifier, GradientBoostingRegressor } from '../../learn/index.ts'
import { makeBoosted, mostColumns } from '../boosted/boosted-model.ts'
import {
  type BoostedFileOptions,
  chooseRounds,
  requireBoostedOptions,
} from '../boosted/boosted-options.ts'
import { readModelFile } from '../boosted/read-model-file.ts'
import type { ModelLines } from './model-lines.ts'
import { readObjective } from './objective.ts'
import { splitLines } from './split-lines.ts'
import { treeOfLines } from './tree-of-lines.ts'

/** Versions of the format, of LightGBM 2 to 4. */
const versions = ['v2', 'v3', 'v4']

/**
 * Opens a model that LightGBM saved as text, by `booster.save_model('model.txt')` in Python. It predicts what LightGBM predicts:
 * every split is taken over as it is, for float64 values, missing values and categories, which are whole numbers. Nothing
 * in the file is run, and every index in it is checked.
 *
 * The file has the best number of rounds when LightGBM stopped early; `rounds` keeps fewer. Names of columns other than
 * LightGBM's own (`Column_0`) are kept, so that the model predicts tables. `loss_` is `'squared'` where onecopy has no loss of the
 * model's objective.
 *
 * @param path - a file that no one changes meanwhile; at most 511 MiB
 * @returns a fitted `GradientBoostingClassifier` for the objectives `binary`, `multiclass` and `cross_entropy`, else a
 *   `GradientBoostingRegressor`, which predicts scores for objectives of ranks
 * @throws OneCopyError `ERR_FILE` when the file can't be read; `ERR_FORMAT`, with the line, when it is damaged, or has linear
 *   trees or an objective without counterpart (`multiclassova`, `cross_entropy_lambda`, `regression sqrt`); `ERR_OPTION`
 *
 * @example
 * ```ts
 * const model = await openLightGBM('model.txt')
 * const predicted = await model.predict(X)
 * ```
 *
 * @see lightgbm.readthedocs.io/en/latest/C-API.html#c.LGBM_BoosterSaveModel
 */
export async function openLightGBM(
  path: string | URL,
  options: BoostedFileOptions = {},
): Promise<GradientBoostingRegressor | GradientBoostingClassifier> {
  requireBoostedOptions('openLightGBM', options)
  const file = await readModelFile(path)
  return parseLightGBM(file.path, file.bytes.toString('utf8'), options)
}

/** Makes a model of LightGBM's text. @throws as {@link openLightGBM} does */
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
