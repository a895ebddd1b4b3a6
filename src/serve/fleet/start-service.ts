/** Starts a server of model files, in this process or in several. */

import { Fleet, type FleetOptions } from './fleet.ts'
import { FileWatcher, identitiesOf, type ModelFile } from './model-files.ts'

/** A server that runs. */
export interface RunningService {
  /** Its address, such as `http://127.0.0.1:8080`. */
  readonly url: string
  /** Processes that predict. */
  readonly pids: readonly number[]
  /** Opens files anew; no request is lost. Default: all. A file that can't be opened changes nothing, and is told. */
  reload(files?: readonly ModelFile[]): Promise<void>
  /** Answers what has arrived, then ends. */
  close(): Promise<void>
}

/** How a service is started. */
export interface ServiceOptions extends FleetOptions {
  /** Whether to open a file anew when it changes. */
  readonly isWatching: boolean
}

/**
 * Starts to serve.
 *
 * @throws what `openModel` and `createServer` throw; OneCopyError `ERR_SYSTEM` when the address can't be had
 */
export async function startService(setup: ServiceOptions): Promise<RunningService> {
  // Before the files are opened: what changes from then on is noticed.
  const known = identitiesOf(setup.files)
  const service = await startProcesses(setup)
  if (!setup.isWatching) return service
  const watcher = new FileWatcher(setup.files, known, (file) => {
    setup.onNote(`${file.path} has changed.`)
    void service.reload([file])
  })
  return {
    url: service.url,
    get pids() {
      return service.pids
    },
    reload: (files) => service.reload(files),
    close: () => {
      watcher.close()
      return service.close()
    },
  }
}

/** A process that only starts others needs no memory for models, nor for what serves them. */
async function startProcesses(setup: ServiceOptions): Promise<RunningService> {
  if (setup.workers > 1) return Fleet.start(setup)
  const { SingleProcess } = await import('./single-process.ts')
  return SingleProcess.start(setup)
}
