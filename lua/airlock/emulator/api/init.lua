--- The slice of Space's HTTP API: asks for the bearer token, then for the right, then lets the resource answer.

local reply = require "airlock.emulator.reply"

local api = {}

local rooms = { "identity", "project", "absence", "permission", "credential", "consent" }

local function bearer(call)
  local header = call.headers.authorization
  if not header then return nil, "Authentication is required" end
  local text = header:match "^[Bb][Ee][Aa][Rr][Ee][Rr] +(%S+)$"
  if not text then return nil, "The Authorization header is not Bearer" end
  return call.emulator.tokens:judge(text)
end

-- Wraps a resource so that it runs for those only who may see it.
local function guarded(route)
  return function(call)
    local token, why = bearer(call)
    if not token then return reply.failure("authentication-required", why) end
    call.token = token
    if call.bad_query then return reply.failure("request-error", "The query has a broken escape") end
    if route.right and not call:allows(route.right) then
      return reply.failure("permission-denied", ("Permission %s is required"):format(route.right))
    end
    return route.run(call)
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
