/** The files that marks are written to, line by line. */

/** The beginning of a phase, said by some process of a tree. */
export interface Mark {
  /** Who says it: another text for each isolate. */
  readonly source: string
  /** Which of its marks this is, from 1 on. */
  readonly number: number
  readonly pid: number
  /** Its thread within the process, 0 for the main thread. */
  readonly thread: number
  /** Its parent, the parent of that, and so on. */
  readonly ancestors: readonly number[]
  /** Milliseconds since 1970. */
  readonly epochMs: number
  readonly name: string
  readonly details?: PhaseDetails
}

/** Facts about a phase, such as the size of its input. */
export type PhaseDetails = Readonly<Record<string, string | number | boolean | null>>

/** The first line of a file that a process writes its own marks to, and of a monitor's file. */
export const markFileHead = 'onecopy marks 1\n'
export const monitorFileHead = 'onecopy monitor 1\n'

/** Whether a file holds the marks of a process. */
export function isMarkFile(head: Uint8Array): boolean {
  return startsWith(head, markFileHead)
}

/** Whether a file is one in which a monitor awaits marks. */
export function isMonitorFile(head: Uint8Array): boolean {
  return startsWith(head, monitorFileHead)
}

/** A mark as a line, with a line end on both sides: half a line before it spoils nothing. */
export function encodeMark(mark: Mark): string {
  return `\n${JSON.stringify(mark)}\n`
}

/** Reads a line; any process of the tree may have written it. */
export function decodeMark(line: string): Mark | undefined {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const mark = value as Partial<Record<keyof Mark, unknown>>
  const { source, number, pid, thread, ancestors, epochMs, name, details } = mark
  if (typeof source !== 'string' || typeof name !== 'string' || name === '') return undefined
  if (![number, pid, thread, epochMs].every(isCount)) return undefined
  if (!Array.isArray(ancestors) || !ancestors.every(isCount)) return undefined
  return {
    source: source.slice(0, 100),
    number: number as number,
    pid: pid as number,
    thread: thread as number,
    ancestors,
    epochMs: epochMs as number,
    name: name.slice(0, 1000),
    ...(isDetails(details) ? { details } : {}),
  }
}

/** Whether a value is plain facts. */
export function isDetails(value: unknown): value is PhaseDetails {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return Object.values(value).every(
    (fact) => fact === null || ['string', 'boolean'].includes(typeof fact) || Number.isFinite(fact),
  )
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER
}

function startsWith(head: Uint8Array, text: string): boolean {
  return Buffer.from(head.subarray(0, text.length)).toString('latin1') === text
}
