/** The only door to the C++ core; its interfaces are the contract. */

export type { NativeCore, ProcessCore, SimdLevel } from './core.ts'
export type {
  GenotypeCalls,
  GenotypeCore,
  GenotypeSites,
  IndividualCalls,
  KernelCodes,
  KernelTextColumn,
  KernelTexts,
  LineForm,
  WrittenGenotypes,
} from './genotype-core.ts'
export type {
  Gradients,
  KernelColumn,
  KernelColumns,
  KernelCore,
  KernelMatrix,
  KernelRows,
  MomentSums,
  Triangles,
} from './kernel-core.ts'
export { native } from './load.ts'
export type {
  ColumnRanges,
  LogisticCore,
  LogisticModel,
  LogisticModels,
  LogisticRows,
  LogisticSums,
} from './logistic-core.ts'
export type { AtomicCore, HeldMemory, MappedMemory, MemoryCore } from './memory-core.ts'
export type {
  ClusterCenters,
  ClusterCore,
  ClusterResults,
  ClusterRows,
  ClusterSums,
} from './cluster-core.ts'
export type {
  NeighborCore,
  NeighborLists,
  NeighborMeans,
  RangeMeans,
  RangeSearch,
  NeighborSearch,
  NeighborTree,
} from './neighbor-core.ts'
export type {
  NetworkActivation,
  NetworkModel,
  NetworkRows,
  NetworkShape,
  NetworkTraining,
  NeuralCore,
  TrainedNetwork,
} from './neural-core.ts'
export type {
  LinearSvmOptions,
  SvmCore,
  SvmKernel,
  SvmModel,
  SvmRows,
  SvmSolutions,
  SvmStopping,
} from './svm-core.ts'
export type { ConditionStep, TableCells } from './table-core.ts'
export type {
  BinEdges,
  BinnedRows,
  BoostedTrees,
  BoostingOptions,
  ForestOptions,
  ForestTrees,
  ColumnSets,
  GrownTrees,
  KnownTrees,
  GrowthOptions,
  TreeCore,
  TreeModel,
} from './tree-core.ts'
export { stopJobsOn } from './stop-jobs.ts'
export { kernelThreads, setKernelThreads } from './kernel-threads.ts'
