/** Says by what the program finds the class of a result. */

import type { SentClass } from '../../payload/sent-class.ts'
import { Unsendable } from '../../payload/unsendable.ts'
import { receivedId } from '../contract/class-ids.ts'
import { findReference } from '../names/find-importing-module.ts'
import { locate } from '../scopes/inspector.ts'
import { requireDataClass } from './data-class.ts'

/**
 * The class of a result, which is not registered.
 *
 * @throws Unsendable when only this worker has the class
 */
export function describeResultClass(instance: object): SentClass {
  const Class = requireDataClass(instance) as { readonly name: string }
  const id = receivedId(Class)
  if (id !== undefined) return { kind: 'made', id }
  const reference = findReference(Class, locate(Class))
  if (reference !== undefined) return { kind: 'exported', ...reference }
  throw new Unsendable(
    instance,
    `class ${Class.name} exists only inside the worker. Export it from a module that the program imports too, or declare it outside of the task's function, which then takes it along.`,
  )
}
