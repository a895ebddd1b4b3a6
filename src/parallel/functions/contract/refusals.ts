/** Error texts for functions that can't travel. */

import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { OneCopyError, show } from '../../../errors.ts'
import type { Lexical } from '../scopes/scope-walk.ts'

/** A function that is being packed, as error texts name it. */
export interface Traveller {
  readonly name: string
  /** The function that needs it. */
  readonly neededBy?: Traveller | undefined
}

/** A place: a file and a 1-based line. */
export interface Spot {
  readonly url: string
  readonly line: number
}

/** The refusal of a function: which one, what it does, where, and what to do. */
export function refuse(
  traveller: Traveller,
  text: string,
  details: Readonly<Record<string, unknown>> = {},
): OneCopyError {
  const details_ = { name: traveller.name || undefined, ...details }
  return new OneCopyError('ERR_FUNCTION', `${nameOf(traveller)} ${text}`, { details: details_ })
}

/** `main.ts:12`. */
export function spotText({ url, line }: Spot): string {
  const path = url.startsWith('file:') ? fileURLToPath(url) : url
  return `${basename(path) || 'evaluated code'}:${line}`
}

/** Says why a function can't take something of its surroundings along. */
export function lexicalText(what: Lexical, spot: string): string {
  switch (what) {
    case 'this':
      return `uses \`this\` at ${spot}, which a worker doesn't have. Pass what it needs from the object as an argument, or write a function without \`this\`.`
    case 'super':
      return `uses \`super\` at ${spot}, which belongs to its object or class. Write a function that calls what it needs by name.`
    case 'new.target':
      return `uses \`new.target\` at ${spot}, which a task doesn't have: tasks are called, not constructed. Create the object inside the task.`
    case 'arguments':
      return `uses the \`arguments\` of the enclosing function at ${spot}, which a worker doesn't have. Take them as parameters: (...args) => …`
    case 'eval':
      return `uses \`eval\` at ${spot}, so the variables that it needs can't be determined. Export it from a module, which a worker imports as a whole.`
    case 'with':
      return `uses \`with\` at ${spot}, so the variables that it needs can't be determined. Name the object's members.`
    default:
      return `uses a private member of its class at ${spot}, which only code inside the class can read. Pass the value as an argument.`
  }
}

/** Says why a captured value can't go along. */
export function captureText(
  { name, place, spot }: { name: string; place: string; spot: string },
  culprit: unknown,
  reason: string,
): string {
  const what = typeof culprit === 'symbol' ? String(culprit) : show(culprit)
  const holds = place === '' ? `, ${what}` : `, whose \`${place}\` is ${what}`
  return `captures \`${name}\` at ${spot}${holds}: ${reason}`
}

/** `` `f` ``, or `` `helper` (which `f` needs) ``. */
function nameOf({ name, neededBy }: Traveller): string {
  const own = name === '' ? 'An anonymous function' : `\`${name}\``
  if (neededBy === undefined) return own
  const by = neededBy.name === '' ? 'an anonymous function' : `\`${neededBy.name}\``
  return `${own} (which ${by} needs)`
}
