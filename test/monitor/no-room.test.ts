/** A monitor where files have no room. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../fixtures/monitor/watch-child.ts', import.meta.url))

/** What the program says after some commands of the shell. */
function sayAfter(commands: string, ...prefix: readonly string[]): string {
  const shell = ['bash', '-c', `${commands}; exec "$0" "$1"`, process.execPath, program]
  const [file, ...words] = [...prefix, ...shell]
  const { stdout, stderr } = spawnSync(file!, words, { encoding: 'utf8' })
  return `${stdout}${stderr}`
}

test('a monitor works where no file has room, without marks and heaps of others', () => {
  // The limit of the size of a file stands for a full disk; it gives EFBIG instead of ENOSPC.
  assert.equal(sayAfter('trap "" XFSZ; ulimit -f 0'), 'figures, own, undefined\n')
})

const ownMounts = ['unshare', '--map-root-user', '--mount']
const [unshare, ...flags] = [...ownMounts, 'mount', '-t', 'tmpfs', 'none', '/dev/shm']
const mayMount = spawnSync(unshare, flags).status === 0

test(
  'marks and heaps go through the temporary folder when /dev/shm is full',
  { skip: mayMount ? false : 'this user may not mount' },
  () => {
    const fill = 'mount -t tmpfs -o size=4k none /dev/shm; head -c 4096 /dev/zero > /dev/shm/full'
    assert.equal(sayAfter(fill, ...ownMounts), 'figures, own and child, main\n')
  },
)
