-- The authorization server and API of spec/starve/run.lua, as a process of its own, so that memory runs out on one side
-- only. It prints its process id and its URL, and ends when nobody reads its output any more.

local poll = require "airlock.loop.poll"
local server = require "airlock.server"

local core = require "airlock.core"
local crypto = require("airlock.server").crypto

local pem = crypto.new_rsa(2048)
-- of each chain of refresh tokens, named by a letter; the one before is forgiven, as its answer may have been lost
local generations = {}

local function json(x, text)
  x:reply { headers = { ["Content-Type"] = "application/json" }, body = text }
end

local base
local routes = {}

-- The newest number of that chain of refresh tokens, once this one was handed in; nil: it is too old.
local function advance(chain, n)
  local newest = generations[chain] or 1
  if n ~= newest and n ~= newest - 1 then return nil end
  generations[chain] = n + 1
  return n + 1
end

local function id_token(nonce)
  local claims = { iss = base, sub = "alice", aud = "porter", exp = os.time() + 300, iat = os.time(), nonce = nonce }
  local text = crypto.base64url '{"alg":"RS256","kid":"k"}' .. "." .. crypto.base64url(core.json.encode(claims))
  return text .. "." .. crypto.base64url(crypto.sign("RS256", pem, text))
end

routes["/token"] = function(x)
  local chain, n = x.body:match "refresh_token=(%a)(%d+)"
  local more = ""
  if chain then
    n = advance(chain, tonumber(n))
    if not n then return x:reply { status = 400, body = '{"error":"invalid_grant"}' } end
  elseif x.body:find "code=" or x.body:find "password=" then
    chain, n = "u", generations.u or 1
  end
  if chain then more = (',"refresh_token":"%s%d"'):format(chain, n) end
  local code = x.body:match "[&?]code=([^&]+)" or x.body:match "^code=([^&]+)"
  if code and #code > 20 then more = more .. (',"id_token":"%s"'):format(id_token(code)) end
  if x.body:find("token-exchange", 1, true) then
    more = more .. ',"issued_token_type":"urn:ietf:params:oauth:token-type:access_token"'
  end
  local kind = x.headers.dpop and "DPoP" or "Bearer"
  json(x, ('{"access_token":"a%d","token_type":"%s","expires_in":3600,"scope":"a b"%s}'):format(n or 0, kind, more))
end

routes["/par"] = function(x) x:reply { status = 201,
  body = '{"request_uri":"urn:ietf:params:oauth:request_uri:1","expires_in":60}' } end

routes["/jwks"] = function(x)
  local public = crypto.rsa_public(pem)
  json(x, core.json.encode { keys = { { kty = "RSA", n = public.n, e = public.e, kid = "k" } } })
end

routes["/device"] = function(x)
  json(x, '{"device_code":"d","user_code":"U-1","verification_uri":"https://id.example/",'
    .. '"expires_in":60,"interval":0.001}')
end

routes["/revoke"] = function(x) x:reply { status = 200 } end

routes["/.well-known/oauth-authorization-server"] = function(x)
  json(x, (('{"issuer":"BASE","token_endpoint":"BASE/token","authorization_endpoint":"BASE/authorize",'
    .. '"token_endpoint_auth_methods_supported":["client_secret_basic"],"response_types_supported":["code"]}'):gsub(
      "BASE", base)))
end

routes["/api/go"] = function(x) x:reply { status = 302, headers = { Location = "/api/me" } } end

local function answer(x)
  local route, chain = routes[x.path], x.path:match "^/api/generation/(%a)$"
  if chain then return json(x, ('{"n":%d}'):format(generations[chain] or 1)) end
  if route then return route(x) end
  if not x.headers.authorization then return x:reply { status = 401, body = '{"error":"who"}' } end
  json(x, '{"name":"me","list":[1,2,{"a":null}],"text":"' .. ("x"):rep(300) .. '"}')
end

local made = assert(server.listen { handler = answer })
base = made:url()
poll.add(made)
io.write(base, "\n")
io.flush()
poll.run()
