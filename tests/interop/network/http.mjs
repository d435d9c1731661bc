// GET and POST over HTTP or HTTPS. Nodes have self-signed certificates that nobody checks: storage_node.md section 3.
import http from 'node:http';
import https from 'node:https';

const agents = {
  'http:': new http.Agent({ keepAlive: true }),
  'https:': new https.Agent({ keepAlive: true, rejectUnauthorized: false }),
};

// Gives {status, headers, body}; throws when there is no answer within the time.
export const get = (url, options) => exchange('GET', url, '', options);
export const post = (url, body, options) => exchange('POST', url, body, options);

function exchange(method, url, body, { timeout = 10_000, headers = {} } = {}) {
  const { protocol } = new URL(url);
  const bytes = Buffer.from(body);
  return new Promise((resolve, reject) => {
    const request = (protocol === 'https:' ? https : http).request(url, {
      method,
      agent: agents[protocol],
      headers: { 'Content-Length': bytes.length, ...headers },
    });
    request.setTimeout(timeout, () => request.destroy(new Error(`${url} did not answer in ${timeout} ms`)));
    request.on('error', reject);
    request.on('response', async (response) => {
      try {
        const parts = [];
        for await (const part of response) parts.push(part);
        resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(parts) });
      } catch (error) {
        reject(error);
      }
    });
    request.end(bytes);
  });
}

// Lets go of idle connections, which would keep the process alive.
export function closeConnections() {
  for (const agent of Object.values(agents)) agent.destroy();
}
