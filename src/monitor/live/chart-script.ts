/** The script of the live page that draws its charts. */

/** Plain JavaScript for the browser, behind `storeScript`; draws with uPlot. */
export const chartScript = String.raw`
const ink = (name) => getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim()
const font = (size) => size + 'px ' + getComputedStyle(document.body).fontFamily
let charts = []
// Seconds that are shown, counted from the newest sample; 0 is the whole run.
let follow = 0
// A part of the run that somebody dragged over, in seconds.
let zoom = null

const shownRange = () => {
  const end = Math.max(1, run.durationMs / 1000 || 0)
  if (zoom) return zoom
  return [follow > 0 ? Math.max(0, end - follow) : 0, end]
}

const hatching = (context) => {
  const tile = document.createElement('canvas')
  const size = 6 * devicePixelRatio
  tile.width = tile.height = Math.max(3, Math.round(size))
  const pen = tile.getContext('2d')
  pen.strokeStyle = ink('muted')
  pen.globalAlpha = 0.55
  pen.lineWidth = devicePixelRatio * 0.8
  pen.beginPath()
  for (const shift of [-1, 0, 1]) {
    pen.moveTo(shift * tile.width, tile.height)
    pen.lineTo((shift + 1) * tile.width, 0)
  }
  pen.stroke()
  return context.createPattern(tile, 'repeat')
}

const timeSteps = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 43200, 86400]
const timeLabel = (seconds, step) => {
  if (seconds === 0) return '0'
  if (step >= 3600) return Math.round(seconds / 3600) + ' h'
  if (step >= 60) return Math.round(seconds / 60) + ' min'
  return seconds.toFixed(step < 1 ? 1 : 0) + ' s'
}
const axis = (more) => ({
  stroke: ink('muted'),
  font: font(12),
  grid: { stroke: ink('grid'), width: 1 },
  ticks: { show: false },
  ...more,
})
const timeAxis = () =>
  axis({
    incrs: timeSteps,
    size: 30,
    space: 90,
    grid: { show: false },
    values: (u, splits, _, __, step) => splits.map((split) => timeLabel(split, step)),
  })

// Phases: a shade behind every other one, a dashed line where it begins, a name where there is room.
const shadePhases = (u) => {
  const { left, top, width, height } = u.bbox
  u.ctx.save()
  u.ctx.fillStyle = ink('text')
  u.ctx.globalAlpha = 0.05
  run.phases.filter((phase) => phase[3]).forEach(([, startMs, endMs], i) => {
    if (i % 2) return
    const from = Math.max(left, u.valToPos(startMs / 1000, 'x', true))
    const to = Math.min(left + width, u.valToPos(endMs / 1000, 'x', true))
    if (to > from) u.ctx.fillRect(from, top, to - from, height)
  })
  u.ctx.restore()
}
const drawPhases = (u) => {
  const { left, top, width, height } = u.bbox
  const { ctx } = u
  const pixel = devicePixelRatio
  ctx.save()
  ctx.strokeStyle = ctx.fillStyle = ink('text')
  ctx.font = font(12 * pixel)
  // uPlot leaves the alignment of its axes behind.
  ctx.textAlign = 'left'
  ctx.textBaseline = 'alphabetic'
  ctx.setLineDash([2 * pixel, 4 * pixel])
  ctx.lineWidth = pixel
  let free = left
  run.phases.forEach(([name, startMs, endMs], i) => {
    const from = Math.max(left, u.valToPos(startMs / 1000, 'x', true))
    const next = run.phases[i + 1] ? u.valToPos(run.phases[i + 1][1] / 1000, 'x', true) : left + width
    const to = Math.min(left + width, next)
    if (to <= left || from >= left + width) return
    if (to - from >= 6 * pixel && startMs / 1000 >= u.scales.x.min) {
      ctx.globalAlpha = 0.4
      ctx.beginPath()
      ctx.moveTo(from, top)
      ctx.lineTo(from, top + height)
      ctx.stroke()
    }
    ctx.globalAlpha = 1
    // A name may reach over later phases, which then have none, but not into an earlier name.
    const at = Math.max(from + 4 * pixel, free)
    const room = at > from + 4 * pixel ? to - at - 4 * pixel : left + width - at
    const label = cutToWidth(ctx, name, room)
    if (label === '') return
    ctx.fillText(label, at, top - 7 * pixel)
    free = at + ctx.measureText(label).width + 8 * pixel
  })
  ctx.restore()
}
const cutToWidth = (ctx, text, width) => {
  if (ctx.measureText(text).width <= width) return text
  for (let length = text.length - 1; length >= 3; length--) {
    const cut = text.slice(0, length).trimEnd() + '\u2026'
    if (ctx.measureText(cut).width <= width) return cut
  }
  return ''
}

const haloText = (ctx, text, x, y) => {
  ctx.save()
  ctx.lineJoin = 'round'
  ctx.lineWidth = 3.5 * devicePixelRatio
  ctx.strokeStyle = ink('bg')
  ctx.setLineDash([])
  ctx.strokeText(text, x, y)
  ctx.fillText(text, x, y)
  ctx.restore()
}
const drawBudgets = (u) => {
  const { left, top, width, height } = u.bbox
  const { ctx } = u
  const pixel = devicePixelRatio
  ctx.save()
  ctx.strokeStyle = ctx.fillStyle = ink('alarm')
  ctx.font = font(12 * pixel)
  ctx.textBaseline = 'alphabetic'
  ctx.lineWidth = 1.5 * pixel
  ctx.setLineDash([7 * pixel, 4 * pixel])
  for (const [size, phase] of run.budgets || []) {
    const y = u.valToPos(size, 'y', true)
    if (y < top || y > top + height) continue
    const phases = run.phases.filter(([name]) => name === phase)
    const spans = []
    for (const [, startMs, endMs] of phase === null ? [[0, 0, Infinity]] : phases) {
      const from = Math.max(left, u.valToPos(startMs / 1000, 'x', true))
      const to = Math.min(left + width, endMs === Infinity ? Infinity : u.valToPos(endMs / 1000, 'x', true))
      if (to <= from) continue
      spans.push([from, to])
      ctx.beginPath()
      ctx.moveTo(from, y)
      ctx.lineTo(to, y)
      ctx.stroke()
    }
    if (spans.length === 0) continue
    const [first, last] = [spans[0][0], spans[spans.length - 1][1]]
    const label = 'budget ' + (phase === null ? '' : 'of ' + phase + ' ') + formatSize(size)
    // At the end where less memory stands behind it.
    const edge = Math.ceil(shownSamples.length * ((ctx.measureText(label).width + 12 * pixel) / width))
    const most = (samples) => Math.max(0, ...samples.map((sample) => run.high[sample] || 0))
    const isLeft = phase !== null || most(shownSamples.slice(0, edge)) < Math.min(size, most(shownSamples.slice(-edge)))
    ctx.textAlign = isLeft ? 'left' : 'right'
    const x = isLeft ? first + 6 * pixel : last - 6 * pixel
    haloText(ctx, label, x, y > top + 20 * pixel ? y - 5 * pixel : y + 14 * pixel)
  }
  ctx.restore()
}
const drawPeak = (u) => {
  const { left, top, width, height } = u.bbox
  const { hard, ms } = run.peak
  if (hard === null) return
  const [x, y] = [u.valToPos(ms / 1000, 'x', true), u.valToPos(hard, 'y', true)]
  if (x < left - 1 || x > left + width + 1 || y < top || y > top + height) return
  const { ctx } = u
  const pixel = devicePixelRatio
  ctx.save()
  ctx.fillStyle = ink('text')
  ctx.strokeStyle = ink('bg')
  ctx.lineWidth = 2 * pixel
  ctx.setLineDash([])
  ctx.beginPath()
  ctx.arc(x, y, 5 * pixel, 0, 2 * Math.PI)
  ctx.fill()
  ctx.stroke()
  ctx.font = font(12 * pixel)
  ctx.textBaseline = 'alphabetic'
  const label = 'peak ' + formatSize(hard) + ' at ' + formatTime(ms)
  const room = ctx.measureText(label).width + 12 * pixel
  const isRight = x + room < left + width
  ctx.textAlign = isRight ? 'left' : 'right'
  haloText(ctx, label, x + (isRight ? 9 : -9) * pixel, y - 7 * pixel)
  ctx.restore()
}

const commonOptions = (element, scales) => ({
  width: element.clientWidth,
  height: element.clientHeight,
  scales: { x: { time: false, range: () => shownRange() }, ...scales },
  legend: { show: false },
  cursor: { y: false, sync: { key: 'run' }, points: { show: false }, drag: { x: true, y: false, setScale: false } },
  hooks: {},
})
// A dragged part is shown by both charts; a click without a drag changes nothing.
const onSelect = (u) => {
  if (u.select.width > 4) {
    const { left, width } = u.select
    zoom = [u.posToVal(left, 'x'), u.posToVal(left + width, 'x')]
    u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
    redraw()
  }
}

const memoryChart = (element) => {
  const area = (fill) => ({ fill, width: 0, points: { show: false } })
  const options = commonOptions(element, {
    y: {
      range: (u, _, highest) => {
        const hard = Math.max(1, run.peak.hard || 0)
        const lines = (run.budgets || []).map(([size]) => size).filter((size) => size < 4 * hard)
        return [0, Math.max(hard * 1.12, Math.min((highest || 0) * 1.04, 2 * hard), ...lines.map((size) => size * 1.08))]
      },
    },
  })
  options.padding = [26, 14, 0, 0]
  options.axes = [timeAxis(), axis({ size: 76, values: (u, splits) => splits.map((split) => (split === 0 ? '0' : formatTick(split))) })]
  options.series = [
    {},
    area((u) => hatching(u.ctx)),
    area(() => ink('others')),
    ...slots.map((_, i) => area(() => ink('p' + (slots.length - 1 - i)))),
    area(() => ink('shared')),
    { stroke: ink('text'), width: 1, points: { show: false } },
  ]
  options.hooks = {
    drawClear: [shadePhases],
    draw: [drawPhases, drawBudgets, drawPeak],
    setSelect: [onSelect],
    setCursor: [(u) => showLegend(u.cursor.idx)],
  }
  return new uPlot(options, options.series.map(() => []), element)
}
// Round values of an axis need no third digit.
const formatTick = (kB) => formatSize(kB).replace(/(\.\d*?)0+ /, '$1 ').replace('. ', ' ')

const cpuChart = (element) => {
  const options = commonOptions(element, { y: { range: (u, _, highest) => [0, Math.max(1, (highest || 0) * 1.1)] } })
  options.padding = [8, 14, 0, 0]
  options.axes = [
    timeAxis(),
    axis({ size: 76, space: 28, values: (u, splits) => splits.map((split) => (split === 0 ? '0' : split + (split === 1 ? ' core' : ' cores'))) }),
  ]
  options.series = [{}, { stroke: ink('shared'), fill: ink('shared') + '33', width: 1.5, points: { show: false } }]
  options.hooks = { drawClear: [shadePhases], setSelect: [onSelect] }
  return new uPlot(options, [[], []], element)
}

const tasksChart = (element) => {
  const options = commonOptions(element, { y: { range: (u, _, highest) => [0, Math.max(1, (highest || 0) * 1.1)] } })
  options.padding = [8, 14, 0, 0]
  options.axes = [timeAxis(), axis({ size: 76, space: 28, values: (u, splits) => splits.map((split) => (split === 0 ? '0' : formatRate(split))) })]
  options.series = [{}, { stroke: ink('p2'), fill: ink('p2') + '33', width: 1.5, points: { show: false } }]
  options.hooks = { drawClear: [shadePhases], setSelect: [onSelect] }
  return new uPlot(options, [[], []], element)
}
const hasTasks = () => run.tasks.some((rate) => rate !== null)

// What the charts show now, as numbers of samples of the run.
let shownSamples = []
const drawCharts = () => {
  const [memory, cpu, tasks] = charts
  const [from, to] = shownRange()
  const pixels = Math.max(100, Math.round(memory.bbox.width / devicePixelRatio))
  shownSamples = pickSamples(from * 1000, to * 1000, pixels)
  const seconds = shownSamples.map((sample) => run.times[sample] / 1000)
  const lines = assignSlots()
  memory.setData([seconds, ...stackLayers(shownSamples, lines)])
  cpu.setData([seconds, shownSamples.map((sample) => (run.cpu[sample] === null ? null : run.cpu[sample] / 100))])
  if (tasks) tasks.setData([seconds, shownSamples.map((sample) => run.tasks[sample])])
}
const makeCharts = () => {
  for (const chart of charts) chart.destroy()
  const [memory, cpu, tasks] = ['memory', 'cpu', 'tasks'].map((id) => document.getElementById(id))
  document.getElementById('tasks-panel').hidden = !hasTasks()
  charts = [memoryChart(memory), cpuChart(cpu), ...(hasTasks() ? [tasksChart(tasks)] : [])]
  for (const chart of charts) {
    chart.over.addEventListener('dblclick', () => {
      zoom = null
      redraw()
    })
  }
}
`
