/** Exports for other modules of onecopy only. */

export { importClass } from './class-modules.ts'
export { isLinearModel, LinearModel } from './linear/linear-model.ts'
export { type AffineTransformer, isAffineTransformer } from './contract/moments-estimator.ts'
export { Moments } from './statistics/moments.ts'
export { onRawColumns, predictLinear } from './linear/predict-linear.ts'
export type { NeighborAlgorithm } from './neighbors/neighbor-index.ts'
export { QrFactor } from './statistics/qr-factor.ts'
export { requireScorer, scorerNames } from './scores/scorer-names.ts'
export { FoldScores } from './outputs/fold-scores.ts'
export { likeliestCodes } from './outputs/class-predictions.ts'
export { chooseOutput, type MemberOutput, outputColumns, widthOf } from './outputs/member-output.ts'
export type { StackTarget } from './outputs/stack-target.ts'
export { splitFitted } from './pipelines/pipeline-parts.ts'
export { kebabCase } from './pipelines/kebab-case.ts'
export type { FittedModel } from './inspection/predict-changed.ts'
export { packTrees } from './trees/packing/pack-trees.ts'
export {
  findWrongChild,
  type IntervalSplit,
  mostDepth,
  type SplitTree,
} from './trees/packing/split-tree.ts'
export { TreeNodes } from './trees/tree-nodes.ts'
export type { RegressionLoss } from './trees/gradient-boosting-regressor.ts'
export { hasPrediction } from './contract/classifier.ts'
export { requireParts } from './pipelines/column-parts.ts'
export { nameSteps } from './pipelines/named-steps.ts'
