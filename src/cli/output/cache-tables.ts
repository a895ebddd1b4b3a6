/** Formats what a cache holds as tables. */

import type { CacheInfo, CacheItem } from '../../cache/index.ts'
import { formatBytes, formatCount, formatTime } from '../../format.ts'
import { plainName } from '../../plain-name.ts'
import { textTable } from '../../text-table.ts'

/** A line for each function, and their sum. */
export function formatInfo({ folder, items, bytes, functions }: CacheInfo): string {
  const sum = `${formatCount(items, 'result')}, ${formatBytes(bytes)} in ${folder}`
  if (functions.length === 0) return sum
  const cells = (cell: (one: CacheInfo['functions'][number]) => string): string[] =>
    functions.map(cell)
  return [
    ...textTable([
      { heading: 'function', cells: cells(({ name }) => plainName(name)), align: 'left' },
      { heading: 'version', cells: cells(({ identity }) => plainName(identity)), align: 'left' },
      { heading: 'results', cells: cells((one) => String(one.items)), align: 'right' },
      { heading: 'size', cells: cells((one) => formatBytes(one.bytes)), align: 'right' },
      { heading: 'last used', cells: cells(({ usedMs }) => dateText(usedMs)), align: 'left' },
    ]),
    '',
    sum,
  ].join('\n')
}

/** A line for each result. */
export function formatItems(items: readonly CacheItem[]): string {
  if (items.length === 0) return 'no results'
  const cells = (cell: (item: CacheItem) => string): string[] => items.map(cell)
  return textTable([
    { heading: 'key', cells: cells(({ key }) => plainName(key.slice(0, 8))), align: 'left' },
    { heading: 'function', cells: cells(({ name }) => plainName(name)), align: 'left' },
    { heading: 'size', cells: cells(({ bytes }) => formatBytes(bytes)), align: 'right' },
    {
      heading: 'took',
      cells: cells(({ seconds }) => (seconds === undefined ? '?' : formatTime(seconds * 1000))),
      align: 'right',
    },
    { heading: 'last used', cells: cells(({ usedMs }) => dateText(usedMs)), align: 'left' },
    {
      heading: 'arguments',
      cells: cells((item) => plainName(item.arguments?.join(', ') ?? 'damaged')),
      align: 'left',
    },
  ]).join('\n')
}

/** What was deleted. */
export function formatDeleted({
  items,
  bytes,
}: {
  readonly items: number
  readonly bytes: number
}): string {
  return `Deleted ${formatCount(items, 'result')}, ${formatBytes(bytes)}.`
}

/** `2026-12-01 13:05`, in the time of this machine. */
function dateText(ms: number): string {
  const date = new Date(ms)
  const two = (part: number): string => String(part).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`
}
