/** Shows the newest figures of the run in large type. */

import { formatBytes, formatTime } from '../../../format.ts'
import { append, byId, setText } from '../dom.ts'
import type { RunStore } from './run-store.ts'

/** Fills the tiles, which are made on first use. */
export function showTiles(run: RunStore): void {
  const last = run.newest
  const { hard, ms } = run.peak
  const phase = run.phases.findLast(([, startMs, endMs]) => startMs <= ms && endMs >= ms)
  const now = run.hard[last] ?? undefined
  const rss = run.rss[last] ?? undefined
  const isMisleading = now !== undefined && rss !== undefined && rss > 1.05 * now
  showTile(
    'hard memory',
    formatBytes(now),
    isMisleading ? `RSS would show ${formatBytes(rss)}` : '',
  )
  showTile(
    'peak',
    formatBytes(hard ?? undefined),
    `at ${formatTime(ms)}${phase ? ` in ${phase[0]}` : ''}`,
  )
  showTile('shared, counted once', formatBytes(run.shared[last] ?? undefined))
  showTile('file cache', formatBytes(run.cache[last] ?? undefined), 'the kernel can drop it')
  const limit = run.limit === null ? '' : `limit ${formatBytes(run.limit)}`
  showTile('processes', String(run.living), run.isOver ? 'all have ended' : limit)
}

function showTile(label: string, value: string, more = ''): void {
  const tile = tiles.get(label) ?? makeTile(label)
  tiles.set(label, tile)
  setText(tile.value, value)
  setText(tile.more, more)
}

const tiles = new Map<string, { readonly value: Element; readonly more: Element }>()

function makeTile(label: string): { readonly value: Element; readonly more: Element } {
  const box = append(byId('tiles'), 'div', 'tile')
  append(box, 'div', 'label', label)
  return { value: append(box, 'div', 'value'), more: append(box, 'div', 'more') }
}
