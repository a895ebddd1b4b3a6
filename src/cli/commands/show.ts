/** The command `onecopy show`: a run as text. */

import { styleText } from 'node:util'
import type { MemoryReport, TerminalOptions } from '../../monitor/index.ts'
import { newCommand, oneOf, wholeNumber } from './command.ts'

/** Makes the command; what reads and draws is loaded when it runs. */
export function showCommand(): ReturnType<typeof newCommand> {
  const command = newCommand('show')
    .summary('draw and summarize a profile in the terminal')
    .description(
      'Draws the memory of a run in the terminal, summarizes it in a paragraph, and lists its ' +
        'phases.',
    )
    .argument('<file>', 'report: .json of onecopy profile, or .dat of mprof')
    .option(
      '--width <cells>',
      'width of the output (default: the terminal, or 80)',
      wholeNumber('--width', { min: 40, max: 1000 }),
    )
    .option(
      '--height <lines>',
      'height of the drawing (default: fill the terminal, at least 10)',
      wholeNumber('--height', { min: 3, max: 100 }),
    )
    .option(
      '--marks <kind>',
      'draw with braille, blocks or ascii',
      oneOf('--marks', ['braille', 'blocks', 'ascii']),
      'braille' as const,
    )
    .option('--json', 'print the figures as JSON on stdout, and nothing else')
    .addHelpText('after', examples)
    .action(async (file, { json, width, height, marks }) => {
      const { readRun } = await import('../input/read-run.ts')
      const report = await readRun(file)
      const colour = styleText('red', 'x', { stream: process.stdout }) !== 'x'
      const options = { width: width ?? (process.stdout.columns || 80), marks, colour }
      process.stdout.write(`${json ? summary(report) : fill(report, options, height)}\n`)
    })
  return command as unknown as ReturnType<typeof newCommand>
}

/** The report as text; without a height its drawing takes the lines that the terminal has left. */
function fill(report: MemoryReport, options: TerminalOptions, height?: number): string {
  const text = report.show({ ...options, height: height ?? leastHeight })
  if (height !== undefined || !process.stdout.isTTY) return text
  // The prompt takes one.
  const left = process.stdout.rows - text.split('\n').length - 1
  return left > 0 ? report.show({ ...options, height: Math.min(leastHeight + left, 100) }) : text
}

const leastHeight = 10

/** A report without its values over time. */
function summary(report: MemoryReport): string {
  const { command, segments, ending, limit } = report.data
  const { startEpochMs, durationMs, samples, start, peak, phases, unreadable } = report
  const processes = report.data.processes.map((line) => ({
    name: line.name,
    pid: line.pid,
    parent: line.parent,
    startMs: line.startMs,
    endMs: line.endMs,
    cpuMs: line.cpuMs,
    peak: line.peak,
  }))
  return JSON.stringify(
    {
      command,
      startEpochMs,
      durationMs,
      samples,
      start,
      peak,
      limit,
      phases,
      processes,
      segments,
      unreadable,
      ending,
      words: report.toString(),
    },
    undefined,
    2,
  )
}

const examples = `
Examples:
  onecopy show profile.json
  onecopy show mprofile_20261121.dat --marks ascii`
