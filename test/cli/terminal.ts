/** Runs `onecopy` on a terminal of its own. */

import { spawnSync } from 'node:child_process'
import { program } from './run-command.ts'

/** Makes a terminal of the given rows and columns, and types Ctrl-C when the program says so. */
const script = `
import fcntl, os, pty, struct, sys, termios
pid, fd = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack('HHHH', int(sys.argv[1]), int(sys.argv[2]), 0, 0))
    os.environ['TERM'] = 'xterm'
    os.execvp(sys.argv[3], sys.argv[3:])
output = b''
while True:
    try:
        data = os.read(fd, 65536)
    except OSError:
        break
    if not data:
        break
    output += data
    if b'press Ctrl-C' in data:
        os.write(fd, bytes([3]))
sys.stdout.buffer.write(output)
sys.stdout.flush()
_, status = os.waitpid(pid, 0)
sys.exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 200 + os.WTERMSIG(status))`

/**
 * Runs it to its end; whoever writes `press Ctrl-C` gets that.
 *
 * @returns `undefined` where Python can't make a terminal
 */
export function runOnTerminal(
  args: readonly string[],
  { rows = 24, columns = 100, cwd }: { rows?: number; columns?: number; cwd?: string } = {},
): { readonly output: string; readonly code: number | null } | undefined {
  if (spawnSync('python3', ['-c', 'import pty, fcntl']).status !== 0) return undefined
  const { stdout, status } = spawnSync(
    'python3',
    ['-c', script, String(rows), String(columns), process.execPath, program, ...args],
    { encoding: 'utf8', timeout: 60_000, cwd },
  )
  return { output: stdout, code: status }
}
