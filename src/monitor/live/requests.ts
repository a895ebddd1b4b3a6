/** Answers the requests of a live page and refuses all others. */

import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** What the answers need. */
export interface LiveSite {
  /** The first part of every path; without it a request finds nothing. */
  readonly token: string
  /** Hosts that a request may name, with the port. */
  readonly authority: readonly string[]
  readonly page: { readonly html: string; readonly policy: string }
  /** Called with a connection that has shown the token. */
  readonly onKnown: (socket: Socket) => void
  /** Takes over a stream of events after its headers are written. */
  readonly onReader: (response: ServerResponse) => void
}

/**
 * Answers one request. Only GET of the page and of its events, with the token and under a name of
 * this machine, gets more than "not found". So nobody can find out that there is a page, and no
 * request can change anything.
 */
export function answer(request: IncomingMessage, response: ServerResponse, site: LiveSite): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  request.resume()
  const path = pathAfterToken(request, site)
  if (path === undefined || (path !== '' && path !== 'events')) return refuse(response, 404)
  site.onKnown(request.socket)
  if (request.method !== 'GET') return refuse(response, 405, { Allow: 'GET' })
  if (path === '') {
    const { html, policy } = site.page
    response.setHeader('Content-Security-Policy', policy)
    response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end(html)
    return
  }
  response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8' })
  response.flushHeaders()
  site.onReader(response)
}

/** The path after `/token/`; `undefined` when the token or the host is wrong. */
function pathAfterToken(
  { url = '', headers }: IncomingMessage,
  site: LiveSite,
): string | undefined {
  // Refuse other host names that were made to point here (DNS rebinding).
  if (headers.host === undefined || !site.authority.includes(headers.host)) return undefined
  const [, token = '', ...rest] = url.split('/')
  const [given, expected] = [Buffer.from(token), Buffer.from(site.token)]
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined
  return rest.length === 1 ? rest[0] : undefined
}

function refuse(
  response: ServerResponse,
  status: number,
  more: Readonly<Record<string, string>> = {},
): void {
  const text = status === 404 ? 'Not found\n' : 'Not allowed\n'
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', ...more }).end(text)
}

const headers: Readonly<Record<string, string>> = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
}
