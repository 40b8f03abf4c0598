// oidc-provider on loopback, for the specs beside it. Options come as JSON in the first line of standard input; the
// first line of the output is JSON, too: the issuer, the pid and the clients. It ends with its standard input, so that
// none is left behind.
//
// Options: nonce (DPoP proofs need one), rotate (true), access_token_lifetime (seconds), clients (more of them, as RFC
// 7591 has it), par (every authorization request must be pushed), initial_access_token (what registration asks for),
// tls ({ cert, key, ca }: paths of PEM files; the server speaks https, and knows clients by certificates that the CA
// signed).
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { createInterface } from 'node:readline';
import { Provider, errors } from '../../build/interop/node_modules/oidc-provider/lib/index.js';

const kinds = {
  RS256: ['rsa', { modulusLength: 2048 }],
  PS256: ['rsa', { modulusLength: 2048 }],
  ES256: ['ec', { namedCurve: 'P-256' }],
  EdDSA: ['ed25519', {}],
};
const made = {}; // RSA keys take long to make, so RS256 and PS256 share one

function keyPair(alg, whose) {
  const [kind, parameters] = kinds[alg];
  made[whose + kind] ??= generateKeyPairSync(kind, parameters);
  const { publicKey, privateKey } = made[whose + kind];
  return {
    pem: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    jwk: { ...privateKey.export({ format: 'jwk' }), alg, kid: alg },
    public_jwk: { ...publicKey.export({ format: 'jwk' }), alg, kid: alg, use: 'sig' },
  };
}

const application = 'client_credentials';
const user = ['authorization_code', 'refresh_token'];
const device = 'urn:ietf:params:oauth:grant-type:device_code';
const callback = 'http://127.0.0.1:9/callback'; // where nobody listens: the visitor stops there
const secret = 'a secret of a good length: 0123456789';

const apart = { response_types: [], redirect_uris: [] };
const byCode = { grant_types: user, response_types: ['code'], redirect_uris: [callback] };
const native = { application_type: 'native', token_endpoint_auth_method: 'none', grant_types: user,
  response_types: ['code'],
  redirect_uris: ['http://127.0.0.1/callback', 'http://[::1]/callback'] };

// name → metadata; the name is the client_id as well
const clients = {
  basic: { ...apart, grant_types: [application], client_secret: secret },
  'odd :id': { ...apart, grant_types: [application], client_secret: 'p+q/r%s&t=u v:w~x' },
  post: { ...apart, grant_types: [application], client_secret: secret,
    token_endpoint_auth_method: 'client_secret_post' },
  secret_jwt: { ...apart, grant_types: [application], client_secret: secret,
    token_endpoint_auth_method: 'client_secret_jwt' },
  web: { ...byCode, client_secret: secret },
  pushed: { ...byCode, client_secret: secret, require_pushed_authorization_requests: true },
  native,
  dpop: { ...native, dpop_bound_access_tokens: true },
  device: { ...apart, application_type: 'native', token_endpoint_auth_method: 'none',
    grant_types: [device, 'refresh_token'] },
};
const keys = {};

function addKeyClients() {
  for (const alg of Object.keys(kinds)) {
    const name = `key_${alg}`;
    keys[name] = keyPair(alg, 'client');
    clients[name] = { ...apart, grant_types: [application], token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: alg, jwks: { keys: [keys[name].public_jwk] } };
  }
}

// tls_client_auth: certificates are checked by TLS itself; which client it is, by the subject's common name
const mTLS = {
  enabled: true,
  certificateBoundAccessTokens: true,
  tlsClientAuth: true,
  getCertificate: (ctx) => ctx.socket.getPeerX509Certificate?.(),
  certificateAuthorized: (ctx) => ctx.socket.authorized,
  certificateSubjectMatches: (ctx, property, expected) =>
    property === 'tls_client_auth_subject_dn' && ctx.socket.getPeerX509Certificate()?.subject === expected,
};

function features(options) {
  return {
    devInteractions: { enabled: true },
    clientCredentials: { enabled: true },
    deviceFlow: { enabled: true },
    introspection: { enabled: true },
    revocation: { enabled: true },
    backchannelLogout: { enabled: true },
    registration: { enabled: true, initialAccessToken: options.initial_access_token ?? false },
    registrationManagement: { enabled: true },
    dPoP: { enabled: true, nonceSecret: Buffer.alloc(32, 7), requireNonce: () => options.nonce === true },
    pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: options.par === true },
    ...(options.tls ? { mTLS } : {}),
    resourceIndicators: {
      enabled: true,
      defaultResource: async () => undefined,
      useGrantedResource: async () => true,
      getResourceServerInfo: async (ctx, resource) => {
        if (!/^https:\/\/api[0-9]?\.example\.test$/.test(resource)) throw new errors.InvalidTarget();
        return { scope: 'api:read api:write', audience: resource, accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'ES256' } } };
      },
    },
  };
}

function configuration(options) {
  const lifetime = options.access_token_lifetime ?? 600;
  addKeyClients();
  Object.assign(clients, options.clients);
  return {
    clients: Object.entries(clients).map(([client_id, metadata]) => ({ client_id, ...metadata })),
    clientAuthMethods: ['none', 'client_secret_basic', 'client_secret_post', 'client_secret_jwt', 'private_key_jwt',
      ...(options.tls ? ['tls_client_auth'] : [])],
    enabledJWA: { clientAuthSigningAlgValues: ['HS256', 'HS384', 'HS512', ...Object.keys(kinds), 'ES384'],
      dPoPSigningAlgValues: Object.keys(kinds) },
    jwks: { keys: Object.keys(kinds).filter((alg) => alg !== 'PS256').map((alg) => keyPair(alg, 'server').jwk) },
    scopes: ['openid', 'offline_access', 'api:read', 'api:write'],
    pkce: { required: () => true },
    rotateRefreshToken: options.rotate ?? true,
    issueRefreshToken: async (ctx, client, code) => client.grantTypeAllowed('refresh_token') &&
      code.scopes.has('offline_access'),
    findAccount: async (ctx, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
    cookies: { keys: ['interop'] },
    ttl: { AccessToken: lifetime, ClientCredentials: lifetime, RefreshToken: 3600, DeviceCode: 600, Interaction: 600,
      Session: 600,
      Grant: 3600, IdToken: 600, AuthorizationCode: 60 },
    // it refuses to call this machine by itself, where the specs' applications take its logout tokens
    fetch: (url, { dispatcher, ...rest }) => fetch(url, rest),
    features: features(options),
  };
}

function serve(options) {
  const tls = options.tls;
  const server = tls
    ? https.createServer({ cert: readFileSync(tls.cert), key: readFileSync(tls.key), ca: readFileSync(tls.ca),
      requestCert: true,
      rejectUnauthorized: false })
    : http.createServer();
  server.listen(0, '127.0.0.1', () => {
    const issuer = `${tls ? 'https://localhost' : 'http://127.0.0.1'}:${server.address().port}`;
    const provider = new Provider(issuer, configuration(options));
    provider.on('server_error', (ctx, error) => console.error(error));
    provider.on('backchannel.error', (ctx, error) => console.error(error));
    server.on('request', provider.callback());
    const told = {};
    for (const [name, metadata] of Object.entries(clients)) {
      told[name] = { client_id: name, client_secret: metadata.client_secret, redirect_uri: metadata.redirect_uris?.[0],
        ...keys[name] };
    }
    process.stdout.write(`${JSON.stringify({ issuer, pid: process.pid, clients: told })}\n`);
  });
}

const lines = createInterface({ input: process.stdin });
lines.once('line', (line) => serve(JSON.parse(line)));
lines.once('close', () => process.exit(0));
