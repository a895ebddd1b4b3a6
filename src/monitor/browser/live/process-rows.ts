/** Fills the table of processes. */

import { formatBytes, formatTime } from '../../../format.ts'
import { append, byId, setText } from '../dom.ts'
import type { ProcessSlots } from './process-layers.ts'
import type { RunStore, ShownProcess } from './run-store.ts'

/** Shows the largest first and those that have ended last; rows stay with their process. */
export function showProcesses(run: RunStore, slots: ProcessSlots): void {
  const body = byId('processes')
  const lines = [...run.processes.values()]
    .sort(
      (a, b) =>
        Number(b.isAlive) - Number(a.isAlive) || currentOwn(b) - currentOwn(a) || b.peak - a.peak,
    )
    .slice(0, maxRows)
  const wanted = new Set(lines.map(({ id }) => id))
  for (const [id, row] of rows) {
    if (wanted.has(id)) continue
    row.remove()
    rows.delete(id)
  }
  lines.forEach((line, i) => {
    const row = rows.get(line.id) ?? makeRow()
    rows.set(line.id, row)
    if (body.children[i] !== row) body.insertBefore(row, body.children[i] ?? null)
    fillRow(row, line, slots.of(line))
  })
}

/** More rows would not be read. */
const maxRows = 60

const rows = new Map<string, HTMLTableRowElement>()

function makeRow(): HTMLTableRowElement {
  const row = document.createElement('tr')
  const name = append(row, 'td')
  append(name, 'span', 'swatch')
  append(name, 'span')
  for (let cell = 1; cell < 8; cell++) append(row, 'td')
  return row
}

function fillRow(row: HTMLTableRowElement, line: ShownProcess, slot: number): void {
  const { isAlive, own, rss, cpu, threads, startMs, endMs } = line
  row.className = isAlive ? '' : 'ended'
  const [swatch, name] = row.cells[0]!.children
  swatch!.className = `swatch i-${slot < 0 ? 'others' : `p${slot}`}`
  setText(name!, line.name)
  const cells = [
    String(line.pid),
    isAlive ? formatBytes(own.at(-1) ?? undefined) : 'ended',
    formatBytes(line.peak),
    isAlive ? formatBytes(rss ?? undefined) : '',
    cpu === null ? '' : `${cpu} %`,
    threads === null ? '' : String(threads),
    `${formatTime(startMs)} \u2013 ${isAlive ? 'now' : formatTime(endMs)}`,
  ]
  cells.forEach((text, i) => setText(row.cells[i + 1]!, text))
}

function currentOwn({ isAlive, own }: ShownProcess): number {
  return isAlive ? (own.at(-1) ?? 0) : 0
}
