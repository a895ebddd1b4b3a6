/** Exports for other modules of onecopy only. */

export { isLinearModel, LinearModel } from './linear/linear-model.ts'
export { type AffineTransformer, isAffineTransformer } from './contract/moments-estimator.ts'
export { Moments } from './statistics/moments.ts'
export { onRawColumns, predictLinear } from './linear/predict-linear.ts'
export type { NeighborAlgorithm } from './neighbors/neighbor-index.ts'
export { QrFactor } from './statistics/qr-factor.ts'
