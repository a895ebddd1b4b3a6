/** Makes commands with the same parsing, help and failures. */

import { styleText } from 'node:util'
import type { Command } from '@commander-js/extra-typings'
import { Command as UntypedCommand } from 'commander'
import { errorLine, UsageError } from '../output/failure.ts'

/** A new command whose options are typed by what is called on it. */
export function newCommand(name: string): Command {
  const command: UntypedCommand = new UntypedCommand(name)
    // Thrown, so that the process ends in one place and pipes are written out.
    .exitOverride()
    .configureOutput({
      outputError: (text, write) => write(errorLine(adviseOption(oneLine(text), command))),
    })
    .configureHelp({
      styleTitle: (title) => styleText('bold', title, { validateStream: false }),
      styleSubcommandText: (text) => styleText('cyan', text, { validateStream: false }),
      styleOptionText: (text) => styleText('cyan', text, { validateStream: false }),
    })
  // The same class; the package of types only adds what its options are called.
  return command as unknown as Command
}

/** A parser of an option that must be a whole number of at least `min` and at most `max`. */
export function wholeNumber(
  option: string,
  { min, max }: { min: number; max: number },
): (text: string) => number {
  return (text) => {
    const value = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN
    if (value >= min && value <= max) return value
    throw new UsageError(
      `Expected ${option} to be a whole number from ${min} to ${max}, got '${text}'.`,
    )
  }
}

/** A parser of an option that must be one of a few words. */
export function oneOf<const Word extends string>(
  option: string,
  words: readonly Word[],
): (text: string) => Word {
  return (text) => {
    const word = words.find((word) => word === text)
    if (word !== undefined) return word
    throw new UsageError(`Expected ${option} to be ${words.join(' or ')}, got '${text}'.`)
  }
}

/** A parser of an option that may stand once; of others the last one counts. */
export function onlyOne(option: string): (value: string, before: string | undefined) => string {
  return (value, before) => {
    if (before === undefined) return value
    throw new UsageError(`Expected ${option} once, got '${before}' and '${value}'.`)
  }
}

/** Adds one more value of an option that can be repeated. */
export function oneMore(value: string, values: readonly string[] = []): readonly string[] {
  return [...values, value]
}

/** What options are called elsewhere. */
const foreignOptions: Readonly<Record<string, string>> = {
  '--n-jobs': '--workers',
  '--n_jobs': '--workers',
  '--njobs': '--workers',
  '--jobs': '--workers',
  '-j': '--workers',
  '--threads': '--workers',
  '--cv': '--folds',
  '--random-state': '--seed',
  '--sep': '--delimiter',
  '--na-values': '--missing',
  '--exclude': '--without',
}

/** Names our option for one that other tools have, in the place of one that is only spelt alike. */
function adviseOption(text: string, { options }: UntypedCommand): string {
  const [start, flag = ''] = /^unknown option '([^'=]+)[^']*'\./.exec(text) ?? []
  const own = Object.hasOwn(foreignOptions, flag) ? foreignOptions[flag] : undefined
  if (start === undefined || options.every(({ long }) => long !== own)) return text
  return `${start} onecopy calls it ${own}.`
}

/** `error: unknown option '--fold'⏎(Did you mean --folds?)` as one line. */
function oneLine(text: string): string {
  const plain = text
    .replace(/^error: /, '')
    .trim()
    .replace(/\.?\n\(?([^)]*)\)?$/, '. $1')
  return /[.?]$/.test(plain) ? plain : `${plain}.`
}
