// server.mjs: the official server of the Model Context Protocol, over Streamable HTTP, with its own authorization.
// Reads a line of JSON, { metadata, jwks_uri, json, stateless }; prints { url }; ends with its standard input.
import { createInterface } from 'node:readline';
import { createRequire } from 'node:module';
import { randomUUID } from 'node:crypto';

const require = createRequire(new URL('../../build/mcp/package.json', import.meta.url));
const from = (name) => import(require.resolve(name).replace('/dist/cjs/', '/dist/esm/'));
const sdk = '@modelcontextprotocol/sdk';
const { McpServer } = await from(`${sdk}/server/mcp.js`);
const { StreamableHTTPServerTransport } = await from(`${sdk}/server/streamableHttp.js`);
const { requireBearerAuth } = await from(`${sdk}/server/auth/middleware/bearerAuth.js`);
const { mcpAuthMetadataRouter, getOAuthProtectedResourceMetadataUrl } = await from(`${sdk}/server/auth/router.js`);
const { createRemoteJWKSet, jwtVerify } = require('jose');
const express = require('express');
const { z } = require('zod');

const lines = createInterface({ input: process.stdin });
const given = JSON.parse((await lines[Symbol.asyncIterator]().next()).value);
process.stdin.on('close', () => process.exit(0));

const app = express();
const listening = app.listen(0, '127.0.0.1');
await new Promise((done) => { listening.once('listening', done); });
const url = new URL(`http://127.0.0.1:${listening.address().port}/mcp`);

const keys = createRemoteJWKSet(new URL(given.jwks_uri));
const verifier = {
  async verifyAccessToken(token) {
    const { payload } = await jwtVerify(token, keys, { audience: url.href });
    return { token, clientId: String(payload.sub), scopes: String(payload.scope).split(' '), expiresAt: payload.exp };
  },
};

function made() {
  const server = new McpServer({ name: 'spec', version: '1.0.0' }, { capabilities: { logging: {} } });
  server.registerTool('add', { description: 'Adds two numbers', inputSchema: { a: z.number(), b: z.number() } },
    async ({ a, b }) => ({ content: [{ type: 'text', text: String(a + b) }] }));
  server.registerTool('count', { description: 'Tells of its progress', inputSchema: { to: z.number() } },
    async ({ to }, { sendNotification }) => {
      for (let n = 1; n <= to; n++) {
        await sendNotification({ method: 'notifications/message', params: { level: 'info', data: n } });
      }
      return { content: [{ type: 'text', text: `counted to ${to}` }] };
    });
  return server;
}

const sessions = new Map();
async function transport(request) {
  const known = sessions.get(request.headers['mcp-session-id']);
  if (known) return known;
  const fresh = new StreamableHTTPServerTransport({
    sessionIdGenerator: given.stateless ? undefined : randomUUID, enableJsonResponse: given.json === true,
    onsessioninitialized: (id) => sessions.set(id, fresh),
  });
  await made().connect(fresh);
  return fresh;
}

app.use(mcpAuthMetadataRouter({ oauthMetadata: given.metadata, resourceServerUrl: url,
  scopesSupported: ['global:Profile.View'] }));
app.use(requireBearerAuth({ verifier, resourceMetadataUrl: getOAuthProtectedResourceMetadataUrl(url) }));
app.all('/mcp', express.json(), async (request, response) => {
  await (await transport(request)).handleRequest(request, response, request.body);
});

console.log(JSON.stringify({ url: url.href }));
