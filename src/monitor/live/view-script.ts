/** The script of the live page that fills tiles, legend and table. */

/** Plain JavaScript for the browser, behind `chartScript`; writes text only, never markup. */
export const viewScript = String.raw`
const byId = (id) => document.getElementById(id)
const add = (parent, name, className, text) => {
  const node = parent.appendChild(document.createElement(name))
  node.className = className
  if (text !== undefined) node.textContent = text
  return node
}
const setText = (node, text) => {
  if (node.textContent !== text) node.textContent = text
}

const tiles = new Map()
const showTile = (label, value, more) => {
  let tile = tiles.get(label)
  if (!tile) {
    const box = add(byId('tiles'), 'div', 'tile')
    add(box, 'div', 'label', label)
    tile = { value: add(box, 'div', 'value'), more: add(box, 'div', 'more') }
    tiles.set(label, tile)
  }
  setText(tile.value, value)
  setText(tile.more, more)
}
const showTiles = () => {
  const last = run.times.length - 1
  const { hard, ms } = run.peak
  const phase = run.phases.findLast(([, startMs, endMs]) => startMs <= ms && endMs >= ms)
  const rss = run.rss[last]
  showTile('hard memory', formatSize(run.hard[last]), rss > 1.05 * run.hard[last] ? 'RSS would say ' + formatSize(rss) : '')
  showTile('peak', formatSize(hard), 'at ' + formatTime(ms) + (phase ? ' in ' + phase[0] : ''))
  showTile('shared, counted once', formatSize(run.shared[last]), '')
  showTile('file cache', formatSize(run.cache[last]), 'the kernel can drop it')
  showTile('processes', String(run.living), run.limit === null ? '' : 'limit ' + formatSize(run.limit))
}

const showLegend = (index) => {
  const sample = index === null || index === undefined ? run.times.length - 1 : shownSamples[index]
  if (sample === undefined || sample < 0) return
  const isNow = sample === run.times.length - 1
  const lines = slots.map((id) => (id === null ? undefined : run.processes.get(id)))
  const hard = run.hard[sample]
  const shared = run.shared[sample]
  const own = lines.reduce((sum, line) => sum + ((line && ownAt(line, sample)) || 0), shared || 0)
  const rows = [
    ['i-cache', 'file cache', run.cache[sample]],
    ['sum', 'hard memory', hard],
    ...(run.processes.size > slots.length ? [['i-others', 'other processes', hard === null ? null : Math.max(0, hard - own)]] : []),
    ...lines.map((line, i) => line && ['i-p' + i, line.name + ' ' + line.pid, ownAt(line, sample)]).filter(Boolean).reverse(),
    ['i-shared', 'shared memory, once', shared],
    ['none', 'RSS would say', run.rss[sample]],
  ]
  const legend = byId('legend')
  while (legend.children.length > rows.length + 1) legend.lastChild.remove()
  while (legend.children.length < rows.length + 1) {
    if (legend.children.length === 0) add(legend, 'div', 'head')
    else {
      const row = add(legend, 'div', 'row')
      for (const part of ['swatch', 'name', 'size']) add(row, 'span', part)
    }
  }
  setText(legend.firstChild, isNow ? 'now' : 'at ' + formatTime(run.times[sample]))
  rows.forEach(([swatch, name, size], i) => {
    const row = legend.children[i + 1]
    row.className = swatch === 'none' ? 'row dim' : 'row'
    row.children[0].className = 'swatch ' + swatch
    setText(row.children[1], name)
    setText(row.children[2], formatSize(size))
  })
  const cpu = run.cpu[sample]
  const tasks = run.tasks[sample]
  setText(byId('tasks-now'), tasks === null ? '' : (tasks < 100 ? tasks.toFixed(1) : Math.round(tasks).toLocaleString('en-US')) + ' tasks a second')
  setText(byId('cpu-now'), cpu === null ? '' : formatCores(cpu) + ' cores busy')
}

const rows = new Map()
const showProcesses = () => {
  const body = byId('processes')
  const lines = [...run.processes.values()].sort(
    (a, b) => b.isAlive - a.isAlive || nowOf(b) - nowOf(a) || b.peak - a.peak,
  ).slice(0, 60)
  const wanted = new Set(lines.map((line) => line.id))
  for (const [id, row] of rows) {
    if (!wanted.has(id)) {
      row.remove()
      rows.delete(id)
    }
  }
  lines.forEach((line, i) => {
    let row = rows.get(line.id)
    if (!row) {
      row = document.createElement('tr')
      for (let cell = 0; cell < 8; cell++) add(row, 'td', '')
      add(row.firstChild, 'span', 'swatch')
      add(row.firstChild, 'span', '')
      rows.set(line.id, row)
    }
    if (body.children[i] !== row) body.insertBefore(row, body.children[i] || null)
    row.className = line.isAlive ? '' : 'ended'
    const slot = slots.indexOf(line.id)
    row.firstChild.firstChild.className = 'swatch i-' + (slot < 0 ? 'others' : 'p' + slot)
    setText(row.firstChild.lastChild, line.name)
    const cells = [
      String(line.pid),
      line.isAlive ? formatSize(line.own[line.own.length - 1]) : 'ended',
      formatSize(line.peak),
      line.isAlive ? formatSize(line.rss) : '',
      line.cpu === null ? '' : line.cpu + ' %',
      line.threads === null ? '' : String(line.threads),
      formatTime(line.startMs) + ' \u2013 ' + (line.isAlive ? 'now' : formatTime(line.endMs || line.startMs)),
    ]
    cells.forEach((text, cell) => setText(row.children[cell + 1], text))
  })
}
const nowOf = (line) => (line.isAlive && line.own[line.own.length - 1]) || 0

const showState = (text, kind) => {
  setText(byId('state'), text)
  byId('state').className = kind
}

const redraw = () => {
  if (!run || run.times.length === 0) return
  showTiles()
  showProcesses()
  if (charts.length === 0 || (charts.length === 2 && hasTasks())) makeCharts()
  drawCharts()
  showLegend(charts[0].cursor.idx)
  for (const button of byId('ranges').children) {
    button.setAttribute('aria-pressed', String(!zoom && Number(button.dataset.seconds) === follow))
  }
}
let isPlanned = false
const plan = () => {
  if (isPlanned || document.hidden) return
  isPlanned = true
  requestAnimationFrame(() => {
    isPlanned = false
    redraw()
  })
}

const endText = ({ exitCode, signal, oomKilled }) => {
  if (oomKilled) return 'ended: out of memory'
  if (signal) return 'ended by ' + signal
  return exitCode === undefined ? 'ended' : 'ended with exit code ' + exitCode
}
let events
const connect = () => {
  events = new EventSource('events')
  events.addEventListener('open', () => showState('waiting for the run', 'running'))
  events.addEventListener('run', ({ data }) => {
    const { title, budgets, ...feed } = JSON.parse(data)
    newRun({ title, budgets })
    addFeed(feed)
    setText(byId('title'), title)
    showState('running for ' + formatTime(run.durationMs), 'running')
    plan()
  })
  events.addEventListener('more', ({ data }) => {
    addFeed(JSON.parse(data))
    showState('running for ' + formatTime(run.durationMs), 'running')
    if (run.times.length > maxSamples) {
      // The server thins it out.
      events.close()
      connect()
    }
    plan()
  })
  events.addEventListener('end', ({ data }) => {
    events.close()
    const ending = JSON.parse(data)
    const isFailed = ending.oomKilled || ending.signal || ending.exitCode
    showState(endText(ending) + ' after ' + formatTime(run.durationMs), isFailed ? 'failed' : 'ended')
    plan()
  })
  events.addEventListener('error', () => {
    if (events.readyState !== EventSource.CLOSED) showState('no connection, trying again', 'failed')
    else showState('the page was closed', 'failed')
  })
}
newRun({})
connect()

byId('ranges').addEventListener('click', ({ target }) => {
  if (target.dataset.seconds === undefined) return
  follow = Number(target.dataset.seconds)
  zoom = null
  redraw()
})
document.addEventListener('visibilitychange', plan)
const remake = () => {
  if (charts.length === 0) return
  makeCharts()
  redraw()
}
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', remake)
new ResizeObserver(() => {
  for (const [i, id] of ['memory', 'cpu', 'tasks'].entries()) {
    const { clientWidth: width, clientHeight: height } = byId(id)
    if (charts[i] && width > 0 && charts[i].width !== width) charts[i].setSize({ width, height })
  }
  plan()
}).observe(byId('memory'))
`
