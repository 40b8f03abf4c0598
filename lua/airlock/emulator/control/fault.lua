--- What is to go wrong: a queue of faults, each for the next calls that fit it.

local json = require "airlock.emulator.http.json"
local options = require "airlock.emulator.options"

local fault = {}
fault.__index = fault

--- Stands for a member of a token reply that is to be left out.
fault.absent = setmetatable({}, { __tostring = function() return "absent" end })

local names = { "path", "method", "times", "status", "body", "headers", "delay", "drop", "truncate", "endless",
  "dribble", "reply",
  "rate_limited", "retry_after", "malformed", "html", "error_in_200", "token", "token_error_status" }

---@return table faults
function fault.new()
  return setmetatable({ queue = {} }, fault)
end

local json_type = { { "Content-Type", "application/json" } }

-- Short names for answers that servers really give; each gives status, headers, body.
local shapes = {
  rate_limited = function(f)
    local headers = { { "Content-Type", "application/json" } }
    if f.retry_after then headers[2] = { "Retry-After", f.retry_after } end
    return 429, headers, json.encode { error = "rate-limited", error_description = "Too many requests" }
  end,
  malformed = function() return 200, json_type, '{"access_token":"eyJhbGciOiJSUzUxMiJ9","expires_in":6' end,
  html = function()
    return 200, { { "Content-Type", "text/html; charset=utf-8" } },
      "<!DOCTYPE html><title>Gateway</title><h1>Please stand by</h1>"
  end,
  error_in_200 = function(f)
    return 200, json_type, json.encode { error = f.error_in_200, error_description = "told with status 200" }
  end,
}

local function shape(f)
  for name, make in pairs(shapes) do
    if f[name] then
      local status, headers, body = make(f)
      f.status, f.headers, f.body = f.status or status, f.headers or headers, f.body or body
      f.replaces = true
    end
  end
  if f.status or f.body then f.replaces = true end
end

--- Queues a fault; see docs/emulator.md for what it may hold.
---@param given table
function fault:add(given)
  local f = options.read("emulator:fault", given, names)
  f.left = f.times or 1
  shape(f)
  self.queue[#self.queue + 1] = f
end

--- Forgets all faults.
function fault:clear()
  self.queue = {}
end

local function fits(f, call)
  return (not f.method or f.method == call.method) and (not f.path or call.path:find(f.path) ~= nil)
end

local function take(self, call, wanted)
  for i, f in ipairs(self.queue) do
    if wanted(f) and fits(f, call) then
      f.left = f.left - 1
      if f.left <= 0 then table.remove(self.queue, i) end
      return f
    end
  end
end

--- The oldest fault that fits a call; it counts as used.
---@param call table
---@return table? fault
function fault:take(call)
  return take(self, call, function(f) return not f.token and not f.token_error_status end)
end

--- The members that a token reply is to have otherwise; counts as used.
---@param call table
---@return table? members
function fault:take_token(call)
  local f = take(self, call, function(each) return each.token end)
  return f and f.token
end

--- The status that a grant is to be refused with, in place of 400; counts as used.
---@param call table
---@return integer? status
function fault:take_status(call)
  local f = take(self, call, function(each) return each.token_error_status end)
  return f and f.token_error_status
end

--- What a fault makes of an answer: the headers, body and manners that `exchange:reply` takes.
---@param f table
---@param answer table? the real one, where the fault has none of its own
---@return table
function fault.spoil(f, answer)
  answer = answer or { status = f.status or 200, headers = f.headers or {}, body = f.body or "" }
  return { status = answer.status, headers = f.headers or answer.headers, body = answer.body, delay = f.delay,
    truncate = f.truncate, endless = f.endless, dribble = f.dribble }
end

return fault
