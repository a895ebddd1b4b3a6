/** Shows the values of the charts at one sample. */

import { formatBytes, formatTime } from '../../../format.ts'
import { append, byId, setText } from '../dom.ts'
import { ownMemory } from './run-store.ts'
import type { RunStore, ShownProcess, Value } from './run-store.ts'

type Row = readonly [swatch: string, name: string, bytes: Value | undefined]

/** @param lines - the processes that have a layer, from the bottom up */
export function showLegend(
  run: RunStore,
  sample: number,
  lines: readonly (ShownProcess | undefined)[],
): void {
  const rows = rowsAt(run, sample, lines)
  const legend = byId('legend')
  const head = legend.firstElementChild ?? append(legend, 'div', 'head')
  while (legend.children.length > rows.length + 1) legend.lastElementChild!.remove()
  while (legend.children.length < rows.length + 1) {
    const row = append(legend, 'div', 'row')
    for (const part of ['swatch', 'name', 'size']) append(row, 'span', part)
  }
  const isNewest = sample === run.newest
  setText(head, isNewest && !run.isOver ? 'now' : `at ${formatTime(run.times[sample] ?? 0)}`)
  rows.forEach(([swatch, name, bytes], i) => {
    const row = legend.children[i + 1]!
    row.className = swatch === 'none' ? 'row dim' : 'row'
    row.children[0]!.className = `swatch ${swatch}`
    setText(row.children[1]!, name)
    setText(row.children[2]!, formatBytes(bytes ?? undefined))
  })
  const cpu = run.cpu[sample] ?? null
  setText(byId('cpu-now'), cpu === null ? '' : `${(cpu / 100).toFixed(2)} cores busy`)
  const tasks = run.tasks[sample] ?? null
  setText(byId('tasks-now'), tasks === null ? '' : `${formatRate(tasks)} tasks per second`)
}

/** From the top of the picture down. */
function rowsAt(
  run: RunStore,
  sample: number,
  lines: readonly (ShownProcess | undefined)[],
): readonly Row[] {
  const hard = run.hard[sample] ?? null
  const shared = run.shared[sample] ?? null
  const layers = lines.flatMap((line, slot): Row[] =>
    line ? [[`i-p${slot}`, `${line.name} ${line.pid}`, ownMemory(line, sample)]] : [],
  )
  const layered = layers.reduce((sum, [, , bytes]) => sum + (bytes ?? 0), shared ?? 0)
  const others: Row = [
    'i-others',
    'other processes',
    hard === null ? null : Math.max(0, hard - layered),
  ]
  return [
    ['i-cache', 'file cache', run.cache[sample]],
    ['sum', 'hard memory', hard],
    ...(run.processes.size > layers.length ? [others] : []),
    ...layers.reverse(),
    ['i-shared', 'shared memory, once', shared],
    ['none', 'RSS would show', run.rss[sample]],
  ]
}

function formatRate(rate: number): string {
  return rate < 100 ? rate.toFixed(1) : Math.round(rate).toLocaleString('en-US')
}
