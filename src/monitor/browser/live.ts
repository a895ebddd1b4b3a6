/** The live page: gets a run from its server, and draws it. */

import { formatTime } from '../../format.ts'
import { byId, setText } from './dom.ts'
import type { LiveEnding, LiveFeed, LiveRun } from './live-feed.ts'
import { RunStore } from './live/run-store.ts'
import { View } from './live/view.ts'

/** More samples than this are asked for again: the server sends fewer of them. */
const maxSamples = 80_000

const view = new View()
let events = connect()
// For the browser's console, and for tests.
Object.assign(globalThis, { view })

function connect(): EventSource {
  const source = new EventSource('events')
  source.addEventListener('open', () => showState('waiting for data', 'running'))
  source.addEventListener('run', (event: MessageEvent<string>) => {
    const { title, budgets, ...feed } = JSON.parse(event.data) as LiveRun
    setText(byId('title'), title)
    view.run = new RunStore(budgets)
    take(feed)
  })
  source.addEventListener('more', (event: MessageEvent<string>) => {
    take(JSON.parse(event.data) as LiveFeed)
    if (view.run.times.length <= maxSamples) return
    events.close()
    events = connect()
  })
  source.addEventListener('end', (event: MessageEvent<string>) => {
    source.close()
    const ending = JSON.parse(event.data) as LiveEnding
    const { oomKilled, signal, exitCode } = ending
    const isFailed = oomKilled || signal !== undefined || (exitCode ?? 0) !== 0
    const after = `after ${formatTime(view.run.durationMs)}`
    view.run.end()
    showState(`${endText(ending)} ${after}`, isFailed ? 'failed' : 'ended')
    view.plan()
  })
  source.addEventListener('error', () => {
    const isGone = source.readyState === EventSource.CLOSED
    showState(isGone ? 'closed' : 'connection lost, retrying', 'failed')
  })
  return source
}

function take(feed: LiveFeed): void {
  view.run.add(feed)
  showState(`running for ${formatTime(view.run.durationMs)}`, 'running')
  view.plan()
}

function endText({ exitCode, signal, oomKilled }: LiveEnding): string {
  if (oomKilled) return 'ended: out of memory'
  if (signal !== undefined) return `ended by ${signal}`
  return exitCode === undefined ? 'ended' : `ended with exit code ${exitCode}`
}

function showState(text: string, kind: 'running' | 'failed' | 'ended'): void {
  const state = byId('state')
  setText(state, text)
  state.className = kind
}
