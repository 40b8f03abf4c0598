--- Takes each call: writes it down, lets a fault have it, finds who answers, and sends what they say.

local api = require "airlock.emulator.api"
local call = require "airlock.emulator.http.request"
local fault = require "airlock.emulator.control.fault"
local front = require "airlock.emulator.browser.frontchannel"
local grant = require "airlock.emulator.oauth.token_endpoint"
local introspection = require "airlock.emulator.oauth.introspection"
local pushed = require "airlock.emulator.oauth.par"
local registration = require "airlock.emulator.oauth.registration"
local reply = require "airlock.emulator.http.reply"
local router = require "airlock.emulator.router"
local revocation = require "airlock.emulator.oauth.revocation"
local user_grants = require "airlock.emulator.oauth.user_grants"
require "airlock.emulator.oauth.token_exchange" -- which adds two grants

local dispatch = {}

local function jwks(c)
  return { status = 200, headers = { { "Content-Type", "application/json" } },
    body = reply.json(c.emulator.signer:jwks(c.emulator.openid)).body }
end

--- The router with all that an emulator serves.
---@param emulator table
---@return table router
function dispatch.routes(emulator)
  local routes = router.new()
  routes:add("POST", "/oauth/token", grant.reply)
  routes:add("GET", "/oauth/jwks.json", jwks)
  if emulator.device then routes:add("POST", "/oauth/device", user_grants.begin_device) end
  if emulator.revocation then routes:add("POST", "/oauth/revoke", revocation.reply) end
  if emulator.par then routes:add("POST", "/oauth/par", pushed.push) end
  if emulator.introspection then routes:add("POST", "/oauth/introspect", introspection.reply) end
  if emulator.registration then registration.add_routes(routes) end
  front.add_routes(routes, emulator)
  api.add_routes(routes)
  return routes
end

-- Browser programs call the token endpoint and the API from other origins.
local function preflight()
  return { status = 204, body = "", headers = {
    { "Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE, OPTIONS" },
    { "Access-Control-Allow-Headers", "Authorization, DPoP, Content-Type, Accept" },
      { "Access-Control-Max-Age", 600 } } }
end

local function allow_origin(c, r)
  if not c.headers.origin or r.personal then return r end
  reply.add(r, "Access-Control-Allow-Origin", c.headers.origin)
  reply.add(r, "Access-Control-Expose-Headers", "DPoP-Nonce, WWW-Authenticate")
  return reply.add(r, "Vary", "Origin")
end

local for_applications = { ["/oauth/token"] = true, ["/oauth/revoke"] = true, ["/oauth/device"] = true,
  ["/oauth/introspect"] = true, ["/oauth/par"] = true }

local function wrong_method(c, methods)
  local description = ("%s is not possible here"):format(c.method)
  local r = for_applications[c.path] and reply.oauth_failure("invalid_request", description)
    or reply.failure("method-not-allowed", description)
  r.status = 405
  return reply.add(r, "Allow", router.allowed(methods))
end

--- Finds who answers a call, and what.
---@param c table a call
---@return table reply
function dispatch.route(c)
  if c.method == "OPTIONS" and (for_applications[c.path] or c.path:find "^/api/http/") then return preflight() end
  local methods, captures, malformed = c.emulator.routes:find(c.path)
  if malformed then return reply.failure("request-error", "The path has a broken escape") end
  if not methods then return reply.failure("not-found", "There is nothing at this path") end
  local run = methods[c.method == "HEAD" and "GET" or c.method]
  if not run then return wrong_method(c, methods) end
  c.captures = captures
  return run(c)
end

local function answer(c)
  local limit = c.emulator.limit
  local r = limit and limit:refuse(c.at) or dispatch.route(c)
  return allow_origin(c, r)
end

local function send(c, entry, r)
  entry.status, c.sent = r.status, r
  c.exchange:reply { status = r.status, headers = r.headers, body = r.body, delay = r.delay, truncate = r.truncate,
    endless = r.endless, dribble = r.dribble }
end

-- A fault's own function may answer by itself, give a reply, or keep the exchange for later.
local function by_function(c, entry, f)
  local proceeded
  local given = f.reply(c.exchange, function()
    proceeded = proceeded or answer(c)
    return proceeded
  end)
  if not c.exchange.replied and (given or proceeded) then send(c, entry, given or proceeded) end
end

local function by_fault(c, entry, f)
  if f.reply then return by_function(c, entry, f) end
  if f.drop == true then return c.exchange:drop { delay = f.delay } end
  local r = not f.replaces and answer(c) or nil
  if f.drop then return c.exchange:drop { delay = f.delay } end -- "reply": all is done, but nobody hears of it
  send(c, entry, fault.spoil(f, r))
end

--- Takes one exchange; `server.listen`'s handler.
---@param emulator table
---@param exchange userdata
function dispatch.take(emulator, exchange)
  local c = call.new(emulator, exchange)
  local entry = emulator.log:add(c)
  local f = emulator.faults:take(c)
  if f then by_fault(c, entry, f) else send(c, entry, answer(c)) end
  if emulator.on_call then emulator.on_call(entry, c.sent, exchange) end
end

return dispatch
