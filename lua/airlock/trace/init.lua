--- What a program does, as a file: one line of JSON for each message, with its secrets covered. `airlock playground
--- --open FILE` draws it.

-- spec: spec/wire/trace_spec.lua

local core = require "airlock.core"
local exchange = require "airlock.trace.exchange"
local tap = require "airlock.trace.tap"

--- A trace of what all clients of this Lua state do: `require "airlock.trace"`. The environment's `AIRLOCK_TRACE` turns
--- it on, too. docs/events.md tells what stands in it.
---@class airlock.trace
local trace = {}

local both = "message" -- what a request with its answer is called there
local most_kept = 256 -- exchanges whose event hasn't come yet

local path, wire, finished -- what is on; nil: nothing

local function write(value)
  local file = io.open(path, "ab")
  if not file then return end -- a trace is no reason for a program to fail
  file:write(core.json.encode(value, true), "\n")
  file:close()
end

-- What the wire brought meanwhile; of what has ended, its event is still to come.
local function collect()
  wire:take(function() return {} end, function(x)
    if not x.over then return end
    finished[#finished + 1] = x
    if #finished > most_kept then table.remove(finished, 1) end
  end)
end

-- The exchange of an event: the oldest of the same method and path. In nginx there is none.
local function exchange_of(event)
  for i, x in ipairs(finished) do
    local method, target = x.out:match "^(%S+) (%S+)"
    local at = target and target:gsub("^%a+://[^/]*", ""):match "^[^?#]*"
    if method == event.method and at == event.path then return table.remove(finished, i) end
  end
end

local function line_of(event, client_id)
  local line = { client = client_id }
  for name, value in pairs(event) do line[name] = value end
  if event.event ~= "response" then return line end
  line.event = both
  local x = exchange_of(event)
  if not x then return line end
  line.request, line.response = exchange.parts(x.out, x.head, x.body, true)
  line.why = x.why
  return line
end

-- A request is told with its answer.
local function hear(event, client_id)
  if event.event == "request" then return end
  collect()
  write(line_of(event, client_id))
end

--- Writes to a file from now on, behind what is in it. Clients that are made from now on are traced.
---@param file string its path
---@see docs/events.md
function trace.to(file)
  if type(file) ~= "string" or file == "" then core.mistake "airlock.trace.to: a file's path was expected" end
  local trial, why = io.open(file, "ab")
  if not trial then core.mistake(("airlock.trace.to: the file can't be written: %s"):format(why)) end
  trial:close()
  trace.off()
  path, wire, finished = file, tap.open(), {}
end

--- Writes no more.
---@see docs/events.md
function trace.off()
  if not path then return end
  wire:close()
  path, wire, finished = nil, nil, nil
end

--- The configuration of a client that is traced.
---@param config table
---@return table config
function trace.attach(config)
  local on_event, made = config.on_event, {}
  for name, value in pairs(config) do made[name] = value end
  function made.on_event(event)
    if path then hear(event, config.client_id) end
    if on_event then return on_event(event) end
  end
  return made
end

--- Whether anything is written.
---@return boolean
function trace.on()
  return path ~= nil
end

return trace
