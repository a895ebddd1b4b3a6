/** Describes the classes of the instances in a worker's results. */

import type { DescribeClass, SentClass } from '../payload/sent-class.ts'

/** Thrown when something has to be loaded before a class can be described. */
class NotLoaded extends Error {}

let describeResultClass: ((instance: object) => SentClass) | undefined

/** Describes classes. Those that are not registered need code that a worker loads on first use. */
export class ResultClasses {
  #isMissed = false

  /** Whether that code was needed and not there: {@link ResultClasses.load} it, and encode again. */
  get isMissed(): boolean {
    return this.#isMissed
  }

  readonly describe: DescribeClass = (instance, registered) => {
    if (registered !== undefined) {
      const { name, module } = registered
      return { kind: 'registered', name, module }
    }
    if (describeResultClass !== undefined) return describeResultClass(instance)
    this.#isMissed = true
    throw new NotLoaded('the classes of results')
  }

  async load(): Promise<void> {
    this.#isMissed = false
    // Loaded on first use, as most tasks return no instances.
    const module = await import('../functions/classes/describe-result-class.ts')
    describeResultClass = module.describeResultClass
  }
}
