/** How a message names the classes of the instances in it. */

import type { RegisteredClass } from '../../objects/internal.ts'

/** A class in a message, by what its receiver finds it by. */
export type SentClass = SentRegisteredClass | SentExportedClass | SentMadeClass

/** A registered class, by its name; `module` registers it. */
export interface SentRegisteredClass {
  readonly kind: 'registered'
  readonly name: string
  readonly module: string | undefined
}

/** A class that a module exports. */
export interface SentExportedClass {
  readonly kind: 'exported'
  readonly url: string
  readonly name: string
  readonly isCommonJs?: true
}

/** A class that a worker makes of its source, by the number that the thread gave it which sent the source. */
export interface SentMadeClass {
  readonly kind: 'made'
  readonly id: number
}

/**
 * Says by what the receiver of an instance finds its class.
 *
 * @param registered - the registration of its class
 * @throws Unsendable when there is no way
 */
export type DescribeClass = (instance: object, registered: RegisteredClass | undefined) => SentClass

/** Gives the class of an instance the number by which a placeholder names it. */
export type ClassNumbering = (instance: object, registered: RegisteredClass | undefined) => number

/** The classes of the instances in one message, each once. */
export class ClassList {
  readonly #describe: DescribeClass
  readonly #numbers = new Map<unknown, number>()
  readonly classes: SentClass[] = []

  constructor(describe: DescribeClass) {
    this.#describe = describe
  }

  readonly numberOf: ClassNumbering = (instance, registered) => {
    const prototype: unknown = Object.getPrototypeOf(instance)
    let number = this.#numbers.get(prototype)
    if (number === undefined) {
      number = this.classes.push(this.#describe(instance, registered)) - 1
      this.#numbers.set(prototype, number)
    }
    return number
  }
}
