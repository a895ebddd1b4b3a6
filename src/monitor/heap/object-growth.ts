/** Reports which objects work left on the heap. */

import type { Session } from 'node:inspector/promises'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { getHeapSnapshot } from 'node:v8'
import { OneCopyError } from '../../errors.ts'
import { requireKnown, requireChoice } from '../../options.ts'
import { countObjects } from './heap-snapshot.ts'
import type { ObjectCount } from './heap-snapshot.ts'
import { plainName } from '../../plain-name.ts'
import { formatBytes, formatChange } from '../../format.ts'
import { shorten, textTable } from '../../text-table.ts'

/** Options of `objectGrowth`. */
export interface ObjectGrowthOptions {
  /** `sampling` (default) names functions, `snapshot` names constructors and counts objects. */
  readonly by?: 'sampling' | 'snapshot'
}

/** What grew; the largest first. */
export interface GrowthRow {
  /** A constructor such as `Map`, or a kind such as `(string)`; or a function and its place. */
  readonly name: string
  /** Bytes more than before; by sampling an estimate. */
  readonly bytes: number
  /** Objects more than before; `undefined` by sampling. */
  readonly count: number | undefined
}

/**
 * Starts to observe the objects on the heap of this isolate. Call `stop()` on the result to see what has
 * grown since then, like pympler's tracker for Python.
 *
 * `sampling` follows one allocation per 32 KB on average until it is collected, so it hardly slows the
 * program down and may run for hours. It reports which *functions* allocated what is still alive, as an
 * estimate for growth of about 1 MB or more. `stop()` collects garbage.
 *
 * `snapshot` counts every object on the heap by *constructor*, at both points. It blocks the event
 * loop each time, for a time that grows with the heap, and takes several times the memory of the heap.
 *
 * Memory outside the heap, such as the bytes of typed arrays, appears in a snapshot as
 * `system / JSArrayBufferData`, and is missing by sampling; {@link publishHeap} reports its sum.
 *
 * @throws TypeError when `by` is not a string
 * @throws OneCopyError `ERR_OPTION` when `by` is neither of the two, `ERR_MONITOR` when the heap of this
 *   thread is being sampled already
 *
 * @example
 * ```ts
 * const growth = await objectGrowth({ by: 'snapshot' })
 * await work()
 * console.log(String(await growth.stop()))
 * ```
 */
export async function objectGrowth(options: ObjectGrowthOptions = {}): Promise<GrowthTracker> {
  requireKnown('objectGrowth', options, { by: true })
  const by = requireChoice('`by`', options.by ?? 'sampling', ['sampling', 'snapshot'])
  return by === 'sampling' ? startSampling() : startSnapshot()
}

/** Follows the objects on a heap until it is stopped. */
export interface GrowthTracker {
  /** What grew since the start. Further calls return the same. */
  stop(): Promise<ObjectGrowth>
  /** Ends the watch; what grew is lost. */
  [Symbol.asyncDispose](): Promise<void>
}

/** What grew between two points; print it for a table. */
export class ObjectGrowth {
  /** The largest growth first; rows that shrank are at the end. */
  readonly rows: readonly GrowthRow[]

  /** @internal use {@link objectGrowth} */
  constructor(rows: readonly GrowthRow[]) {
    this.rows = rows.toSorted((a, b) => b.bytes - a.bytes)
  }

  /** All growth together, in bytes. */
  get bytes(): number {
    return this.rows.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  /** The twenty rows that grew most, as text. */
  toString(): string {
    const rows = this.rows.filter(({ bytes }) => bytes > 0).slice(0, 20)
    if (rows.length === 0) return 'Nothing grew.'
    const hasCounts = rows.some(({ count }) => count !== undefined)
    const columns = [
      {
        heading: hasCounts ? 'constructor' : 'function',
        cells: rows.map(({ name }) => shorten(plainName(name), 60)),
        align: 'left' as const,
      },
      {
        heading: 'objects',
        cells: rows.map(({ count = 0 }) => `${count > 0 ? '+' : ''}${count}`),
        align: 'right' as const,
      },
      {
        heading: 'bytes',
        cells: rows.map(({ bytes }) => formatChange(bytes)),
        align: 'right' as const,
      },
    ]
    const table = textTable(columns.filter(({ heading }) => hasCounts || heading !== 'objects'))
    return [...table, `${formatBytes(Math.max(0, this.bytes))} in all`].join('\n')
  }
}

/** V8 has one sampling profiler a thread, and says nothing when a second one takes it over. */
let isSampling = false

async function startSampling(): Promise<GrowthTracker> {
  if (isSampling) {
    throw new OneCopyError(
      'ERR_MONITOR',
      'The heap of this thread is being sampled already. Stop the other growth tracker first.',
    )
  }
  isSampling = true
  // Loaded on use, so that a monitor starts quickly.
  const inspector = await import('node:inspector/promises')
  const session = new inspector.Session()
  session.connect()
  await session.post('HeapProfiler.enable')
  await session.post('HeapProfiler.startSampling', { samplingInterval: 32_768 })
  return tracker(
    () => readProfile(session),
    () => {
      session.disconnect()
      isSampling = false
    },
  )
}

async function readProfile(session: Session): Promise<GrowthRow[]> {
  await session.post('HeapProfiler.collectGarbage')
  try {
    const { profile } = await session.post('HeapProfiler.stopSampling')
    return rowsOfProfile(profile.head)
  } catch (cause) {
    throw new OneCopyError(
      'ERR_MONITOR',
      'Another profiler has stopped the sampling of this heap, so what grew is unknown.',
      { cause },
    )
  }
}

async function startSnapshot(): Promise<GrowthTracker> {
  const before = await countObjects(getHeapSnapshot())
  return tracker(async () => rowsBetween(before, await countObjects(getHeapSnapshot())))
}

function tracker(look: () => Promise<GrowthRow[]>, close = (): void => undefined): GrowthTracker {
  let growth: Promise<ObjectGrowth> | undefined
  const stop = async (): Promise<ObjectGrowth> => {
    try {
      return new ObjectGrowth(await look())
    } finally {
      close()
    }
  }
  return {
    stop: () => (growth ??= stop()),
    [Symbol.asyncDispose]: async () => {
      await (growth ??= stop())
    },
  }
}

/** A function and all that it allocated which is still there. */
interface ProfileNode {
  readonly callFrame: {
    readonly functionName: string
    readonly url: string
    readonly lineNumber: number
  }
  readonly selfSize: number
  readonly children: readonly ProfileNode[]
}

function rowsOfProfile(head: ProfileNode): GrowthRow[] {
  const bytes = new Map<string, number>()
  const open = [head]
  for (let node = open.pop(); node; node = open.pop()) {
    const name = nameOf(node.callFrame)
    if (node.selfSize > 0) bytes.set(name, (bytes.get(name) ?? 0) + node.selfSize)
    open.push(...node.children)
  }
  return [...bytes].map(([name, size]) => ({ name, bytes: Math.round(size), count: undefined }))
}

/** `fit (model.ts:12)`; what V8 itself allocates for stands in parentheses. */
function nameOf({ functionName, url, lineNumber }: ProfileNode['callFrame']): string {
  if (url === '') return functionName
  const file = url.startsWith('file:') ? basename(fileURLToPath(url)) : url
  return `${functionName || '(anonymous)'} (${file}:${lineNumber + 1})`
}

function rowsBetween(
  before: ReadonlyMap<string, ObjectCount>,
  after: ReadonlyMap<string, ObjectCount>,
): GrowthRow[] {
  const names = new Set([...before.keys(), ...after.keys()])
  return [...names].flatMap((name) => {
    const [was, is] = [before.get(name) ?? nothing, after.get(name) ?? nothing]
    const [bytes, count] = [is.bytes - was.bytes, is.count - was.count]
    return bytes === 0 && count === 0 ? [] : [{ name, bytes, count }]
  })
}

const nothing: ObjectCount = { count: 0, bytes: 0 }
