--- Reads the records of core.tapped(): exchanges between the library and a server, growing as they come.

-- spec: spec/wire/trace_spec.lua

local core = require "airlock.core"

local tap = {}
tap.__index = tap

--- Begins to record.
---@return table tap
function tap.open()
  core.tap(true)
  return setmetatable({ exchanges = {} }, tap)
end

--- Ends it.
function tap:close()
  core.tap(false)
end

local adds = {
  url = function(x, bytes) x.url = bytes end,
  out = function(x, bytes) x.out = x.out .. bytes end,
  head = function(x, bytes) x.head = (bytes:find "^HTTP/" and "" or x.head) .. bytes end,
  body = function(x, bytes) x.body, x.over = bytes, true end,
  over = function(x, bytes) x.why, x.over = bytes, true end,
}

--- Takes what came since the last time.
---@param begin fun(): table makes the exchange that a new number stands for; it gets `url`, `out`, `head`, `body` or
--- `why`, `over`
---@param touched fun(exchange: table) is told of each that grew
function tap:take(begin, touched)
  local text, at = core.tapped(), 1
  while at <= #text do
    local number, kind, n, from = text:match("^(%d+) (%l+) (%d+)\n()", at)
    at = from + tonumber(n)
    local x = self.exchanges[number]
    if kind == "url" then
      x = begin()
      x.out, x.head = "", ""
      self.exchanges[number] = x
    end
    if x then
      adds[kind](x, text:sub(from, at - 1))
      touched(x)
      if x.over then self.exchanges[number] = nil end
    end
  end
end

return tap
