/** What an automatic ensemble has fitted, and the model of it. */

import type { NDArray } from '../../arrays/index.ts'
import type { LayerFolds } from '../ensembles/folds/layer-folds.ts'
import { Pipeline } from '../pipelines/pipeline.ts'
import { sizesOf } from './candidates/fewer-trees.ts'
import type { FittedCandidate } from './candidates/fitted-candidate.ts'
import { type AutoMember, type AutoModel, modelsOf } from './predict-auto.ts'
import type { ScoredCandidate } from './score-candidates.ts'
import type { StackLayer } from './stack-layer.ts'
import type { WeighedCandidates } from './weigh-candidates.ts'

/** Fitted candidates of a layer. */
export interface WholeLayer {
  readonly fitted: readonly ScoredCandidate[]
  readonly folds: LayerFolds
  /** Weights of the candidates of this layer and of those before. */
  readonly weighed: WeighedCandidates
}

/** All that was fitted. */
export interface WholeFit {
  readonly layer1: WholeLayer
  readonly layer2: (WholeLayer & Pick<StackLayer, 'propagated'>) | undefined
  readonly encoder: AutoModel['encoder']
  /** Predictions of all candidates side by side. */
  readonly Z: NDArray<'float64'>
}

/** The candidates of both layers. */
export function candidatesOf({ layer1, layer2 }: WholeFit): ScoredCandidate[] {
  return [...layer1.fitted, ...(layer2?.fitted ?? [])]
}

/** What predicts new rows. */
export function modelOf({ layer1, layer2, encoder }: WholeFit): AutoModel {
  const { meta, weights } = (layer2 ?? layer1).weighed
  const member = ({ candidate, output, member }: FittedCandidate, i: number): AutoMember => {
    const { name, input } = candidate
    const sizes = sizesOf(candidate)
    const models = modelsOf(member)
    const hasSteps = candidate.preprocess.length > 0 && models[0] instanceof Pipeline
    return { name, input, output, models, weight: weights[i]!, sizes, hasSteps }
  }
  const { length } = layer1.fitted
  return {
    encoder,
    layer1: layer1.fitted.map(member),
    layer2: (layer2?.fitted ?? []).map((one, i) => member(one, length + i)),
    propagated: layer2?.propagated ?? [],
    meta,
  }
}
