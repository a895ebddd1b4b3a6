/** Finds the columns of a model among names that were sent. */

import { suggestNames } from '../../nearest-names.ts'
import { badRequest } from '../http/request-error.ts'

/**
 * The place of each column of the model among given names.
 *
 * @throws RequestError 400 for one that is missing, or there twice
 */
export function placesOf(columns: readonly string[], given: readonly string[]): number[] {
  return columns.map((name) => {
    const place = given.indexOf(name)
    if (place === -1)
      throw badRequest(
        `Expected a column '${name}', which the model was fitted on, got none. ${suggestNames(name, given)}`,
      )
    if (given.includes(name, place + 1))
      throw badRequest(`Expected the column '${name}' once, got it twice.`)
    return place
  })
}
