--- How a guard meets nginx: the request as nginx has it, and the answer as nginx sends it.

-- spec: spec/hosts/nginx_guard_spec.lua

local core = require "airlock.core"
local guard = require "airlock.guard"
local ngx = require "ngx"
local request = require "airlock.guard.request"

---@class airlock.guard
local methods = guard.methods

-- The request's URL as its client knows it: by the resource's origin, where that was told.
local function url_of(self)
  if self.resource then return ngx.var.request_uri end
  local host = ngx.var.http_host or ngx.var.host
  return ("%s://%s%s"):format(ngx.var.scheme, host, ngx.var.request_uri)
end

local function body_of(self)
  if not request.takes(self.token_in, "form") then return nil end
  ngx.req.read_body()
  return ngx.req.get_body_data()
end

-- Too many headers for nginx to tell: what isn't seen can't be judged.
local function headers_of()
  local headers, truncated = ngx.req.get_headers(100, true)
  return not truncated and headers or nil
end

local function answer(detail)
  ngx.status = detail.status
  for name, value in pairs(detail.headers or {}) do ngx.header[name] = value end
  ngx.header["Cache-Control"] = "no-store"
  ngx.header["Content-Type"] = "application/json"
  ngx.print(core.json.encode { error = detail.status == 503 and "temporarily_unavailable" or detail.code ~= "no_token"
    and detail.code or nil, error_description = detail.status ~= 503 and detail.description or nil })
  return ngx.exit(ngx.HTTP_OK)
end

local function check(self)
  local headers = headers_of()
  if not headers then
    return nil, nil, { status = 400, code = "invalid_request", description = "the request has too many headers" }
  end
  local ok, certificate = pcall(function() return ngx.var.ssl_client_raw_cert end)
  return self:check { method = ngx.req.get_method(), url = url_of(self), headers = headers, body = body_of(self),
    certificate = ok and certificate or nil }
end

--- In nginx, in `access_by_lua`: lets a request with a good token pass, and leaves the claims in `ngx.ctx.airlock`.
--- Any other request is answered, and goes no further.
---@param scope? string the words that the token must have, beside those of the guard's `scope`
---@return airlock.claims who
---@see docs/guard.md
function methods:protect(scope)
  local who, _, detail = check(self)
  if who and scope ~= nil then
    local ok, _, why = self:require(who, scope)
    if not ok then who, detail = nil, why end
  end
  if not who then return answer(detail) end
  ngx.ctx.airlock = who
  -- a newer one, before the client's own is too old (RFC 9449 section 8.2)
  if who.cnf and who.cnf.jkt then ngx.header["DPoP-Nonce"] = self.proofs:newest() end
  return who
end

--- In nginx, in `content_by_lua`: answers with the document of `guard:metadata`.
---@see RFC 9728 section 3.2
function methods:tell()
  ngx.header["Content-Type"] = "application/json"
  ngx.print(core.json.encode(self:metadata()))
end

return methods
