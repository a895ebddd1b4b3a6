/** The truth about the memory of a process tree. */

export { startMonitor } from './monitor.ts'
export type { MemoryMonitor, MonitorOptions } from './monitor.ts'
export { mark } from './mark.ts'
export type { PhaseDetails } from './mark-file.ts'
export { publishHeap } from './publish-heap.ts'
export type { HeapPublisher } from './publish-heap.ts'
export type { IsolateHeap } from './heap-page.ts'
export { objectGrowth } from './object-growth.ts'
export type {
  GrowthRow,
  GrowthTracker,
  ObjectGrowth,
  ObjectGrowthOptions,
} from './object-growth.ts'
export { MemoryReport, plotReports, readReport } from './report.ts'
export { checkBudgets } from './budget.ts'
export type { BudgetBreach } from './budget.ts'
export { parseBudget, parseBytes } from './budget-text.ts'
export { expectPeakBelow } from './budget-expect.ts'
export type { PeakOptions } from './budget-expect.ts'
export { openLivePage } from './live/open-live-page.ts'
export type { LivePage, LivePageOptions } from './live/live-page.ts'
export type { Comparison, ComparisonRow } from './compare.ts'
export type { MemoryPeak } from './peaks.ts'
export type { PhaseReport } from './phases.ts'
export type { Budget } from './plot/annotations.ts'
export type { PictureOptions } from './plot/picture.ts'
export type { TerminalOptions } from './plot/terminal.ts'
export type {
  Column,
  Columns,
  Ending,
  IsolateLine,
  KilledProcess,
  Phase,
  ProcessLine,
  RunData,
  SegmentLine,
} from './run-data.ts'
export { sampleTree } from './sample.ts'
export type { ProcessSample, TreeSample } from './sample.ts'
export type { MemoryTotals } from './totals.ts'
export type { ProcessStat, Rollup, StatusMemory } from './proc.ts'
export type { Segment } from './segments.ts'
export type { CgroupMemory } from './cgroup.ts'
