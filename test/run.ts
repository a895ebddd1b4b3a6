/** Runs the tests: files side by side, those that measure last, long ones on request. */

import { globSync, mkdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { basename, join, relative } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { parseArgs } from 'node:util'
import { groupFiles } from './group-files.ts'
import { stripSources } from './strip-sources.ts'

/** Soaks, growth, kills at any moment, gigabytes, waits of seconds, all programs of docs/, scores of many fits, searches of random problems: `npm run test:long`, which .ci/run also runs. */
const longOnes = [
  'test/arrays/array-buffer.test.ts',
  'test/browser/html-report.test.ts',
  'test/browser/live-page.test.ts',
  'test/cli/commands/fit-same-bytes.test.ts',
  'test/cli/commands/profile.test.ts',
  'test/cli/output/signals.test.ts',
  'test/container/many-members.test.ts',
  'test/docs-programs.test.ts',
  'test/examples.test.ts',
  'test/learn/auto/auto-rows.test.ts',
  'test/learn/ensembles/ensemble-rows.test.ts',
  'test/learn/ensembles/fold-memory.test.ts',
  'test/learn/ensembles/general-folds.test.ts',
  'test/learn/ensembles/learner-memory.test.ts',
  'test/learn/ensembles/mapped-folds.test.ts',
  'test/learn/ensembles/stacked-classes-workers.test.ts',
  'test/learn/fold-predictions.test.ts',
  'test/learn/moved-at-once.test.ts',
  'test/learn/moved-memory.test.ts',
  'test/learn/neural/scikit-learn.test.ts',
  'test/learn/trees/scikit-learn.test.ts',
  'test/memory/arrays.test.ts',
  'test/memory/parallel.test.ts',
  'test/monitor/budget/budget-expect.test.ts',
  'test/monitor/forks.test.ts',
  'test/native/instruction-sets.test.ts',
  'test/native/moved-memory-fallbacks.test.ts',
  'test/native/moved-memory.test.ts',
  'test/native/trees-grow.test.ts',
  'test/parallel/acceptance/arrays.test.ts',
  'test/parallel/acceptance/batches.test.ts',
  'test/parallel/acceptance/memory.test.ts',
  'test/parallel/acceptance/streams.test.ts',
  'test/parallel/acceptance/windows.test.ts',
  'test/parallel/acceptance/workers.test.ts',
  'test/parallel/closures-programs.test.ts',
  'test/parallel/descriptors.test.ts',
  'test/parallel/lost-workers.test.ts',
  'test/parallel/misbehaviour.test.ts',
  'test/parallel/programs-once.test.ts',
  'test/parallel/retries.test.ts',
  'test/parallel/unresponsive.test.ts',
  'test/parallel/workers.test.ts',
  'test/processes/growth.test.ts',
  'test/processes/parallel.test.ts',
  'test/processes/soak.test.ts',
  'test/serve/soak.test.ts',
  'test/tables/fuzz.test.ts',
  'test/tables/kill.test.ts',
  'test/tables/memory.test.ts',
  'test/tables/round-trip.test.ts',
]

/** Short ones whose random problems are few: the long tests try many more of them (test/random-runs.ts). */
const searching = [
  'test/arrays/layout/overlap.test.ts',
  'test/cache/arguments.test.ts',
  'test/cache/processes.test.ts',
  'test/container/container-fuzz.test.ts',
  'test/models/fuzz-tree-files.test.ts',
  'test/models/model-file/damaged-values.test.ts',
  'test/models/model-file/race.test.ts',
  'test/monitor/live-fuzz.test.ts',
  'test/monitor/report/report-fuzz.test.ts',
  'test/objects/decode/damaged-trees.test.ts',
  'test/parallel/broken-messages.test.ts',
  'test/parallel/instances-hostile.test.ts',
  'test/parallel/pool/scheduler.test.ts',
  'test/serve/http/hostile.test.ts',
  'test/tables/arrow/arrow-values.test.ts',
  'test/tables/arrow/damaged.test.ts',
  'test/tables/arrow/lz4-frame.test.ts',
  'test/tables/folder-fuzz.test.ts',
  'test/tables/numbers/number-parser.test.ts',
]

/** Files that measure memory: where no core is free for V8's collector, it frees less in time. They run last, one to a core. */
const measuring = [
  'test/collect-garbage.test.ts',
  'test/container/container-memory.test.ts',
  'test/learn/ensembles/fold-memory.test.ts',
  'test/learn/ensembles/learner-memory.test.ts',
  'test/memory/arrays.test.ts',
  'test/memory/parallel.test.ts',
  'test/monitor/sampling/sample.test.ts',
  'test/parallel/run/run-memory.test.ts',
]

/** Files that last longest, since they wait for limits of seconds: they start first, beside others that compute. */
const lasting = [
  'test/parallel/unresponsive.test.ts',
  'test/docs-programs.test.ts',
  'test/parallel/acceptance/streams.test.ts',
  'test/parallel/retries.test.ts',
  'test/parallel/workers.test.ts',
  'test/cli/commands/fit.test.ts',
  'test/parallel/results.test.ts',
  'test/parallel/lost-workers.test.ts',
]

/** Files that need a process of their own: they count what it holds, or stop it. */
const alone = [
  'test/arrays/memory/mapping-cache.test.ts',
  'test/arrays/segments.test.ts',
  'test/native/interrupted.test.ts',
  'test/native/stop.test.ts',
]

/** Rooms whose tests start workers or processes, and wait for them half of the time. */
const waiting = /^test\/(?:browser|cli|monitor|parallel|processes|serve)\//

/** Parts of them that only compute. */
const computing =
  /^test\/(?:cli\/(?:ensemble-file|input|output)|monitor\/(?:plot|proc|record|sampling))/

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    long: { type: 'boolean' },
    all: { type: 'boolean' },
    built: { type: 'boolean' },
    // Folders of test/, with commas between them; default: all.
    rooms: { type: 'string' },
  },
})

process.chdir(join(import.meta.dirname, '..'))
// Every process and worker of the tests loads the same sources: stripped and compiled once, not each time.
stripSources()
const cache = join('node_modules', '.cache', 'onecopy-tests')
mkdirSync(cache, { recursive: true })
process.env['NODE_COMPILE_CACHE'] ??= join(process.cwd(), cache)

// Commands start in half the time from dist/, which must be up to date.
if (options.built === true) process.env['ONECOPY_TEST_BUILT'] = '1'
if (options.long === true) process.env['ONECOPY_TEST_LONG'] = '1'

/** How long each file took, in ms. */
const times = new Map<string, number>()
const files = positionals.length > 0 ? globSync(positionals).toSorted() : chooseFiles()
if (files.length === 0) throw new Error(`No such tests: ${process.argv.slice(2).join(' ')}`)
// Half of the time a test waits: for a limit, for a process, for a disk.
const others = without(files, measuring)
await runFiles(mix(groupFiles(others, mayShare)), 3 * availableParallelism())
await runFiles(intersection(files, measuring), availableParallelism())
if (times.size > 25) printSlowest(25)

/** The short ones, the long ones, or all. */
function chooseFiles(): string[] {
  const found = globSync('test/**/*.test.ts').toSorted()
  const unknown = without([...longOnes, ...searching, ...measuring, ...lasting, ...alone], found)
  if (unknown.length > 0) throw new Error(`No such test: ${unknown.join(', ')}`)
  if (options.all === true) return found
  const rooms = options.rooms?.split(',').map((room) => `test/${room}/`)
  const chosen = options.long === true ? [...longOnes, ...searching] : without(found, longOnes)
  return chosen.filter((file) => rooms?.some((room) => file.startsWith(room)) ?? true)
}

function isWaiting(file: string): boolean {
  return waiting.test(file) && !computing.test(file)
}

/** Whether a file computes, and leaves nothing behind in its process. */
function mayShare(file: string): boolean {
  const isKnown = [...alone, ...lasting, ...longOnes].includes(file)
  return !isKnown && file.split('/').length > 2 && !isWaiting(file)
}

/** Spreads files that wait evenly among those that compute, so that neither kind runs alone. */
function mix(chosen: readonly string[]): string[] {
  const first = intersection(lasting, chosen)
  const others = without(chosen, lasting)
  const kinds = [[...first, ...others.filter(isWaiting)], others.filter((file) => !isWaiting(file))]
  return kinds
    .flatMap((kind) => kind.map((file, i) => ({ file, place: (i + 0.5) / kind.length })))
    .toSorted((a, b) => a.place - b.place)
    .map(({ file }) => file)
}

/** Runs files, so many at a time; the process ends with 1 when a test fails. */
async function runFiles(chosen: readonly string[], concurrency: number): Promise<void> {
  if (chosen.length === 0) return
  const execArgv = ['--test-timeout=240000']
  const events = run({ files: [...chosen], concurrency, execArgv, timeout: 900_000 })
  events.on('test:fail', ({ todo }) => {
    if (todo === undefined || todo === false) process.exitCode = 1
  })
  events.on('test:summary', ({ file, duration_ms: ms }) => {
    if (file !== undefined) times.set(nameOf(file), ms)
  })
  for await (const text of events.compose(new spec())) process.stdout.write(text as string)
}

/** A file of the tests, or files that shared a process. */
function nameOf(file: string): string {
  const name = relative(process.cwd(), file)
  return name.startsWith('..') ? basename(file, '.mjs') : name
}

/** Says which files took longest: what to look at when the tests become slow. */
function printSlowest(count: number): void {
  const slowest = [...times].toSorted(([, a], [, b]) => b - a).slice(0, count)
  const lines = slowest.map(([file, ms]) => `${(ms / 1000).toFixed(1).padStart(6)} s  ${file}`)
  console.log(`\nThe slowest files, beside others:\n${lines.join('\n')}`)
}

function without(all: readonly string[], others: readonly string[]): string[] {
  return all.filter((file) => !others.includes(file))
}

function intersection(all: readonly string[], others: readonly string[]): string[] {
  return all.filter((file) => others.includes(file))
}
