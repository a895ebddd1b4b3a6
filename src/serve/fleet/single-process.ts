/** A server of model files in the process that starts it. */

import { createServer, type ModelServer } from '../server/model-server.ts'
import type { FleetOptions } from './fleet.ts'
import type { ModelFile } from './model-files.ts'
import { ModelReloader } from './model-reloader.ts'
import { openModels } from './open-models.ts'

/** A server in this process. */
export class SingleProcess {
  readonly url: string
  readonly pids = [process.pid]
  readonly #server: ModelServer
  readonly #reloader: ModelReloader
  readonly #setup: FleetOptions

  private constructor(url: string, server: ModelServer, setup: FleetOptions) {
    this.url = url
    this.#server = server
    this.#reloader = new ModelReloader(server)
    this.#setup = setup
  }

  static async start(setup: FleetOptions): Promise<SingleProcess> {
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
