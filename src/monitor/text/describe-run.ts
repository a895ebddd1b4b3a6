/** Describes the memory of a run in sentences. */

import { peakMs, peakSample, phaseAt } from '../record/phase-peaks.ts'
import { plainName } from '../../plain-name.ts'
import type { RunData, SegmentLine } from '../record/run-data.ts'
import { hasFigures, known, largest, processValue } from '../record/run-data.ts'
import { formatBytes, formatCount, formatPeak, formatTime } from '../../format.ts'

/**
 * A paragraph about a run, one element per sentence: its peak, what it consists of, what RSS
 * would show, and what limits the figures.
 */
export function describeRun(data: RunData): string[] {
  const sentences = hasFigures(data)
    ? figureSentences(data)
    : [`No figures: ${whyNoFigures(data)}.`]
  return [...sentences, endingSentence(data)].filter((sentence) => sentence !== undefined)
}

function figureSentences(data: RunData): (string | undefined)[] {
  const sentences = data.total.hard
    ? [peakSentence(data), largestProcess(data), cacheSentence(data), spikeSentence(data)]
    : [residentSentence(data)]
  return [
    ...sentences,
    shortSentence(data),
    boundSentence(data),
    limitSentence(data),
    gapSentence(data),
  ]
}

/** Why little or nothing is known about a run: it was too short, or the system shows no memory. */
export function whyNoFigures(data: RunData): string {
  const { processes, atMost } = data
  if (processes.length === 0) return 'this system does not show the memory of its processes'
  const bound = atMost === undefined ? '' : `, which was at most ${formatBytes(atMost)}`
  return `it was over before a ${hasFigures(data) ? 'second ' : ''}sample saw its memory${bound}`
}

function peakSentence(data: RunData): string {
  const { peak } = data
  const ms = peakMs(data)
  const phase = phaseAt(data, ms)
  const where = phase ? ` in ${plainName(phase.name, 60)}` : ''
  const shared = sharedAt(data, ms)
  const rss = known(data.total.rss?.[peakSample(data)])
  const misled =
    rss !== undefined && rss > 1.05 * (peak.hard ?? 0) ? `; RSS would show ${formatBytes(rss)}` : ''
  return `Peak ${formatPeak(peak)} hard at ${formatTime(ms)}${where}${shared}${misled}.`
}

/** What part of the peak is shared memory, and who shares it. */
function sharedAt(data: RunData, ms: number): string {
  const shmem = known(data.total.shmem?.[peakSample(data)])
  if (shmem === undefined || shmem < 0.005 * (data.peak.hard ?? 0)) return ''
  const alive = data.segments.filter((segment) => segment.startMs <= ms && segment.endMs >= ms)
  const top = alive.reduce<SegmentLine | undefined>(
    (found, segment) => (found && found.peakBytes >= segment.peakBytes ? found : segment),
    undefined,
  )
  const held =
    top && top.holders > 1 ? ` held by ${formatCount(top.holders, 'process', 'processes')}` : ''
  if (top && top.peakBytes > 0.98 * shmem) {
    return `, including one shared array of ${formatBytes(shmem)}${held}`
  }
  const largestPart = top ? `, its largest piece ${formatBytes(top.peakBytes)}${held}` : ''
  return `, including ${formatBytes(shmem)} of shared memory${largestPart}`
}

function largestProcess(data: RunData): string | undefined {
  if (data.processes.length < 2) return undefined
  const sample = peakSample(data)
  const found = data.processes
    .map((line) => ({ line, bytes: processValue(line, 'anonymous', sample) }))
    .filter(({ bytes }) => bytes > 0)
    .sort((a, b) => b.bytes - a.bytes)[0]
  if (!found) return undefined
  const { name, pid } = found.line
  return `The largest process was ${plainName(name, 40)} (${pid}) with ${formatBytes(found.bytes)} of private memory.`
}

function cacheSentence(data: RunData): string | undefined {
  const cache = known(data.total.fileBacked?.[peakSample(data)])
  if (cache === undefined || cache === 0) return undefined
  return `File cache takes another ${formatBytes(cache)}, which the kernel can drop.`
}

function spikeSentence({ peak }: RunData): string | undefined {
  if (peak.spike <= 0.02 * (peak.hard ?? 0)) return undefined
  return `${formatBytes(peak.spike)} of the peak rose and fell between two samples, as the kernel's record (VmHWM) shows.`
}

function shortSentence(data: RunData): string | undefined {
  if (data.atMost === undefined || data.atMost <= (data.peak.hard ?? 0)) return undefined
  return `The true peak may be higher: ${whyNoFigures(data)}.`
}

function boundSentence({ peak }: RunData): string | undefined {
  if (!peak.isBound) return undefined
  return 'The peak is an upper bound: forked processes shared memory that the kernel did not divide in time.'
}

function residentSentence(data: RunData): string {
  const sample = peakSample(data)
  const rss = known(data.total.rss?.[sample]) ?? (data.total.rss && largest(data.total.rss))
  const ms = peakMs(data)
  const phase = phaseAt(data, ms)
  const where = phase ? ` in ${plainName(phase.name, 60)}` : ''
  return `Peak ${formatBytes(rss)} resident (RSS) at ${formatTime(ms)}${where}; the file does not separate private, shared and file-backed memory.`
}

function limitSentence({ limit, peak }: RunData): string | undefined {
  if (limit === undefined || limit < 1 || peak.hard === undefined || peak.hard < 0.3 * limit)
    return undefined
  return `That is ${Math.round((100 * peak.hard) / limit)} % of its limit of ${formatBytes(limit)}.`
}

function gapSentence({ unreadable }: RunData): string | undefined {
  if (unreadable.length === 0) return undefined
  const who = formatCount(unreadable.length, 'process', 'processes')
  return `The figures of ${who} could not be read in part or whole (${unreadable.slice(0, 5).join(', ')}${unreadable.length > 5 ? ', \u2026' : ''}), so the true peak may be higher.`
}

/**
 * How the run failed, if it did: the process that the kernel killed and its last figures, or the
 * signal or exit code of the command.
 */
export function endingSentence(data: RunData): string | undefined {
  const { ending } = data
  if (ending?.oomKilled) return killSentence(data)
  if (ending?.signal) {
    const last = known(data.total.hard?.at(-1)) ?? known(data.total.hard?.at(-2))
    const figures = last ? `, last seen with ${formatBytes(last)} hard` : ''
    return `The command was ended by ${ending.signal}${figures}.`
  }
  if (ending?.exitCode) return `The command failed with exit code ${ending.exitCode}.`
  return undefined
}

function killSentence({ ending, limit }: RunData): string {
  const killed = ending?.killed
  if (!killed) return 'The kernel killed a process of the run because memory ran out.'
  const { name, pid, atMs, anonymous } = killed
  const who = `${plainName(name, 40)} (${pid})`
  const figures =
    anonymous === undefined
      ? ''
      : ` It was last seen with ${formatBytes(anonymous)} of private memory.`
  const bound = limit === undefined ? '' : ` (limit ${formatBytes(limit)})`
  return `The kernel killed ${who} after ${formatTime(atMs)} because memory ran out${bound}.${figures}`
}
