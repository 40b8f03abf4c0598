--- The one maker of failures in Lua, as src/door/failure.c is in C: each function gives `nil, message, detail`.
-- docs/failures.md has the codes.

-- spec: spec/session/failure_spec.lua

local failure = {}

-- Whatever `more` has beside or in place of these: `outcome`, `status`, `description`, `retry_after`, `response`.
local function maker(kind, outcome)
  return function(code, message, more)
    local detail = { kind = kind, code = code, outcome = outcome }
    for name, value in pairs(more or {}) do detail[name] = value end
    return nil, message, detail
  end
end

--- A server said no, or something that it can't say.
---@type fun(code: string, message: string, more: table?): nil, string, table
failure.oauth = maker("oauth", "misconfigured")

--- An API's answer is none that can be used.
---@type fun(code: string, message: string, more: table?): nil, string, table
failure.http = maker("http", "misconfigured")

--- The network has no place for this.
---@type fun(code: string, message: string, more: table?): nil, string, table
failure.network = maker("network", "misconfigured")

--- The user or the program went away.
---@type fun(code: string, message: string, more: table?): nil, string, table
failure.cancelled = maker("cancelled", "interaction_required")

--- A message and what is beside it, told where it happened: as door/failure.c tells it.
---@param place { method: string, url: string, client_id: string?, client_auth: string? }
---@param message string
---@param more table? gets the place's fields, and is given back
---@return string message
---@return table more
function failure.at(place, message, more)
  more = more or {}
  more.method, more.url, more.client_id = place.method, place.url:match "^[^?]*", place.client_id
  more.client_auth = place.client_auth
  local by = place.client_auth and (" (client %s, %s)"):format(place.client_id, place.client_auth) or ""
  return ("%s %s%s: %s"):format(more.method, more.url, by, message), more
end

--- A server's answer that can't be understood.
---@param what string the answer, such as "the registration endpoint's answer"
---@param why string such as "has no client_id"
---@param place table? as of failure.at
function failure.malformed(what, why, place)
  local message, more = what .. " " .. why, nil
  if place then message, more = failure.at(place, message) end
  return failure.oauth("malformed_reply", message, more)
end

local raised = {
  __name = "airlock.failure",
  __tostring = function(self) return self.message end,
}

--- Raises a failure, where nothing can be given back: a table with `message` and the fields of its detail.
---@param message string
---@param detail table
function failure.raise(message, detail)
  local made = { message = message }
  for name, value in pairs(detail) do made[name] = value end
  error(setmetatable(made, raised), 0)
end

return failure
