/** Measures the memory of a process tree. */

export { startMonitor, type MemoryMonitor, type MonitorOptions } from './watch/monitor.ts'
export { mark } from './marks/mark.ts'
export type { PhaseDetails } from './marks/mark-file.ts'
export { publishHeap, type HeapPublisher } from './marks/publish-heap.ts'
export {
  objectGrowth,
  type GrowthRow,
  type GrowthTracker,
  type ObjectGrowth,
  type ObjectGrowthOptions,
} from './heap/object-growth.ts'
export { MemoryReport, plotReports, readReport } from './report/report.ts'
export { checkBudgets, type BudgetBreach } from './budget/budget.ts'
export { parseBudget } from './budget/budget-text.ts'
export { expectPeakBelow, type PeakOptions } from './budget/budget-expect.ts'
export { openLivePage } from './live/open-live-page.ts'
export type { LivePage, LivePageOptions } from './live/live-page.ts'
export type { Comparison, ComparisonRow } from './report/comparison.ts'
export type { MemoryPeak } from './record/peak-keeper.ts'
export type { PhaseReport } from './record/phase-peaks.ts'
export type { Budget } from './plot/figure/annotations.ts'
export type { PictureOptions } from './plot/figure/picture.ts'
export type { TerminalOptions } from './plot/terminal/draw-terminal.ts'
export type { RunData } from './record/run-data.ts'
export { sampleTree, type ProcessSample, type TreeSample } from './sampling/sample.ts'
export type { MemoryTotals } from './proc/totals.ts'
