/** Makes commands with the same parsing, help and failures. */

import { styleText } from 'node:util'
import type { Command } from '@commander-js/extra-typings'
import { Command as UntypedCommand } from 'commander'
import { isOneCopyError } from '../../errors.ts'
import { parseBytes } from '../../monitor/internal.ts'
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

/** A parser of names with commas between them; the option may stand once. */
export function listOf(
  option: string,
): (value: string, before: readonly string[] | undefined) => readonly string[] {
  const once = onlyOne(option)
  return (value, before) => {
    const names = once(value, before?.join())
      .split(',')
      .map((name) => name.trim())
    if (!names.includes('')) return names
    throw new UsageError(`Expected ${option} to be names with commas between them, got '${value}'.`)
  }
}

/** Milliseconds of each unit of time; a number alone is in seconds. */
const timeUnits: Readonly<Record<string, number>> = {
  ms: 1,
  '': 1000,
  s: 1000,
  sec: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
}

/** A parser of a time, as milliseconds. */
export function durationOf(option: string): (text: string) => number {
  return (text) => {
    const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?|\.\d+)\s*([a-z]*)$/i.exec(text.trim()) ?? []
    const factor = Object.hasOwn(timeUnits, unit) ? timeUnits[unit]! : Number.NaN
    const ms = number === '' ? Number.NaN : Math.round(Number(number) * factor)
    if (ms >= 1 && ms <= Number.MAX_SAFE_INTEGER) return ms
    throw new UsageError(
      `Expected ${option} to be a time above 0, such as 30, 30s, 5min or 1h, got '${text}'.`,
    )
  }
}

/** A parser of a size, as bytes. */
export function sizeOf(option: string): (text: string) => number {
  return (text) => {
    try {
      return parseBytes(text)
    } catch (error) {
      if (!isOneCopyError(error)) throw error
      throw new UsageError(error.message.replace('Expected', `Expected ${option} to be`), {
        cause: error,
      })
    }
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
