/** Runs `onecopy profile`. */

import {
  checkBudgets,
  MemoryReport,
  openLivePage,
  sampleTree,
  startMonitor,
} from '../../monitor/index.ts'
import type { LivePage, MemoryMonitor } from '../../monitor/index.ts'
import type { CommandEnding } from '../../monitor/internal.ts'
import { attachTo } from './attached-process.ts'
import { commandLine } from './command-line.ts'
import { exitCodeOf, startCommand } from './command-process.ts'
import type { CommandEnd } from './command-process.ts'
import { asUsage, endingOf, errorLine } from '../output/failure.ts'
import type { ProfileRequest } from './profile-request.ts'
import { requireWritable } from '../input/require-writable.ts'
import { StatusLine } from '../output/status-line.ts'
import { plainText } from '../../plain-name.ts'
import { statusText } from './status-text.ts'

/** Makes workers of a `Parallel` publish heaps and throughput, and lets the monitor find daemons. */
const watched = { ONECOPY_WATCHED: '1', ONECOPY_RUN: `${process.pid}-${Date.now()}` }

/** Exit code of a run that exceeded a budget. */
const overBudget = 3

/**
 * Runs a command or attaches to a process, watches it, writes the files and checks the budgets.
 *
 * @returns the exit code of the command when it failed, else 3 when a budget was exceeded, else 0
 * @throws UsageError when an option or file can't be used; nothing has run then
 */
export async function runProfile(request: ProfileRequest): Promise<number> {
  for (const file of request.out) requireWritable(file, '--out')
  const page = await openPage(request)
  try {
    if (page && !request.quiet) say(`Live page: ${page.url}`)
    const { report, exitCode } = await watch(request, page)
    page?.end(report)
    const kept = await finish(report, request)
    return exitCode === 0 ? kept : exitCode
  } finally {
    page?.close()
  }
}

/** Opens the page first, so that an unusable port is reported before anything runs. */
async function openPage(request: ProfileRequest): Promise<LivePage | undefined> {
  const { livePort: port, budgets } = request
  if (port === undefined) return undefined
  return asUsage(() => openLivePage({ port, budgets, title: nameOf(request) }))
}

async function watch(
  request: ProfileRequest,
  page: LivePage | undefined,
): Promise<{ report: MemoryReport; exitCode: number }> {
  const target =
    request.attach === undefined ? startCommand(request.command, watched) : attachTo(request.attach)
  const { pid, end } = await target
  const monitor = startMonitor({ pid, intervalMs: request.intervalMs })
  page?.follow(monitor)
  lookCloselyAtFirst(monitor, request.intervalMs)
  const status = request.quiet ? undefined : showStatus(monitor)
  const ended = await end
  const { data } = await monitor.stop(ended && withoutUnknown(ended))
  status?.[Symbol.dispose]()
  const command = request.attach === undefined ? nameOf(request) : data.command
  return { report: new MemoryReport({ ...data, command }), exitCode: ended ? exitCodeOf(ended) : 0 }
}

function withoutUnknown({ exitCode, signal, minorFaults }: CommandEnd): CommandEnding {
  return {
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(signal === undefined ? {} : { signal }),
    ...(minorFaults === undefined ? {} : { minorFaults }),
  }
}

function nameOf({ command, attach }: ProfileRequest): string {
  if (attach === undefined) return commandLine(command)
  const [process] = sampleTree(attach, { children: false }).processes
  return `${process?.title ?? process?.name ?? 'process'} (${attach})`
}

/** Takes a few samples early: many commands end within a tenth of a second. */
function lookCloselyAtFirst(monitor: MemoryMonitor, intervalMs: number): void {
  for (const ms of [5, 10, 20, 40, 80]) {
    // Sampling fails once the watch is over, which does no harm.
    if (ms < intervalMs) setTimeout(() => void monitor.sample().catch(() => {}), ms).unref()
  }
}

/** Shows the current figures twice a second, on a terminal. */
function showStatus(monitor: MemoryMonitor): Disposable {
  const line = new StatusLine()
  const show = async (): Promise<void> => {
    const { durationMs } = await monitor.report({ sinceMs: Number.MAX_SAFE_INTEGER })
    line.show(statusText(await monitor.report({ sinceMs: durationMs - 0.1 })))
  }
  const timer = line.isShown
    ? setInterval(() => void show().catch(() => {}), 500).unref()
    : undefined
  return {
    [Symbol.dispose]: () => {
      clearInterval(timer)
      line.clear()
    },
  }
}

/** Writes the files, prints the summary and the exceeded budgets. */
async function finish(report: MemoryReport, request: ProfileRequest): Promise<number> {
  const { budgets, out, quiet } = request
  const breaches = checkBudgets(report, budgets)
  const isWritten = await save(report, request)
  if (!quiet) say(report.toString())
  if (!quiet && isWritten) say(`Wrote ${list(out)}.`)
  for (const { sentence } of breaches) process.stderr.write(errorLine(sentence))
  return breaches.length > 0 ? overBudget : isWritten ? 0 : 1
}

async function save(report: MemoryReport, { out, budgets }: ProfileRequest): Promise<boolean> {
  let isWritten = true
  for (const file of out) {
    try {
      await report.save(file, { budgets })
    } catch (error) {
      // The run can't be repeated, so write the other files whatever fails.
      process.stderr.write(errorLine(endingOf(error).line ?? String(error)))
      isWritten = false
    }
  }
  return isWritten
}

/** Prints to stderr; stdout belongs to the command. */
function say(text: string): void {
  process.stderr.write(`onecopy: ${plainText(text)}\n`)
}

/** `a, b and c`. */
function list(words: readonly string[]): string {
  return words.length > 1 ? `${words.slice(0, -1).join(', ')} and ${words.at(-1)}` : words.join('')
}
