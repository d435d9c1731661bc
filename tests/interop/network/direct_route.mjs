// A call straight to a node: bootstrap and tests of guards. onion.md section 2, snode_api.md.
import { post } from './http.mjs';

export const jsonOrText = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

export const directRoute = {
  name: 'direct',
  // Gives {code, body}, with body an object, or the text of an error.
  async call(node, method, params) {
    const question = JSON.stringify({ jsonrpc: '2.0', method, params });
    const { status, body } = await post(`https://${node.ip}:${node.port}/storage_rpc/v1`, question);
    return { code: status, body: jsonOrText(body.toString()) };
  },
};
