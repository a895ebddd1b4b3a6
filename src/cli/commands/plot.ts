/** The command `onecopy plot`: pictures of runs. */

import { parse } from 'node:path'
import type { MemoryReport, PictureOptions } from '../../monitor/index.ts'
import { newCommand, oneMore, oneOf } from './command.ts'
import { UsageError } from '../output/failure.ts'
import { plainText } from '../../plain-name.ts'
import { readBudgets } from '../profile/read-budgets.ts'
import { requireWritable } from '../input/require-writable.ts'

/** Makes the command; what reads and draws is loaded when it runs. */
export function plotCommand(): ReturnType<typeof newCommand> {
  const command = newCommand('plot')
    .summary('draw profiles as .svg, .png or .html')
    .description(
      'Draws the memory of a run, stacked by process or by kind, with its phases and its peak. ' +
        'Draws several runs as lines that all start at time 0.',
    )
    .argument('<files...>', 'reports: .json of onecopy profile, or .dat of mprof')
    .option(
      '-o, --out <file>',
      'file to write: .svg, .png or .html (default: <name of the report>.svg)',
    )
    .option(
      '--by <what>',
      'stack one run by process or by kind',
      oneOf('--by', ['process', 'kind']),
      'process' as const,
    )
    .option(
      '--theme <theme>',
      "light, dark, or auto (follows the reader's system; a .png is then light)",
      oneOf('--theme', ['light', 'dark', 'auto']),
      'auto' as const,
    )
    .option('--size <pixels>', 'width and height of the picture', parseSize, {
      width: 1200,
      height: 500,
    })
    .option('--title <text>', 'title of the picture (default: the command)')
    .option(
      '--budget <size>',
      'draw a line at this size, such as 500MB, or fit=300MB for one phase; can be repeated',
      oneMore,
    )
    .addHelpText('after', examples)
    .action(async (files, { out, size, budget = [], title, ...options }) => {
      const path = out ?? `${parse(files[0]!).name}.svg`
      const budgets = await readBudgets(budget)
      const picture = { ...options, ...size, budgets, ...(title === undefined ? {} : { title }) }
      await draw(files, path, picture)
      process.stderr.write(`Wrote ${plainText(path)}.\n`)
    })
  // The default is an object; help shows it as the option is written.
  command.options.find(({ long }) => long === '--size')!.defaultValueDescription = '1200x500'
  return command as unknown as ReturnType<typeof newCommand>
}

async function draw(
  files: readonly string[],
  path: string,
  options: PictureOptions,
): Promise<void> {
  if (!/\.(?:svg|png|html)$/i.test(path)) {
    throw new UsageError(`Expected --out to end in .svg, .png or .html, got '${path}'.`)
  }
  requireWritable(path, '--out')
  const { namesOf, readRun } = await import('../input/read-run.ts')
  const { plotReports } = await import('../../monitor/index.ts')
  const reports: MemoryReport[] = []
  for (const file of files) reports.push(await readRun(file))
  if (reports.length === 1) return reports[0]!.save(path, options)
  const names = namesOf(files)
  return plotReports(
    reports.map((report, i) => [names[i]!, report]),
    path,
    options,
  )
}

function parseSize(text: string): { width: number; height: number } {
  const [, width, height] = /^(\d+)[x×](\d+)$/.exec(text) ?? []
  const size = { width: Number(width), height: Number(height) }
  const fits = size.width >= 560 && size.width <= 10_000 && size.height >= 280
  if (fits && size.height <= 10_000) return size
  throw new UsageError(
    `Expected --size to be like 1200x500, from 560x280 to 10000x10000, got '${text}'.`,
  )
}

const examples = `
Examples:
  onecopy plot profile.json -o profile.png
  onecopy plot before.json after.json -o both.html --budget 500MB`
