/** Shows memory, latency and requests of the server as they change. */

import { formatBytes } from '../../format.ts'
import { byId, make } from './dom.ts'
import { drawLines, type LineValues } from './draw-line.ts'
import { parseMetrics, quantileOf, rateOf, type Reading } from './live-figures.ts'
import { call } from './server-calls.ts'

/** Readings that are kept: two minutes. */
const kept = 120
const periodMs = 1000

/** Latencies are those of the last so many readings. */
const recent = 10

const readings: Reading[] = []
const tiles = new Map<string, HTMLElement>()

/** Starts to read the metrics once a second, while the page is seen. */
export function startLivePanel(): void {
  void tick()
  setInterval(() => {
    if (!document.hidden) void tick()
  }, periodMs)
}

async function tick(): Promise<void> {
  try {
    const response = await call('metrics')
    readings.push(parseMetrics(await response.text(), performance.now()))
    if (readings.length > kept) readings.shift()
    show('')
  } catch (error) {
    show(`No answer: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function show(problem: string): void {
  byId('live-state').textContent = problem
  const now = readings.at(-1)
  if (now === undefined) return
  const { anonymous, shmem, file } = now.memory
  setTile('anonymous', 'private memory', formatBytes(anonymous), 'p0')
  setTile('shmem', 'shared memory', formatBytes(shmem), 'shared')
  setTile('file', 'file cache', formatBytes(file), 'others')
  const before = readings.at(-2) ?? now
  setTile('rate', 'requests a second', rateOf(before, now).toFixed(0), 'p2')
  const start = readings.at(-1 - recent) ?? readings[0]!
  setTile('median', 'median latency', formatMs(quantileOf(start, now, 0.5)), 'p1')
  setTile('slow', '99th percentile', formatMs(quantileOf(start, now, 0.99)), 'p4')
  setTile('failed', 'failed requests', String(now.failed), 'alarm')
  setTile('queue', 'waiting', String(now.queue), 'muted')
  draw('memory-line', [
    [readings.map(({ memory }) => memory['anonymous']), 'p0'],
    [readings.map(({ memory }) => memory['shmem']), 'shared'],
    [readings.map(({ memory }) => memory['file']), 'others'],
  ])
  const pairs = readings.map((reading, i) => [readings[Math.max(0, i - recent)]!, reading] as const)
  draw('latency-line', [
    [pairs.map(([from, to]) => quantileOf(from, to, 0.5)), 'p1'],
    [pairs.map(([from, to]) => quantileOf(from, to, 0.99)), 'p4'],
  ])
}

function draw(id: string, lines: readonly (readonly [LineValues, string])[]): void {
  drawLines(
    document.querySelector<SVGElement>(`#${id}`)!,
    lines.map(([values, ink]) => ({ values, ink })),
    kept,
  )
}

function setTile(id: string, label: string, value: string, ink: string): void {
  let tile = tiles.get(id)
  if (tile === undefined) {
    const swatch = make('span', `swatch i-${ink}`)
    const name = make('div', 'label', '', swatch, make('span', '', label))
    tile = make('div', 'value')
    byId('tiles').append(make('div', 'tile', '', name, tile))
    tiles.set(id, tile)
  }
  if (tile.textContent !== value) tile.textContent = value
}

function formatMs(ms: number | undefined): string {
  if (ms === undefined) return '\u2013'
  return ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`
}
