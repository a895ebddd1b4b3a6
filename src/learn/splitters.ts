/** Splitters: which rows are trained on, and which are tested. */

export type { RowLabels, SplitRows, Splitter } from './contract/splitter.ts'
export { BlendSplit, type BlendSplitOptions } from './splits/blend-split.ts'
export {
  type ClusterFinder,
  type ClusterFunction,
  ClusteredSubsets,
  type ClusteredSubsetsOptions,
} from './splits/clustered-subsets.ts'
export { GroupKFold, type GroupKFoldOptions } from './splits/group-k-fold.ts'
export { KFold, type KFoldOptions } from './splits/k-fold.ts'
export { LeaveOneGroupOut } from './splits/leave-one-group-out.ts'
export { PredefinedSplit, type PredefinedSplitOptions } from './splits/predefined-split.ts'
export { RepeatedKFold, type RepeatedKFoldOptions } from './splits/repeated-k-fold.ts'
export { ShuffleSplit, type ShuffleSplitOptions } from './splits/shuffle-split.ts'
export { StratifiedGroupKFold } from './splits/stratified-group-k-fold.ts'
export { StratifiedKFold } from './splits/stratified-k-fold.ts'
export { SubsetSplit, type SubsetSplitOptions } from './splits/subset-split.ts'
export { TemporalSplit, type TemporalSplitOptions } from './splits/temporal-split.ts'
export { trainTestSplit, type TrainTestSplitOptions } from './splits/train-test-split.ts'
