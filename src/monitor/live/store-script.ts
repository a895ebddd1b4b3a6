/** The script of the live page that keeps the run. */

/**
 * Plain JavaScript for the browser: takes the feeds of `feed.ts` in, and picks what a chart of so
 * many pixels can show. It knows no page.
 */
export const storeScript = String.raw`
const columns = ['times', 'hard', 'high', 'shared', 'cache', 'rss', 'cpu', 'tasks']
const maxSamples = 80000
let run

const newRun = (facts) => {
  run = { ...facts, processes: new Map(), living: 0, phases: [], peak: { hard: null, ms: 0 } }
  for (const name of columns) run[name] = []
}

// Takes a feed in; samples that are there already are left out.
const addFeed = (feed) => {
  if (!feed.times) return
  const base = run.times.length
  const last = base > 0 ? run.times[base - 1] : -1
  let skip = 0
  while (skip < feed.times.length && feed.times[skip] <= last) skip++
  for (const name of columns) for (let i = skip; i < feed.times.length; i++) run[name].push(feed[name] ? feed[name][i] : null)
  for (const line of run.processes.values()) line.isAlive = false
  for (const { own, first, ...facts } of feed.processes) {
    const start = base + first - skip
    const line = run.processes.get(facts.id) || { first: Math.max(base, start), own: [], peak: 0 }
    run.processes.set(facts.id, Object.assign(line, facts))
    for (let i = Math.max(0, base - start); i < own.length; i++) {
      while (line.own.length < start + i - line.first) line.own.push(null)
      line.own.push(own[i])
      if (own[i] > line.peak) line.peak = own[i]
    }
    if (facts.isAlive) line.endMs = feed.durationMs
  }
  const { startMs, durationMs, samples, living, phases, peak, limit } = feed
  Object.assign(run, { startMs, durationMs, samples, living, phases, peak, limit })
}

// The first sample that is not before a moment.
const firstAt = (ms) => {
  let low = 0
  let high = run.times.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (run.times[middle] < ms) low = middle + 1
    else high = middle
  }
  return low
}

// Of each column of pixels the samples with the least and the most memory, and one beyond each end.
// Those that are not the highest of their column are no part of the line of the whole: noise would
// make a black band of it.
const lows = new Set()
const pickSamples = (fromMs, toMs, pixels) => {
  const first = Math.max(0, firstAt(fromMs) - 1)
  const last = Math.min(run.times.length - 1, firstAt(toMs))
  const picked = []
  lows.clear()
  if (last - first < 2 * pixels) {
    for (let i = first; i <= last; i++) picked.push(i)
    return picked
  }
  const scale = pixels / Math.max(1, toMs - fromMs)
  for (let i = first; i <= last;) {
    const pixel = Math.floor((run.times[i] - fromMs) * scale)
    let low = -1
    let high = -1
    let gap = -1
    for (; i <= last && Math.floor((run.times[i] - fromMs) * scale) === pixel; i++) {
      if (run.hard[i] === null) gap = i
      else {
        if (low < 0 || run.hard[i] < run.hard[low]) low = i
        if (high < 0 || run.high[i] > run.high[high]) high = i
      }
    }
    if (low >= 0 && low !== high) lows.add(low)
    picked.push(...new Set([low, high, gap].filter((sample) => sample >= 0).sort((a, b) => a - b)))
  }
  return picked
}

const ownAt = (line, sample) => {
  const value = line.own[sample - line.first]
  return value === undefined ? 0 : value
}

// The processes that get a layer: the largest ones keep their place and colour.
const slots = [null, null, null, null, null, null]
const assignSlots = () => {
  const largest = [...run.processes.values()].sort((a, b) => b.peak - a.peak).slice(0, slots.length)
  slots.forEach((id, i) => {
    if (!largest.some((line) => line.id === id)) slots[i] = null
  })
  largest.sort((a, b) => a.startMs - b.startMs)
  for (const line of largest) {
    if (!slots.includes(line.id)) slots[slots.indexOf(null)] = line.id
  }
  return slots.map((id) => (id === null ? undefined : run.processes.get(id)))
}

// The upper edges of the layers at some samples, from the top down; uPlot paints them in this order.
const stackLayers = (samples, lines) => {
  const layers = Array.from({ length: slots.length + 4 }, () => new Array(samples.length))
  samples.forEach((sample, i) => {
    const hard = run.hard[sample]
    if (hard === null) return layers.forEach((layer) => (layer[i] = null))
    let sum = run.shared[sample] || 0
    layers[slots.length + 2][i] = sum
    lines.forEach((line, slot) => {
      if (line) sum += ownAt(line, sample) || 0
      layers[slots.length + 1 - slot][i] = sum
    })
    layers[1][i] = Math.max(hard, sum)
    layers[0][i] = layers[1][i] + (run.cache[sample] || 0)
    // uPlot draws on over what is not defined, and stops at what is null.
    layers[slots.length + 3][i] = lows.has(sample) ? undefined : Math.max(hard, run.high[sample] || 0)
  })
  return layers
}

const formatSize = (kB) => {
  if (kB === null || kB === undefined) return 'n/a'
  const units = ['kB', 'MB', 'GB', 'TB', 'PB']
  let unit = 0
  for (; kB >= 999.5 && unit < units.length - 1; unit++) kB /= 1000
  return kB.toFixed(kB >= 99.95 || unit === 0 ? 0 : kB >= 9.995 ? 1 : 2) + ' ' + units[unit]
}
const formatTime = (ms) => {
  if (ms < 99950) return (ms / 1000).toFixed(1) + ' s'
  const seconds = Math.round(ms / 1000)
  const minutes = Math.floor(seconds / 60) % 60
  const rest = minutes + ' min ' + (seconds % 60) + ' s'
  return seconds < 3600 ? rest : Math.floor(seconds / 3600) + ' h ' + rest
}
const formatRate = (rate) => (rate >= 1e6 ? rate / 1e6 + ' M/s' : rate >= 1e4 ? rate / 1e3 + ' k/s' : rate + '/s')
const formatCores = (hundredths) => (hundredths === null ? 'n/a' : (hundredths / 100).toFixed(2))
`
