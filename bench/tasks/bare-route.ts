/** A bare Fastify route that parses JSON and answers with a constant. */

import fastify from 'fastify'

const answer = {
  model_name: 'model',
  model_version: '1',
  outputs: [{ name: 'predict', datatype: 'FP64', shape: [1], data: [1.2345678901234567] }],
}
const app = fastify()
app.post('/v2/models/model/infer', async () => answer)
console.log(await app.listen({ port: 0, host: '127.0.0.1' }))
