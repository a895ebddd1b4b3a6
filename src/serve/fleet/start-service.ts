/** Starts a server of model files, in this process or in several. */

import { createServer, type ModelServer } from '../server/model-server.ts'
import { Fleet, type FleetOptions } from './fleet.ts'
import { FileWatcher, identitiesOf, type ModelFile, openModels } from './model-files.ts'
import { ModelReloader } from './model-reloader.ts'

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
 * @throws what `openModel` and {@link createServer} throw; OneCopyError `ERR_SYSTEM` when the address can't be had
 */
export async function startService(setup: ServiceOptions): Promise<RunningService> {
  // Before the files are opened: what changes from then on is noticed.
  const known = identitiesOf(setup.files)
  const service = setup.workers === 1 ? await SingleProcess.start(setup) : await Fleet.start(setup)
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

/** A server in this process. */
class SingleProcess implements RunningService {
  readonly url: string
  readonly pids = [process.pid]
  readonly #server: ModelServer
  readonly #reloader: ModelReloader
  readonly #setup: ServiceOptions

  private constructor(url: string, server: ModelServer, setup: ServiceOptions) {
    this.url = url
    this.#server = server
    this.#reloader = new ModelReloader(server)
    this.#setup = setup
  }

  static async start(setup: ServiceOptions): Promise<SingleProcess> {
    const { files, options, onNote, port, host } = setup
    const onError = (error: unknown): void =>
      onNote(error instanceof Error ? error.stack! : String(error))
    const server = await createServer(await openModels(files), { ...options, onError })
    return new SingleProcess(await server.listen({ port, host }), server, setup)
  }

  async reload(files: readonly ModelFile[] = this.#setup.files): Promise<void> {
    for (const text of await this.#reloader.reload(files))
      this.#setup.onNote(`Kept the model before: ${text}`)
  }

  close(): Promise<void> {
    return this.#server.close()
  }
}
