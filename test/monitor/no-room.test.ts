/** A monitor where files have no room. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { isOneCopyError } from '../../src/errors.ts'
import { renderPng } from '../../src/monitor/plot/figure/png.ts'

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

test('a picture as .png says where it found no room, and what to do', async (t) => {
  const { TMPDIR } = process.env
  t.after(() => {
    if (TMPDIR === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = TMPDIR
  })
  process.env['TMPDIR'] = '/proc/no'
  await assert.rejects(renderPng('<svg xmlns="http://www.w3.org/2000/svg"/>'), (error) => {
    assert.ok(isOneCopyError(error) && error.cause instanceof Error)
    assert.equal(error.code, 'ERR_FILE')
    assert.match(error.cause.message, /^ENOENT/)
    assert.equal(
      error.message,
      `Could not write the font of the picture into the temporary folder /proc/no: ${error.cause.message}. ` +
        'Free some space there, set the environment variable TMPDIR to another folder, or save the picture as .svg or .html.',
    )
    assert.deepEqual(error.details, { path: '/proc/no' })
    return true
  })
})

test(
  'a picture as .png leaves nothing in a full temporary folder',
  { skip: mayMount ? false : 'this user may not mount' },
  () => {
    const png = fileURLToPath(new URL('../../src/monitor/plot/figure/png.ts', import.meta.url))
    const draw = `
      const { renderPng } = await import('${png}')
      const error = await renderPng('<svg xmlns="http://www.w3.org/2000/svg"/>').catch((error) => error)
      console.log(error.message, (await import('node:fs')).readdirSync('/mnt').length)`
    const shell =
      'mount -t tmpfs -o size=8k none /mnt; TMPDIR=/mnt exec "$0" --input-type=module -e "$1"'
    const words = [...ownMounts.slice(1), 'bash', '-c', shell, process.execPath, draw]
    const { stdout, stderr } = spawnSync(unshare, words, { encoding: 'utf8' })
    assert.equal(
      stdout,
      'Could not write the font of the picture into the temporary folder /mnt: ENOSPC: no space left on device, write. ' +
        'Free some space there, set the environment variable TMPDIR to another folder, or save the picture as .svg or .html. 0\n',
      stderr,
    )
  },
)
