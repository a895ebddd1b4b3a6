/** What other modules of onecopy use of `serve` beyond its public door. */

export { parseModelFiles } from './fleet/model-files.ts'
export { type RunningService, startService } from './fleet/start-service.ts'
