/** The models of a server by name, which can be replaced. */

import { suggestNames } from '../../nearest-names.ts'
import { RequestError } from '../http/request-error.ts'
import type { ServedModel } from './served-model.ts'

/** Models by name. Requests keep the one that they have got, also when it is replaced meanwhile. */
export class ModelShelf {
  readonly #models = new Map<string, ServedModel>()

  /** Names in the order in which they came. */
  get names(): string[] {
    return [...this.#models.keys()]
  }

  /** All models. */
  get all(): ServedModel[] {
    return [...this.#models.values()]
  }

  /** Adds a model, or replaces that of its name at once. */
  put(model: ServedModel): void {
    this.#models.set(model.name, model)
  }

  /**
   * The model of a name.
   *
   * @param version - that must be there; default: whichever is
   * @throws RequestError 404
   */
  get(name: string, version?: string): ServedModel {
    const model = this.#models.get(name)
    if (model === undefined) {
      const shown = name.slice(0, 80)
      throw new RequestError(
        404,
        `There is no model '${shown}'. ${suggestNames(shown, this.names)}`,
      )
    }
    if (version !== undefined && version !== model.version)
      throw new RequestError(
        404,
        `Model '${name}' has version '${model.version}' only, not '${version.slice(0, 80)}'.`,
      )
    return model
  }

  /**
   * The model that a request means which names none.
   *
   * @throws RequestError 400 when there are several
   */
  only(): ServedModel {
    const [first, ...others] = this.#models.values()
    if (first !== undefined && others.length === 0) return first
    throw new RequestError(
      400,
      `Expected the name of a model, as in /predict/${this.names[0] ?? 'NAME'}. ${suggestNames('', this.names)}`,
    )
  }
}
