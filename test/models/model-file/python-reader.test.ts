/** The reader in Python of the documentation reads model files. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { generateKeyPairSync } from 'node:crypto'
import { Pipeline, Ridge, StandardScaler } from '../../../src/learn/index.ts'
import { saveModel, signModel } from '../../../src/models/index.ts'
import { temporaryFolder } from '../../arrays/temporary-folder.ts'
import { runPython, withoutNumpy } from '../../numpy.ts'
import { randomProblem } from '../../learn/random-problem.ts'

test(
  'twelve lines of Python read a signed pipeline, and predict with it',
  { skip: withoutNumpy },
  async (t) => {
    const page = readFileSync(join(import.meta.dirname, '../../../docs/save-models.md'), 'utf8')
    const [, reader = ''] = /```python\n([\s\S]*?)```/.exec(page) ?? []
    assert.ok(reader.trim().split('\n').length <= 13)
    const path = join(temporaryFolder(t), 'a.onecopy')
    const { X, y } = randomProblem(50, 3)
    const steps = { scale: new StandardScaler(), ridge: new Ridge() }
    const model = await new Pipeline({ steps }).fit(X, y)
    await saveModel({ model, X }, path)
    await signModel(path, generateKeyPairSync('ed25519').privateKey)
    const program = `${reader}
import sys
kept = read_model(sys.argv[1])
learned = kept['model']['state']['steps_']
scale, ridge = learned['scale'], learned['ridge']
Z = (kept['X'] - scale['mean_']) / scale['scale_']
print((Z @ ridge['coef_'].ravel() + ridge['intercept_'])[7])
`
    const found = Number(runPython(program, path))
    const expected = (await model.predict(X)).get(7)
    assert.ok(Math.abs(found - expected) < 1e-9, `${found} ${expected}`)
  },
)
