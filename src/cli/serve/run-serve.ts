/** Runs a server of model files until a signal ends it. */

import type { ServeOptions } from '../../serve/index.ts'
import { parseModelFiles, type RunningService, startService } from '../../serve/internal.ts'
import { requireModelFile } from '../model-files/file-kind.ts'
import { asUsage, errorLine } from '../output/failure.ts'

/** What was asked for. */
interface ServeRequest {
  /** `FILE` or `NAME=FILE`. */
  readonly models: readonly string[]
  readonly workers: number
  readonly port: number
  readonly host: string
  readonly isWatching: boolean
  readonly isQuiet: boolean
  readonly options: Omit<ServeOptions, 'onError'>
}

/** Serves; resolves when a signal has come and all requests have their answers. */
export async function runServe(request: ServeRequest): Promise<void> {
  const { models, workers, port, host, isWatching, isQuiet, options } = request
  const files = await asUsage(() => parseModelFiles(models))
  for (const { path } of files) requireModelFile(path)
  const say = (text: string): void => {
    if (!isQuiet) process.stderr.write(`${text}\n`)
  }
  const service = await asUsage(() =>
    startService({
      files,
      workers,
      port,
      host,
      options,
      isWatching,
      onNote: (text) => process.stderr.write(errorLine(text)),
    }),
  )
  const names = files.map(({ name }) => name).join(', ')
  say(`Serving ${names} at ${service.url} (Ctrl-C to end)`)
  await untilSignal(service, say)
}

/** Reloads at SIGHUP; closes at SIGTERM or Ctrl-C, and at a second one ends at once. */
function untilSignal(service: RunningService, say: (text: string) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const reload = (): void => {
      say('Opening the models anew.')
      void service.reload()
    }
    let isEnding = false
    const end = (signal: NodeJS.Signals): void => {
      if (isEnding) process.exit(128 + (signal === 'SIGINT' ? 2 : 15))
      isEnding = true
      say('Answering what has arrived, then ending.')
      service.close().then(() => {
        process.off('SIGHUP', reload)
        process.off('SIGINT', end)
        process.off('SIGTERM', end)
        return resolve()
      }, reject)
    }
    process.on('SIGHUP', reload)
    process.on('SIGINT', end)
    process.on('SIGTERM', end)
  })
}
