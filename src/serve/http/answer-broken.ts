/** Answers bytes that are no request of HTTP. */

import type { Socket } from 'node:net'

/** What Node.js says of bytes that its parser refuses, or of a request that came too slowly. */
type ParseError = Error & { readonly code?: string; readonly reason?: string }

/** Answers in the form of all other errors, and closes the connection. */
export function answerBroken(error: ParseError, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  const [status, text] = refusalOf(error)
  const body = JSON.stringify({ error: text })
  if (socket.writable)
    socket.write(
      `HTTP/1.1 ${status}\r\nContent-Type: application/json; charset=utf-8\r\n` +
        `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    )
  socket.destroySoon()
}

function refusalOf({ code, reason }: ParseError): [status: string, text: string] {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return ['408 Request Timeout', 'The request did not arrive in time. Send it again.']
  if (code === 'HPE_HEADER_OVERFLOW')
    return [
      '431 Request Header Fields Too Large',
      'Expected an address and headers of at most 16 KiB together, got more.',
    ]
  const why = reason === undefined || reason === '' ? '' : `: ${reason}`
  return ['400 Bad Request', `Expected a request of HTTP/1.1, got other bytes${why}.`]
}
