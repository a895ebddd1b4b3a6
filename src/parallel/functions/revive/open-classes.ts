/** Finds the classes of the instances in a worker's arguments. */

import { OneCopyError } from '../../../errors.ts'
import type { ClassLookup } from '../../payload/decode-instances.ts'
import { hasClasses } from '../../payload/placeholders.ts'
import type { SentClass } from '../../payload/sent-class.ts'
import { loadRegistered, reviveFunction } from './revive.ts'

/**
 * Loads the classes that came with arguments.
 *
 * @param args - as they came
 * @param made - classes that came with the function of the task
 * @returns undefined when there are no instances
 * @throws OneCopyError `ERR_FUNCTION` when one can't be loaded
 */
export async function openClasses(
  args: unknown,
  made: ReadonlyMap<number, object> | undefined,
): Promise<ClassLookup | undefined> {
  if (!hasClasses(args)) return undefined
  const classes = await Promise.all(args.classes.map(async (sent) => openClass(sent, made)))
  return (of) => classes[of]
}

function openClass(
  sent: SentClass,
  made: ReadonlyMap<number, object> | undefined,
): object | Promise<object> {
  switch (sent.kind) {
    case 'registered':
      return loadRegistered(sent.name, sent.module!)
    case 'exported': {
      const { kind: _, ...reference } = sent
      return reviveFunction(reference)
    }
    default: {
      const Class = made?.get(sent.id)
      if (Class !== undefined) return Class
      throw new OneCopyError(
        'ERR_FUNCTION',
        'Expected the class of an instance to come with the function of its task, and it did not.',
      )
    }
  }
}
