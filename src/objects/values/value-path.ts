/** The way from a value to the member that is looked at. */

import { joinSteps, stepTo } from './places.ts'

/** One step: the index of an item, the key of a member, or any other as a text of its own. */
export type Step = number | string | { readonly text: string }

/** Steps are pushed as they are taken; only a place that somebody wants to read becomes a text. */
export class ValuePath {
  readonly #root: string
  readonly #steps: Step[] = []

  /** @param root - what texts call the value itself: `model` */
  constructor(root: string) {
    this.#root = root
  }

  push(step: Step): void {
    this.#steps.push(step)
  }

  pop(): void {
    this.#steps.pop()
  }

  /** For people: `model.steps[0].fn`; a long way is cut in the middle. */
  toString(): string {
    return this.#root + joinSteps(this.#texts())
  }

  /** Without the root, and whole: `steps[0].mean_`. */
  get inside(): string {
    return this.#texts().join('').replace(/^\./, '')
  }

  #texts(): string[] {
    return this.#steps.map((step) =>
      typeof step === 'object'
        ? step.text
        : typeof step === 'number'
          ? `[${step}]`
          : stepTo(noList, step),
    )
  }
}

/** Whose members are called by their keys. */
const noList = {}

/** The step to a key of a map, as far as it has a place. */
export const keyStep: Step = { text: '<key>' }

/** The step to a member of a set. */
export const memberStep: Step = { text: '<member>' }
