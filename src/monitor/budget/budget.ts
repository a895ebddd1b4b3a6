/** Checks a run against budgets of hard memory. */

import { plainName } from '../../plain-name.ts'
import type { MemoryPeak } from '../record/peak-keeper.ts'
import { firstAtOrAfter, peakOf, phaseAt, provenPeak } from '../record/phase-peaks.ts'
import type { Budget } from '../plot/figure/annotations.ts'
import type { MemoryReport } from '../report/report.ts'
import { hasFigures, processValue } from '../record/run-data.ts'
import type { ProcessLine, RunData, SegmentLine } from '../record/run-data.ts'
import { formatBytes, formatCount, formatTime } from '../../format.ts'
import { whyNoFigures } from '../text/describe-run.ts'

/** A budget that was exceeded or could not be checked. */
export interface BudgetBreach {
  readonly budget: Budget
  /** The most hard memory in its part of the run, in bytes; `undefined` when that is not known. */
  readonly peak: number | undefined
  /** When that was, in milliseconds after the start of the run. */
  readonly atMs: number | undefined
  /** One sentence: phase, process, moment, and what grew. */
  readonly sentence: string
}

/**
 * Finds the budgets that a run exceeded. Hard memory counts, private and shared; file cache does
 * not, because the kernel can drop it. Where a peak is only an upper bound (forks), the memory that
 * was used for certain counts. A budget whose phase never began, or of a run without figures, is a
 * breach too, so that a misspelt name does not pass.
 *
 * @param budgets - for the whole run or for a phase
 * @returns one breach per exceeded budget, in the order of the budgets
 *
 * @example
 * ```ts
 * for (const { sentence } of checkBudgets(report, [{ phase: 'fit', bytes: 300e6 }])) {
 *   console.error(sentence)
 * }
 * ```
 */
export function checkBudgets(report: MemoryReport, budgets: readonly Budget[]): BudgetBreach[] {
  return budgets.flatMap((budget) => checkBudget(report.data, budget) ?? [])
}

function checkBudget(data: RunData, budget: Budget): BudgetBreach | undefined {
  const unknown = (reason: string): BudgetBreach => {
    const sentence = `The ${nameOf(budget)} could not be checked: ${reason}.`
    return { budget, peak: undefined, atMs: undefined, sentence }
  }
  const spans = spansOf(data, budget)
  if (spans.length === 0) return unknown(noPhase(data))
  if (!hasFigures(data)) {
    return (data.atMost ?? Infinity) <= budget.bytes ? undefined : unknown(whyNoFigures(data))
  }
  if (!data.total.hard) return unknown('the file does not separate hard memory from file cache')
  const { peak } = peakOf(data, spans)
  if (peak.hard === undefined) return unknown('the phase was over before a sample saw it')
  // An upper bound proves nothing: what counts is what memory was for certain.
  const proven = peak.isBound ? (provenPeak(data, spans) ?? 0) : peak.hard
  if (proven <= budget.bytes) {
    // A single sample proves little about the peak.
    return (data.atMost ?? 0) <= budget.bytes ? undefined : unknown(whyNoFigures(data))
  }
  const { atMs } = peak
  const span = spans.findLast(({ startMs }) => startMs <= atMs) ?? spans[0]!
  const where = placeOf(data, budget, atMs)
  const over = formatBytes(proven - budget.bytes)
  return {
    budget,
    peak: proven,
    atMs,
    sentence:
      `Hard memory reached ${formatBytes(proven)} at ${formatTime(atMs)}${where}, ` +
      `${over} over the ${nameOf(budget)}: ${describeGrowth(data, span.startMs, peak)}.`,
  }
}

function nameOf({ bytes, phase }: Budget): string {
  const of = phase === undefined ? '' : ` for ${plainName(phase, 60)}`
  return `budget of ${formatBytes(bytes)}${of}`
}

function spansOf(data: RunData, { phase }: Budget): readonly { startMs: number; endMs: number }[] {
  if (phase === undefined) return [{ startMs: 0, endMs: data.durationMs }]
  return data.phases.filter(({ name }) => name === phase)
}

function noPhase({ phases }: RunData): string {
  const names = [...new Set(phases.map(({ name }) => `'${plainName(name, 40)}'`))]
  if (names.length === 0) return 'the run has no phases'
  const more = names.length > 8 ? ', \u2026' : ''
  return `the run has no such phase, only ${names.slice(0, 8).join(', ')}${more}`
}

function placeOf(data: RunData, budget: Budget, ms: number): string {
  const name = budget.phase ?? phaseAt(data, ms)?.name
  return name === undefined ? '' : ` in ${plainName(name, 60)}`
}

/**
 * What grew most from a moment to a peak, and in which process.
 *
 * @param sinceMs - after the start of the run
 */
export function describeGrowth(data: RunData, sinceMs: number, peak: MemoryPeak): string {
  const from = firstAtOrAfter(data.times, sinceMs)
  const to = Math.min(firstAtOrAfter(data.times, peak.atMs), data.times.length - 1)
  const process = grownMost(data, from, to)
  const own = process?.bytes ?? 0
  const shared = (data.total.shmem?.[to] ?? 0) - (data.total.shmem?.[from] ?? 0)
  if (peak.spike > Math.max(shared, own)) return spikeGrowth(peak.spike, process?.line)
  if (shared > own)
    return `shared memory grew by ${formatBytes(shared)}${holderOf(data, to, peak.atMs)}`
  if (!process || own <= 0) return 'it was there at the start'
  return `${label(process.line)} grew by ${formatBytes(own)} of private memory`
}

function spikeGrowth(spike: number, line: ProcessLine | undefined): string {
  const beside = line ? `, beside ${label(line)}` : ''
  return `${formatBytes(spike)} of it rose and fell between two samples${beside}`
}

/** The process whose private memory grew most between two samples; a new one grew from 0. */
function grownMost(
  data: RunData,
  from: number,
  to: number,
): { readonly line: ProcessLine; readonly bytes: number } | undefined {
  return data.processes
    .map((line) => {
      const now = processValue(line, 'anonymous', to)
      const before = from === to && from === 0 ? 0 : processValue(line, 'anonymous', from)
      return { line, bytes: now - (Number.isNaN(before) ? 0 : before) }
    })
    .filter(({ bytes }) => !Number.isNaN(bytes))
    .reduce<{ line: ProcessLine; bytes: number } | undefined>(
      (most, next) => (most && most.bytes >= next.bytes ? most : next),
      undefined,
    )
}

/** `, mapped most by node fit.js (12), its largest piece held by 4 processes`. */
function holderOf(data: RunData, sample: number, ms: number): string {
  const users = data.processes
    .map((line) => ({ line, bytes: processValue(line, 'shmem', sample) }))
    .filter(({ bytes }) => bytes > 0)
    .sort((a, b) => b.bytes - a.bytes)
  const piece = data.segments
    .filter(({ startMs, endMs }) => startMs <= ms && endMs >= ms)
    .reduce<SegmentLine | undefined>(
      (most, next) => (most && most.peakBytes >= next.peakBytes ? most : next),
      undefined,
    )
  const by = users[0] ? `, used most by ${label(users[0].line)}` : ''
  const held =
    piece && piece.holders > 1
      ? `, its largest piece of ${formatBytes(piece.peakBytes)} held by ${formatCount(piece.holders, 'process', 'processes')}`
      : ''
  return by + held
}

function label({ name, pid }: ProcessLine): string {
  return `${plainName(name, 40)} (${pid})`
}
