/*
 * A server's metadata, as airlock.discover reads it: Lua over lua-cjson and ground/url. First byte: who is asked, and
 * whether the document begins with what no document may lack. What is believed names only what that server may name,
 * and a client can be made of it.
 */
#include "state.h"

static const char judge[] =
  "package.path = 'lua/?.lua;lua/?/init.lua;' .. package.path\n"
  "local core, client, metadata = require 'airlock.core', require 'airlock.client', require "
  "'airlock.discovery.metadata'\n"
  "local issuers = { 'https://door.example', 'https://10.0.0.1:8443/realm', 'http://127.0.0.1:8080' }\n"
  "local codes = { malformed_metadata = true, issuer_mismatch = true }\n"
  "local function set(words) local made = {} for word in words:gmatch '%S+' do made[word] = true end return made end\n"
  "local urls = set [[authorization_endpoint token_endpoint registration_endpoint revocation_endpoint "
  "introspection_endpoint jwks_uri\n"
  "  device_authorization_endpoint pushed_authorization_request_endpoint userinfo_endpoint end_session_endpoint]]\n"
  "local lists = set [[scopes_supported response_types_supported response_modes_supported grant_types_supported\n"
  "  token_endpoint_auth_methods_supported revocation_endpoint_auth_methods_supported "
  "code_challenge_methods_supported]]\n"
  "local beside = set 'registration_endpoint userinfo_endpoint end_session_endpoint' -- no options of a client\n"
  "local function string_list(value)\n"
  "  if type(value) ~= 'table' then return false end\n"
  "  for at, each in pairs(value) do if type(at) ~= 'number' or type(each) ~= 'string' then return false end end\n"
  "  return true\n"
  "end\n"
  "local function check_member(name, value, issuer)\n"
  "  if urls[name] then assert(type(value) == 'string' and core.url_fault(value, issuer) == nil, name) end\n"
  "  if lists[name] then assert(string_list(value), name) end\n"
  "end\n"
  "return function(first, text)\n"
  "  local issuer = issuers[first % 3 + 1]\n"
  "  if first >= 128 then\n"
  "    text = ('{\"issuer\":\"%s\",\"token_endpoint\":\"%s/token\",'):format(issuer, issuer) .. text\n"
  "  end\n"
  "  local document, why, code = metadata.read(text, issuer)\n"
  "  if not document then\n"
  "    assert(type(why) == 'string' and #why > 10 and #why < 2048 and not why:find '[%c\\127-\\255]', why)\n"
  "    assert(code == nil or codes[code], code)\n"
  "    return\n"
  "  end\n"
  "  assert(document.issuer == issuer and document.token_endpoint)\n"
  "  local config = { client_id = 'porter', issuer = issuer }\n"
  "  for name, value in pairs(document) do\n"
  "    assert(value ~= core.json.null)\n"
  "    check_member(name, value, issuer)\n"
  "    if urls[name] and not beside[name] then config[name] = value end\n"
  "  end\n"
  "  config.mtls_endpoint_aliases = document.mtls_endpoint_aliases\n"
  "  client.new(config, 'fuzz')\n"
  "end\n";

int LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t n) {
  lua_State *L = lua_judge(judge);
  input in = input_of(bytes, n);
  unsigned first = input_byte(&in);
  size_t size;
  const char *text = input_rest(&in, &size);
  lua_pushvalue(L, 1);
  lua_pushinteger(L, (lua_Integer)first);
  lua_pushlstring(L, text, size);
  lua_must(L, lua_pcall(L, 2, 0, 0));
  input_over(&in);
  return 0;
}
