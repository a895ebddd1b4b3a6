/** Opens model files anew for a running server, one after the other. */

import type { ModelServer } from '../server/model-server.ts'
import type { ModelFile } from './model-files.ts'
import { openModels } from './open-models.ts'

/** Replaces models of a server. Of two reloads of a file the later one lasts. */
export class ModelReloader {
  readonly #server: Pick<ModelServer, 'put'>
  #last: Promise<unknown> = Promise.resolve()

  constructor(server: Pick<ModelServer, 'put'>) {
    this.#server = server
  }

  /**
   * Opens files anew.
   *
   * @returns why some could not be opened; their models stay
   */
  reload(files: readonly ModelFile[]): Promise<string[]> {
    const done = this.#last.then(() => this.#reloadEach(files))
    this.#last = done
    return done
  }

  /** Never rejects. */
  async #reloadEach(files: readonly ModelFile[]): Promise<string[]> {
    const failures: string[] = []
    for (const file of files) {
      try {
        const models = await openModels([file])
        await this.#server.put(file.name, models[file.name]!)
      } catch (error) {
        failures.push(error instanceof Error ? error.message : String(error))
      }
    }
    return failures
  }
}
