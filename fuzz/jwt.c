/*
 * A JWT of the server, as client:verify and the check of ID tokens read it: Lua over lua-cjson and ground/jws. First
 * byte even: the text as it is, which nobody without the key could make right. Odd: a line of header and the payload,
 * which this target signs with the server's key, so that what is inside is judged. What is believed says what it must.
 */
#include "ground/encode.h"
#include "ground/jws.h"

#include "state.h"

enum { most = 1 << 20 };

/* Of nobody: it signs for this target alone. */
static const char
  key_text[] = "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\","
               "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}";

static const char judge[] =
  "package.path = 'lua/?.lua;lua/?/init.lua;' .. package.path\n"
  "local core, client, identity = require 'airlock.core', require 'airlock.client', require 'airlock.id_token'\n"
  "local verify = require 'airlock.jwt'\n"
  "local issuer, id = 'https://door.example', 'porter'\n"
  "local made = client.new({ issuer = issuer, client_id = id, jwks_uri = issuer .. '/keys', token_endpoint = issuer "
  ".. '/token' }, 'fuzz')\n"
  "local settings = made:settings()\n"
  "settings.keys = { at = math.huge, set = { { kty = 'OKP', crv = 'Ed25519', x = "
  "'11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' } } }\n"
  "local function fine(message, detail, code)\n"
  "  assert(type(message) == 'string' and #message > 10 and not message:find '[%c\\127-\\255]', message)\n"
  "  assert(detail.kind == 'oauth' and detail.code == code and detail.outcome ~= 'revoked')\n"
  "end\n"
  "local function for_us(aud)\n"
  "  return aud == id or type(aud) == 'table' and verify.has_audience(aud, id)\n"
  "end\n"
  "return function(text, ours)\n"
  "  local claims, message, detail = made:verify(text)\n"
  "  if claims == nil then fine(message, detail, 'invalid_token')\n"
  "  else\n"
  "    assert(ours and claims.iss == issuer and for_us(claims.aud))\n"
  "    assert(claims.exp == nil or claims.exp > os.time() - 1)\n"
  "    assert(claims.nbf == nil or claims.nbf <= os.time() + 1)\n"
  "  end\n"
  "  local forgotten = false\n"
  "  local session = { info = function() return { scope = 'openid' } end, settings = function() return settings end,\n"
  "    _id_token = function() return text end, _token_hash = function() return 'hash' end, forget = function() "
  "forgotten = true end }\n"
  "  local ok, why, more = identity.admit(session, { nonce = 'n', identifies = true })\n"
  "  assert(forgotten == not ok)\n"
  "  if not ok then return fine(why, more, 'invalid_id_token') end\n"
  "  claims = verify.parse(text).claims\n"
  "  assert(ours and claims.nonce == 'n' and type(claims.sub) == 'string' and claims.sub ~= '' and (claims.azp == nil "
  "or claims.azp == id))\n"
  "  assert(claims.exp > os.time() - 1 and claims.iat <= os.time() + 61 and (claims.at_hash == nil or claims.at_hash "
  "== 'hash'))\n"
  "  assert(type(claims.aud) ~= 'table' or #claims.aud < 2 or claims.azp == id)\n"
  "end\n";

static al_key *key;

static void drop_key (void) {
  al_key_drop(key);
}

static al_key *server_key (void) {
  const char *why;
  if (key == NULL) {
    key = al_key_read(key_text, sizeof key_text - 1, true, &why);
    if (key == NULL || atexit(drop_key) != 0) abort();
  }
  return key;
}

/* header.payload.signature of two texts */
static void compact (al_buf *out, const char *header, size_t header_n, const char *payload, size_t payload_n) {
  al_buf signature = AL_BUF(most);
  must(al_encode_base64url(out, header, header_n) && al_buf_addc(out, '.') &&
       al_encode_base64url(out, payload, payload_n));
  must(al_jws_sign(&signature, "EdDSA", server_key(), out->bytes, out->n));
  must(al_buf_addc(out, '.') && al_encode_base64url(out, signature.bytes, signature.n));
  al_buf_dispose(&signature);
}

int LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t n) {
  lua_State *L = lua_judge(judge);
  input in = input_of(bytes, n);
  bool ours = input_byte(&in) & 1;
  size_t size, header_n;
  al_buf text = AL_BUF(most);
  if (ours) {
    const char *header = input_line(&in, &header_n), *payload = input_rest(&in, &size);
    compact(&text, header, header_n, payload, size);
  } else {
    const char *raw = input_rest(&in, &size);
    must(al_buf_add(&text, raw, size));
  }
  lua_pushvalue(L, 1);
  lua_pushlstring(L, al_buf_text(&text), text.n);
  lua_pushboolean(L, ours);
  lua_must(L, lua_pcall(L, 2, 0, 0));
  al_buf_dispose(&text);
  input_over(&in);
  return 0;
}
