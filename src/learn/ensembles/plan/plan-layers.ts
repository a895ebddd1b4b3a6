/** Plans the folds of all layers before anything is fitted. */

import type { Rows } from '../../../arrays/index.ts'
import type { Splitter } from '../../contract/splitter.ts'
import type { LayerFolds } from '../folds/layer-folds.ts'
import { inOrderOf, type SplitInputs, splitLayer } from '../folds/split-layer.ts'
import { requireWeighedFolds } from '../folds/layer-data.ts'
import type { LayerSpec } from './layer-spec.ts'

/**
 * Splits the rows of each layer: all rows for the first one, then those that have predictions of the layer before, in the order of `rows`.
 *
 * @param ensembleFolds - for layers without folds of their own
 * @param rows - those that the first layer splits, each once, in any order; undefined: all
 * @throws what splitters throw; OneCopyError `ERR_ROWS` for a fold without a row of positive weight
 */
export async function planLayers(
  layers: readonly LayerSpec[],
  ensembleFolds: number | Splitter,
  given: SplitInputs & { readonly weights: Float64Array | undefined },
  rows?: Rows,
): Promise<LayerFolds[]> {
  const planned: LayerFolds[] = []
  let chosen = rows
  for (const { folds = ensembleFolds } of layers) {
    const split = await splitLayer(folds, given, chosen)
    requireWeighedFolds(split.folds.slice(0, split.splits), given.weights)
    planned.push(split)
    chosen = inOrderOf(chosen, split.predicted, given.y.shape[0]!)
  }
  return planned
}
