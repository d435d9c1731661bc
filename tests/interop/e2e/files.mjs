// Files: a server outside of the network, which the last hop of an onion reaches.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { it } from 'node:test';
import { requestThroughOnion } from '../network/file_server.mjs';

export function files(scene) {
  it('a file that was uploaded through an onion is downloaded as it was', async () => {
    const server = await scene.argot.startFileServer();
    const ask = (request, type) => requestThroughOnion(scene.nodes, server, request, type);
    for (const type of ['aes-gcm', 'xchacha20'])
      for (const size of [1, 592, 100_000, 6_000_000]) {
        const file = randomBytes(size);
        const headers = { 'Content-Type': 'application/octet-stream' };
        const up = await ask({ method: 'POST', endpoint: '/file', headers, body: file }, type);
        assert.equal(up.code, 200, up.body.toString());
        const { id, uploaded, expires } = JSON.parse(up.body);
        assert.equal(typeof id, 'string');
        assert.ok(Math.abs(uploaded - Date.now() / 1000) < 60 && expires > uploaded);

        const down = await ask({ method: 'GET', endpoint: `/file/${id}` }, type);
        assert.equal(down.code, 200);
        assert.ok(down.body.equals(file), `${size} bytes`);
        assert.equal(down.headers['content-length'] ?? String(size), String(size));

        const about = await ask({ method: 'GET', endpoint: `/file/${id}/info` }, type);
        assert.equal(JSON.parse(about.body).size, size);
        const extended = await ask({ method: 'POST', endpoint: `/file/${id}/extend` }, type);
        assert.ok(JSON.parse(extended.body).expires >= expires);
      }
    const missing = await ask({ method: 'GET', endpoint: `/file/${'A'.repeat(44)}` });
    assert.equal(missing.code, 404);
    const empty = await ask({ method: 'POST', endpoint: '/file', body: Buffer.alloc(0) });
    assert.equal(empty.code, 413);
  });
}
