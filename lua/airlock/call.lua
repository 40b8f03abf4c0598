--- Sees calls through to their end: what they need of Lua on the way is a sink, a reader, a secret's function, a store.
-- C never calls these functions itself, so they may yield where the loop lets them.

-- spec: spec/wire/reuse_spec.lua

local compat = require "airlock.compat"
local lazy = require "airlock.lazy"
local core = require "airlock.core"
local failure = lazy "airlock.failure"
local sources = require "airlock.grant.source"
local token_sources = lazy "airlock.grant.token_source"
local wait = require "airlock.loop.wait"

local calls = {}

-- Asks the program; an error in its function ends the call before it goes on upwards.
local function ask(call, streams, name, f, ...)
  local ok, a, b, c = compat.pcall(f, ...)
  if ok then return a, b, c end
  call:fail("the " .. name .. " raised an error")
  call:close()
  if streams.source then streams.source.stop() end
  error(a, 0)
end

-- How much there will be, where the head says so of what the sink gets (packed, it doesn't).
local function length_of(call)
  local head = core.lower(call:head())
  return not head:find("\ncontent-encoding:", 1, true) and tonumber(head:match "\ncontent%-length:%s*(%d+)") or nil
end

local function tell_progress(call, streams, bytes)
  streams.got = (streams.got or 0) + #bytes
  ask(call, streams, "progress function", streams.progress, streams.got, length_of(call))
end

-- False: the sink gave up.
local function pour(call, streams, bytes)
  if streams.heading then
    streams.heading(call:head())
    streams.heading = nil
  end
  local ok, why = ask(call, streams, "sink", streams.sink, bytes)
  local full = ok == false or (ok == nil and why ~= nil)
  if full then call:fail("the sink gave up: " .. tostring(why or "it returned false")) end
  if streams.progress and not full then tell_progress(call, streams, bytes) end
  return not full
end

-- What the body's source gives; nil: it has no more; false: it gave up.
local function read(call, streams, afresh)
  local bytes, why, code = ask(call, streams, "body's reader", streams.source.read, afresh)
  if bytes ~= nil or why == nil then return bytes end
  if code == "mistake" then
    call:close()
    streams.source.stop()
    core.mistake(why)
  end
  call:fail(why, code)
  return false
end

local function feed(call, streams, afresh)
  local bytes = read(call, streams, afresh)
  if bytes ~= false then call:feed(bytes) end
end

-- By the host's own connections.
local function carry(call, loop, streams)
  local reader = streams.source and function(afresh) return read(call, streams, afresh) end
  local sink = streams.sink and function(bytes) return pour(call, streams, bytes) end
  loop.carry(call, reader, sink)
end

--- What proves the client, where its configuration gives that by a function: the secret, or the text of its key.
---@param settings table of the client
---@return string? proof
---@return string? message of a failure: an assertion that can't be had
---@return table? detail
function calls.proof(settings)
  if not settings.proof then return nil end
  local option = settings.proof == settings.private_key and "private_key"
    or settings.proof == settings.client_assertion and "client_assertion" or "client_secret"
  local proof, why = settings.proof()
  if proof == nil and why ~= nil and option == "client_assertion" then
    local _, message, detail = failure.oauth("source_failed", "the client's assertion can't be had: " .. tostring(why))
    return nil, message, detail
  end
  if option == "private_key" and type(proof) == "table" then
    proof = core.json.encode(proof, true, option .. ": the JWK")
  end
  if type(proof) ~= "string" or proof == "" then
    core.mistake(("%s: the function must give a string, not %s"):format(option,
      proof == "" and "an empty one" or "a " .. type(proof)))
  end
  return proof
end

--- What a saved authorization is sealed with, where neither the client's `seal_key` nor a secret of its own does that.
---@param settings table of the client
---@return string? proof
function calls.seal(settings)
  if not settings.seals then return calls.proof(settings) end
end

local function tell(call, streams)
  local proof, message, detail = ask(call, streams, "client_secret function", calls.proof, streams.settings)
  if proof then return call:secret(proof) end
  call:fail(message)
  return message, detail
end

-- What the next token is asked for with; a failure of the program's function ends the call as itself.
local function open(call, streams)
  local form, message, detail = ask(call, streams, "function of this grant", streams.opens)
  if form then return call:open(form) end
  call:fail(tostring(message or "there is nothing to ask for a token with"))
  return message, detail
end

-- The program's own store: an error in one of its functions is a failure of kind "store", for all who wait for the
-- token.
local function keep(call, streams)
  local number, name, record, a, b = call:store()
  if number then call:stored(number, compat.pcall(streams.settings.store[name], record, a, b)) end
end

-- Decodes a large answer; others have their turn in the loop between two slices.
local function decode(call, loop, slices)
  while not slices:step() do
    if loop.breathe then loop.breathe()
    else
      local _, cancelled = wait.bell(loop, 0).wait()
      if cancelled then
        call:close()
        return failure.cancelled("cancelled", "the program cancelled this call", { outcome = "transient" })
      end
    end
  end
  return call:proceed(slices)
end

-- What few calls need, once one does.
local function complete(streams, owner)
  streams.settings = owner:settings()
  streams.opens = sources.of(owner)
  return streams
end

--- Sees a call through to its end; it isn't to be touched afterwards.
---@param call userdata of core.start, core.perform, core.obtain or their like
---@param loop table? whose coroutine this is; nil: block
---@param owner userdata the session or client
---@param streams? table { sink, source, progress }
---@return ... as core.perform
function calls.serve(call, loop, owner, streams)
  while true do
    if not loop then call:wait() end
    local status, what, bytes, url, settings, whole, method = call:proceed(loop ~= nil)
    if status ~= false or what == "decode" then
      if streams and streams.source then streams.source.stop() end
      if status == false then return decode(call, loop, bytes) end
      return status, what, bytes, url, settings, whole, method -- "what" is its body, then
    end
    if what and (not streams or not streams.settings) then streams = complete(streams or {}, owner) end
    if not what then wait.park_for(call, loop, call)
    elseif what == "sink" then pour(call, streams, bytes)
    elseif what == "send" then carry(call, loop, streams)
    elseif what == "body" then feed(call, streams, bytes)
    elseif what == "secret" then
      local message, detail = tell(call, streams)
      if detail then return nil, message, detail end
    elseif what == "store" then keep(call, streams)
    elseif what == "source" then token_sources.ask(call, owner)
    elseif what == "opening" then
      local message, detail = open(call, streams)
      if detail then
        if streams.source then streams.source.stop() end
        return nil, message, detail
      end
    end
  end
end

return calls
