/** What other modules of onecopy use of `monitor` beyond its public door. */

export { parseBytes } from './budget/budget-text.ts'
export type { CommandEnding } from './record/run-data.ts'
export { readStatFields } from './proc/stat-fields.ts'
export { drawRun } from './report/draw-run.ts'
export { pageFiles } from './plot/page/browser-files.ts'
export { sourceHash } from './plot/page/source-hash.ts'
