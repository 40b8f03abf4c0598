--- Server-sent events (WHATWG HTML section 9.2) as an iterator, over any host: the request goes in a coroutine of its
--- own, and waits where nobody takes its events.

-- spec: spec/resource/events_spec.lua

local compat = require "airlock.compat"
local core = require "airlock.core"
local failure = require "airlock.failure"
local options_of = require "airlock.options"
local poll = require "airlock.loop.poll"
local registry = require "airlock.loop.registry"
local response = require "airlock.response"
local task = require "airlock.loop.task"
local wait = require "airlock.loop.wait"

local events = {}

local known = { headers = "table", timeout = "number", last_event_id = "string", reconnect = "boolean" }
local most_waiting = 64 -- events that nobody took yet; then the stream waits
local most_text = 16 * 1024 * 1024 -- bytes of an event, and of what comes in place of a stream
local plain = "message" -- the type of an event that names none
local rest, most_failures = 3, 5 -- s before a stream is asked for again; attempts in a row that may fail
local longest = 24 * 3600 -- s that either side waits for the other at once

-- ---- the two sides and their bells

local function ring(self, name)
  local bell = self[name]
  self[name] = nil
  if bell then bell.ring() end
end

-- Waits, in the loop of the running coroutine, until the other side rings; false: it was cancelled.
local function sleep(self, name, loop)
  local bell = wait.bell(loop, longest)
  self[name] = bell
  local _, cancelled = bell.wait()
  return not cancelled
end

-- ---- the stream's side

local function give(self, event)
  self.queue[#self.queue + 1] = event
  ring(self, "taker")
end

local function too_large(self)
  local _, message, detail = failure.network("too_large", "an event of the stream is larger than 16 MiB")
  self.failed = { nil, message, detail }
  return false, message
end

local function take_stream(self, bytes)
  local list = self.stream:feed(bytes)
  if not list then return too_large(self) end
  for _, event in ipairs(list) do give(self, event) end
  while #self.queue - self.taken >= most_waiting and not self.closed do
    if not sleep(self, "giver", self.loop) then return false, "cancelled" end
  end
  if self.closed then return false, "nobody wants the events any more" end
end

-- What the answer's head says of its body.
local function begin(self, head)
  self.headers = response.headers(head)
  self.kind = core.lower((self.headers["content-type"] or ""):match "^[^;%s]*")
  self.text, self.text_n = {}, 0
end

local function sink_of(self)
  return function(bytes)
    if self.kind == "text/event-stream" then return take_stream(self, bytes) end
    self.text_n = self.text_n + #bytes
    if self.text_n > most_text then return too_large(self) end
    self.text[#self.text + 1] = bytes
    if self.closed then return false, "nobody wants the events any more" end
  end
end

local function headers_of(self)
  local headers = {}
  for name, value in pairs(self.options.headers or {}) do headers[name] = value end
  local id = self.stream:id()
  if id == "" then id = self.options.last_event_id or "" end
  if id ~= "" then headers["Last-Event-ID"] = id end
  return headers
end

local function request_of(self)
  local headers, posts = headers_of(self), self.value ~= nil and not self.again
  headers.Accept = headers.Accept or (posts and "application/json, text/event-stream" or "text/event-stream")
  return { url = self.url, method = posts and "POST" or "GET", headers = headers, json = posts and self.value or nil,
    timeout = self.options.timeout or math.huge, sink = sink_of(self) }
end

-- One request; a status that is no stream's is a failure, as of session:get.
local function send(self, session)
  self.kind, self.text, self.text_n = "", {}, 0
  local answer, message, detail = session:_stream(request_of(self), function(head) begin(self, head) end)
  if not answer then return nil, message, detail end
  if answer.status < 300 then return answer end
  return answer:_refusal(answer.body ~= "" and answer.body or table.concat(self.text))
end

-- JSON in place of a stream is one event.
local function finish_text(self)
  local text = table.concat(self.text)
  if self.kind ~= "text/event-stream" and text ~= "" then give(self, { event = plain, data = text }) end
end

local function once(self)
  local answer, message, detail = events.attempt(self.resource, function(session) return send(self, session) end)
  self.stream:ended()
  if self.failed or self.closed then return nil end
  if not answer then return nil, message, detail end
  finish_text(self)
  return answer
end

local function may_go_on(self, answer)
  if self.closed or self.failed then return false end
  if not answer then return true end
  return answer.status ~= 204 and self.kind == "text/event-stream"
end

local function run(self)
  local failures = 0
  repeat
    local answer, message, detail = once(self)
    failures = answer and 0 or failures + 1
    local definite = not answer and detail and detail.outcome ~= "transient" or failures >= most_failures
    if not answer and message and (definite or not self.reconnects) then
      self.failed = { nil, message, detail }
    end
    local again = self.reconnects and may_go_on(self, answer)
    if again then
      self.again = true
      wait.bell(self.loop, self.stream:retry() or rest).wait()
    end
  until not again or self.closed
end

-- ---- the program's side

local function close(self)
  if self.closed then return end
  self.closed = true
  self.queue = {}
  ring(self, "giver")
  if self.task then self.task:cancel() end
end

local function raise(self)
  local failed = self.failed
  self.failed = nil
  close(self)
  if type(failed) == "table" and failed[2] then failure.raise(failed[2], failed[3]) end
  if type(failed) == "string" then error(failed, 0) end
end

local function waits(self)
  return self.taken >= #self.queue and not self.over
end

-- Until an event is there, or the stream is over.
local function await(self)
  local loop = registry.current(self.resource.probe)
  if not loop then return poll.run(nil, function() return not waits(self) end) end
  while waits(self) do
    if not sleep(self, "taker", loop) then
      close(self)
      local _, message, detail = failure.cancelled("cancelled", "the program cancelled this call",
        { outcome = "transient" })
      failure.raise(message, detail)
    end
  end
end

local function take(self)
  self.taken = self.taken + 1
  local event = self.queue[self.taken]
  if self.taken >= most_waiting or self.taken == #self.queue then
    local left = {}
    for i = self.taken + 1, #self.queue do left[#left + 1] = self.queue[i] end
    self.queue, self.taken = left, 0
    ring(self, "giver")
  end
  return event
end

local function start(self)
  local loop = registry.current(self.resource.probe)
  self.loop = loop and loop.spawn and loop or poll
  local made, body = task.new(function()
    local ok, why = compat.pcall(run, self)
    if not ok and not self.closed then self.failed = tostring(why) end
    self.over = true
    ring(self, "taker")
  end)
  self.task = made
  self.loop.spawn(body)
end

local function next_of(self)
  if self.closed then return nil end
  if not self.task then start(self) end
  if waits(self) then await(self) end
  if self.taken < #self.queue then return take(self) end
  if self.failed then return raise(self) end
  close(self)
end

-- An iterator that ends its request when nobody has it any more.
local guard = {
  __name = "airlock.events",
  __tostring = function() return "airlock.events" end,
  __call = function(iterator) return registry.iterate(next_of, iterator[1]) end,
  __index = {
    close = function(iterator) close(iterator[1]) end,
    headers = function(iterator) return iterator[1].headers or {} end,
  },
}
guard.__gc = guard.__index.close
guard.__close = guard.__index.close

local proxy = rawget(_G, "newproxy") -- Lua 5.1 and LuaJIT collect no table with a word

local function sentinel(self)
  if not proxy then return nil end
  local made = proxy(true)
  getmetatable(made).__gc = function() close(self) end
  return made
end

--- Opens a stream; nothing is sent before the first event is wanted.
---@param resource table
---@param url string
---@param value any
---@param given table?
---@return table iterator
function events.open(resource, url, value, given)
  local options = options_of.read(given, "resource:events", known)
  local self = { resource = resource, url = url, value = value, options = options, queue = {}, taken = 0,
    stream = core.event_stream() }
  self.reconnects = options.reconnect
  if self.reconnects == nil then self.reconnects = value == nil end
  local iterator = setmetatable({ self, sentinel(self) }, guard)
  return iterator, nil, nil, iterator
end

return events
