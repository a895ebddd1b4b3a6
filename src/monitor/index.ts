/** The truth about the memory of a process tree. */

export { startMonitor } from './monitor.ts'
export type { MemoryMonitor, MonitorOptions } from './monitor.ts'
export type { MemoryPeak, MemoryReport } from './peaks.ts'
export { sampleTree } from './sample.ts'
export type { ProcessSample, TreeSample } from './sample.ts'
export type { MemoryTotals } from './totals.ts'
export type { ProcessStat, Rollup, StatusMemory } from './proc.ts'
export type { Segment } from './segments.ts'
