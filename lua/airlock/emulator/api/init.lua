--- The slice of Space's HTTP API: asks for the bearer token, then for the right, then lets the resource answer.

local reply = require "airlock.emulator.http.reply"

local api = {}

local rooms = { "identity", "project", "absence", "permission", "credential", "consent" }

-- The token, or nil and a refusal.
local function admit(call)
  local header, tokens = call.headers.authorization, call.emulator.tokens
  if not header then return nil, reply.failure("authentication-required", "Authentication is required") end
  local scheme, text = header:match "^(%a+) +(%S+)$"
  scheme = scheme and scheme:lower()
  if scheme ~= "bearer" and scheme ~= "dpop" then
    return nil, reply.failure("authentication-required", "The Authorization header is not Bearer")
  end
  local token, why = tokens:judge(text)
  if not token then
    local refused, challenge = reply.failure("authentication-required", why), call.emulator.habits.challenge
    return nil, challenge and reply.add(refused, "WWW-Authenticate", challenge) or refused
  end
  local refusal = call.emulator.proofs:check(call, scheme, token)
  if refusal then return nil, refusal end
  return token
end

local function answer(call, route)
  if call.bad_query then return reply.failure("request-error", "The query has a broken escape") end
  if route.right and not call:allows(route.right) then
    return reply.failure("permission-denied", ("Permission %s is required"):format(route.right))
  end
  return route.run(call)
end

-- Wraps a resource so that it runs for those only who may see it.
local function guarded(route)
  return function(call)
    local token, refusal = admit(call)
    if not token then return refusal end
    call.token = token
    local r = answer(call, route)
    return token.jkt and call.emulator.proofs:add_nonce(r, "api") or r
  end
end

--- Adds all resources. A room is a list of `{ method, template, run, right? }`, the right being a global one.
---@param router table
function api.add_routes(router)
  for _, room in ipairs(rooms) do
    for _, route in ipairs(require("airlock.emulator.api." .. room)) do
      local run = guarded { right = route.right, run = route.run }
      router:add(route[1], "/api/http/" .. route[2], run)
    end
  end
end

return api
