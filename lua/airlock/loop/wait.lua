--- Calls that need Lua on their way: a sink, a reader, a secret's function, or a coroutine that waits.
-- C never calls these functions itself, so they may yield where the loop lets them.

local beside = require "airlock.loop.pollables"
local core = require "airlock.core"
local shield = require "airlock.compat"
local sources = require "airlock.grant.source"

local calls = {}

local attend, here = core.attend, shield.here

-- Coroutine that waits → what ends its wait: a function, or the call itself. Weak: a coroutine that its host drops
-- takes its call along. Kept in the registry: where a program unloads this file and loads it again, both mean the same.
local cancels = core.kept("cancels", "kv")
local loop_of = core.kept("loop_of", "kv") -- coroutine → the loop that it waits in

--- The running coroutine as its host knows it; nil in the main program.
calls.running = shield.running

--- Moves everything along and wakes those whose call wants something. A host's loop calls it when core.fd() is
--- readable.
function calls.step()
  core.step()
  beside.step()
  calls.wake()
end

--- Wakes those whose call wants something.
function calls.wake()
  for thread in attend do calls.unpark(loop_of[thread], thread) end
end

--- Lets the running coroutine of a loop wait until it is unparked.
---@param loop table
---@param cancel function|userdata ends the wait early; whoever waits is unparked then. The caller holds it: this frame
--- is gone while it waits
---@param thread? thread the running coroutine as its host knows it
function calls.park(loop, cancel, thread)
  if not loop.polls then beside.host() end
  cancels[thread or here()] = cancel
  return loop.park()
end

local park = calls.park

--- Lets a parked coroutine go on.
---@param loop table
---@param thread thread
function calls.unpark(loop, thread)
  cancels[thread] = nil
  loop.unpark(thread)
end

--- Ends what a coroutine waits for.
---@param thread thread?
---@return boolean ended whether it waited
function calls.cancel(thread)
  local cancel = thread and cancels[thread]
  if type(cancel) == "function" then
    cancel()
    return true
  end
  if not cancel or not cancel:awaited(thread) then return false end -- its host resumed it by itself
  cancel:fail "the program cancelled this call"
  return true
end

--- Lets the running coroutine of a loop wait until a call wants something.
---@param call userdata
---@param loop table
---@param cancel function|userdata as for calls.park
function calls.park_for(call, loop, cancel) -- nothing is made for it: most calls of a loop wait once
  local thread = here()
  call:await(thread)
  if loop_of[thread] ~= loop then loop_of[thread] = loop end
  return park(loop, cancel, thread)
end

--- A wait of the running coroutine for something else than a call: until it is rung, or for so long.
---@param loop table
---@param seconds number
---@return { ring: function, wait: fun(): boolean?, string? } bell `wait()` gives true if it was rung, else nil, and
--- "cancelled" if it was
function calls.bell(loop, seconds)
  local alarm, rung, cancelled = core.alarm(seconds), nil, nil
  local bell = {}
  function bell.ring()
    rung = true
    alarm:fail "rung"
  end
  function bell.wait()
    local function cancel()
      cancelled = "cancelled"
      alarm:fail "cancelled"
    end
    if not alarm:wants() then calls.park_for(alarm, loop, cancel) end
    alarm:close()
    return rung, cancelled
  end
  return bell
end

-- Asks the program; an error in its function ends the call before it goes on upwards.
local function ask(call, name, f, ...)
  local ok, a, b, c = shield.pcall(f, ...)
  if ok then return a, b, c end
  call:fail("the " .. name .. " raised an error")
  call:close()
  error(a, 0)
end

-- How much there will be, where the head says so of what the sink gets (packed, it doesn't).
local function length_of(call)
  local head = call:head():lower()
  return not head:find("\ncontent-encoding:", 1, true) and tonumber(head:match "\ncontent%-length:%s*(%d+)") or nil
end

local function tell_progress(call, streams, bytes)
  streams.got = (streams.got or 0) + #bytes
  ask(call, "progress function", streams.progress, streams.got, length_of(call))
end

-- False: the sink gave up.
local function pour(call, streams, bytes)
  local ok, why = ask(call, "sink", streams.sink, bytes)
  local full = ok == false or (ok == nil and why ~= nil)
  if full then call:fail("the sink gave up: " .. tostring(why or "it returned false")) end
  if streams.progress and not full then tell_progress(call, streams, bytes) end
  return not full
end

-- What the reader gives; nil: it has no more; false: it gave up.
local function read(call, streams)
  local bytes, why = ask(call, "body's reader", streams.reader)
  if bytes == nil and why ~= nil then
    call:fail("the body's reader gave up: " .. tostring(why))
    return false
  end
  if bytes ~= nil and type(bytes) ~= "string" then
    call:close()
    core.mistake("session:request: the reader in option 'body' must give strings and then nil, not a " .. type(bytes))
  end
  return bytes ~= "" and bytes or nil -- an empty piece is the end, as for the readers of load
end

local function feed(call, streams)
  local bytes = read(call, streams)
  if bytes ~= false then call:feed(bytes) end
end

-- By the host's own connections.
local function carry(call, loop, streams)
  local reader = streams.reader and function() return read(call, streams) end
  local sink = streams.sink and function(bytes) return pour(call, streams, bytes) end
  loop.carry(call, reader, sink)
end

--- What proves the client, where its configuration gives that by a function: the secret, or the text of its key.
---@param settings table of the client
---@return string? proof
function calls.proof(settings)
  if not settings.proof then return nil end
  local option = settings.proof == settings.private_key and "private_key" or "client_secret"
  local proof = settings.proof()
  if option == "private_key" and type(proof) == "table" then proof = core.json.encode(proof) end -- a JWK
  if type(proof) ~= "string" or proof == "" then
    core.mistake(("%s: the function must give a string, not %s"):format(option,
      proof == "" and "an empty one" or "a " .. type(proof)))
  end
  return proof
end

local function tell(call, streams)
  call:secret(ask(call, "client_secret function", calls.proof, streams.settings))
end

-- What the next token is asked for with; a failure of the program's function ends the call as itself.
local function open(call, streams)
  local form, message, detail = ask(call, "function of this grant", streams.source)
  if form then return call:open(form) end
  call:fail(tostring(message or "there is nothing to ask for a token with"))
  return message, detail
end

-- The program's own store: an error in one of its functions is a failure of kind "store", for all who wait for the
-- token.
local function keep(call, streams)
  local number, name, record, a, b = call:store()
  if number then call:stored(number, shield.pcall(streams.settings.store[name], record, a, b)) end
end

-- What few calls need, once one does.
local function complete(streams, owner)
  streams.settings = owner:settings()
  streams.source = sources.of(owner)
  return streams
end

--- Sees a call through to its end; it isn't to be touched afterwards.
---@param call userdata of core.start, core.perform, core.obtain or their like
---@param loop table? whose coroutine this is; nil: block
---@param owner userdata the session or client
---@param streams? table { sink, reader, progress }
---@return ... as core.perform
function calls.serve(call, loop, owner, streams)
  while true do
    if not loop then call:wait() end
    local status, what, bytes, url, settings = call:proceed()
    if status ~= false then return status, what, bytes, url, settings end -- "what" is its body, then
    if what and (not streams or not streams.settings) then streams = complete(streams or {}, owner) end
    if not what then calls.park_for(call, loop, call)
    elseif what == "sink" then pour(call, streams, bytes)
    elseif what == "send" then carry(call, loop, streams)
    elseif what == "body" then feed(call, streams)
    elseif what == "secret" then tell(call, streams)
    elseif what == "store" then keep(call, streams)
    elseif what == "opening" then
      local message, detail = open(call, streams)
      if detail then return nil, message, detail end
    end
  end
end

return calls
