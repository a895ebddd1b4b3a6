/** The command `onecopy profile`: its options. */

import { extname } from 'node:path'
import { newCommand, oneMore, wholeNumber } from './command.ts'
import { UsageError } from '../output/failure.ts'
import { readBudgets } from '../profile/read-budgets.ts'

/** Makes the command; what watches and draws is loaded when it runs. */
export function profileCommand(): ReturnType<typeof newCommand> {
  const command = newCommand('profile')
    .summary('run any program and profile its memory')
    .description(
      'Runs a program, measures the memory of its process tree, and writes profile.html and ' +
        'profile.json. Shared memory counts once; file cache is shown separately. The exit code is ' +
        'that of the program, or 3 if it exceeded a budget.',
    )
    .usage('[options] -- <command> [arguments...]')
    .argument('[command...]', 'program to run; options after it belong to it')
    .option(
      '-o, --out <file>',
      'file to write: .html, .json, .svg, .png, .csv or .dat (mprof); a name without an ' +
        'extension writes .html and .json; can be repeated (default: profile)',
      oneMore,
    )
    .option(
      '--attach <pid>',
      'watch a running process until it ends or you press Ctrl-C',
      wholeNumber('--attach', { min: 1, max: 2 ** 31 - 1 }),
    )
    .option(
      '--interval <ms>',
      'milliseconds between samples',
      wholeNumber('--interval', { min: 1, max: 3_600_000 }),
      100,
    )
    .option(
      '--fail-over <size>',
      'exit with code 3 if the run uses more hard memory than this, such as 500MB, or a phase ' +
        'does: fit=300MB; can be repeated',
      oneMore,
    )
    .option('--live [port]', 'show the run on a local web page while it runs', parsePort)
    .option('-q, --quiet', 'print failures only')
    .passThroughOptions()
    .addHelpText('after', examples)
    .action(async (words, { out, attach, interval, failOver = [], live, quiet = false }) => {
      requireOneTarget(words, attach)
      const request = {
        command: words,
        attach,
        intervalMs: interval,
        out: filesOf(out ?? ['profile']),
        budgets: await readBudgets(failOver),
        livePort: live === true ? 0 : live,
        quiet,
      }
      const { runProfile } = await import('../profile/run-profile.ts')
      process.exitCode = await runProfile(request)
    })
  return command as unknown as ReturnType<typeof newCommand>
}

function requireOneTarget(words: readonly string[], attach: number | undefined): void {
  if (words.length === 0 && attach === undefined) {
    throw new UsageError('Expected a command to run, such as: onecopy profile -- node fit.js')
  }
  if (words[0] === '') throw new UsageError('Expected a command to run, got an empty text.')
  if (words.length > 0 && attach !== undefined) {
    throw new UsageError(
      `Expected either a command to run or --attach, got both: '${words[0]}' and process ${attach}.`,
    )
  }
}

/**
 * `run` becomes `run.html` and `run.json`; a name with a known extension stays.
 *
 * @throws UsageError when a path ends in no name
 */
function filesOf(names: readonly string[]): string[] {
  const unnamed = names.find((name) => /(?:^|\/)\.{0,2}$/.test(name))
  if (unnamed !== undefined)
    throw new UsageError(`Expected --out to be the name of a file, got '${unnamed}'.`)
  const files = names.flatMap((name) =>
    endings.has(extname(name).toLowerCase()) ? [name] : [`${name}.html`, `${name}.json`],
  )
  return [...new Set(files)]
}

const endings = new Set(['.html', '.json', '.svg', '.png', '.csv', '.dat'])

function parsePort(text: string): number {
  const port = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (port <= 65_535) return port
  throw new UsageError(
    `Expected --live to be followed by a port from 0 to 65535 or by another option, got '${text}'. ` +
      'Write -- before the command.',
  )
}

const examples = `
Examples:
  onecopy profile -- npm start
  onecopy profile --fail-over 500MB --fail-over fit=300MB -- node fit.js --folds 10
  onecopy profile --live -o night -- python3 train.py
  onecopy profile --attach 4711 -o server.png`
