--- A server that signs tokens as the spec says, and shows its keys: what `airlock.guard` is tried with.

local core = require "airlock.core"
local crypto = require("airlock.server").crypto
local keys = require "spec.support.keys"
local stage = require "spec.support.stage"

local issuer = {}

local kinds = { RS = "rsa-2048", PS = "rsa-2048", ES = "P-256", Ed = "Ed25519" }
issuer.audience = "https://api.example.test"

local function raw(value) return type(value) == "string" and value or core.json.encode(value) end

--- A JWT of parts as they are. `by`: the kind of key (spec.support.keys) or a PEM; a text of header or claims stays.
function issuer.jwt(header, claims, by, signature)
  local text = crypto.base64url(raw(header)) .. "." .. crypto.base64url(raw(claims))
  if signature then return text .. "." .. signature end
  local pem = by:find "BEGIN" and by or keys.pem(by)
  return text .. "." .. crypto.base64url(crypto.sign(header.alg, pem, text))
end

local methods = {}
methods.__index = methods

--- The claims of a good token, with these in place; airlock.null takes one away.
function methods:claims(more)
  local now = os.time()
  local made = { iss = self.url, aud = issuer.audience, sub = "alice", client_id = "app", exp = now + 300, iat = now,
    jti = crypto.base64url(crypto.random(9)), scope = "read write" }
  for name, value in pairs(more or {}) do
    if value == core.json.null then made[name] = nil else made[name] = value end
  end
  return made
end

--- A token: good, but for what is changed in its claims and header.
function methods:token(more, head, by)
  local header = { typ = "at+jwt", alg = "ES256" }
  for name, value in pairs(head or {}) do
    if value == core.json.null then header[name] = nil else header[name] = value end
  end
  local family = header.alg:sub(1, 2)
  if (head or {}).kid == nil then header.kid = "key-" .. (family == "PS" and "RS" or family) end
  return issuer.jwt(header, self:claims(more), by or kinds[family])
end

local function add_key(list, alg, more)
  local key = keys.public(kinds[alg])
  key.kid = "key-" .. alg
  for name, value in pairs(more or {}) do key[name] = value end
  list[#list + 1] = key
end

--- Starts one. `seen` counts requests by path; `answers[path]` is a function of the exchange that takes its place;
--- `keys` is its key set.
function issuer.start()
  local self = setmetatable({ seen = {}, answers = {}, keys = {} }, methods)
  for _, alg in ipairs { "RS", "ES", "Ed" } do add_key(self.keys, alg) end
  local function reply(x, value) x:reply { body = core.json.encode(value) } end
  self.url = stage.server(function(x)
    self.seen[x.path] = (self.seen[x.path] or 0) + 1
    if self.answers[x.path] then return self.answers[x.path](x) end
    if x.path == "/jwks" then return reply(x, { keys = self.keys }) end
    if x.path == "/.well-known/oauth-authorization-server" then
      return reply(x, { issuer = self.url, token_endpoint = self.url .. "/token", jwks_uri = self.url .. "/jwks" })
    end
    x:reply { status = 404 }
  end)
  return self
end

--- What a guard is given for it.
function methods:config(more)
  local made = { issuer = self.url, jwks_uri = self.url .. "/jwks", audience = issuer.audience }
  for name, value in pairs(more or {}) do made[name] = value end
  return made
end

--- A request with a token.
function issuer.request(token, more)
  local made = { method = "GET", url = issuer.audience .. "/things?a=1",
    headers = { Authorization = token and "Bearer " .. token or nil } }
  for name, value in pairs(more or {}) do made[name] = value end
  return made
end

return issuer
