/** System calls that signals interrupt. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../arrays/temporary-folder.ts'

/** Stands before the system's own, and is interrupted as often as it is told. */
const shim = `
#include <cerrno>
#include <cstdlib>
#include <dlfcn.h>
#include <sys/types.h>
extern "C" int posix_fallocate64(int fd, off64_t start, off64_t length) {
  static int left = std::atoi(std::getenv("INTERRUPTIONS"));
  if (left-- > 0) return EINTR;
  return reinterpret_cast<int (*)(int, off64_t, off64_t)>(dlsym(RTLD_NEXT, "posix_fallocate64"))(fd, start, length);
}
extern "C" int posix_fallocate(int fd, off_t start, off_t length) {
  return posix_fallocate64(fd, start, length);
}
`

const skip = process.platform === 'linux' ? false : 'only Linux has LD_PRELOAD'

test('space on the disk is asked for again when a signal comes', { skip }, (t) => {
  const folder = temporaryFolder(t)
  const [source, library] = [join(folder, 'shim.cc'), join(folder, 'shim.so')]
  writeFileSync(source, shim)
  execFileSync('g++', ['-shared', '-fPIC', source, '-o', library, '-ldl'])
  const arrays = new URL('../../src/arrays/index.ts', import.meta.url).href
  const program = `
    import { shared } from '${arrays}'
    try {
      console.log(shared([9], 'int8', { scratch: '${folder}' }).size)
    } catch (error) {
      console.log(error.code, error.message)
    }`
  // A sanitizer's own library must stay the first.
  const preloaded = [process.env['LD_PRELOAD'] ?? '', library].join(' ').trim()
  const run = (interruptions: number): string =>
    execFileSync(process.execPath, ['--input-type=module', '-e', program], {
      encoding: 'utf8',
      env: { ...process.env, LD_PRELOAD: preloaded, INTERRUPTIONS: String(interruptions) },
    })
  assert.equal(run(9), '9\n')
  // Not for ever: a program that is sent one without end still gets its turn.
  assert.equal(
    run(1e6),
    `ERR_MEMORY Could not make scratch memory in ${folder}: Could not reserve 9 bytes on the disk: Interrupted system call.\n`,
  )
})
