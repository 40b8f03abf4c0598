--- Calls that need Lua on their way: a sink, a reader, a secret's function, or a coroutine that waits.
-- C never calls these functions itself, so they may yield where the loop lets them.

local core = require "airlock.core"

local calls = {}
local parked = {} -- call → { loop, coroutine } of whoever waits for it

--- Moves everything along and wakes those whose call wants something. A host's loop calls it when core.fd() is readable.
function calls.step()
  core.step()
  calls.wake()
end

--- Wakes those whose call wants something.
function calls.wake()
  for call in core.attend do
    local waiter = parked[call]
    if waiter then
      parked[call] = nil
      waiter.loop.unpark(waiter.thread)
    end
  end
end

-- What the call wants next, and the bytes that go with it.
local function wanted(call, loop)
  if not loop then call:wait() end
  local what, bytes = call:wants()
  if what then return what, bytes end
  parked[call] = { loop = loop, thread = coroutine.running() }
  loop.park()
  return call:wants()
end

-- Asks the program; an error in its function ends the call before it goes on upwards.
local function ask(call, name, f, ...)
  local ok, a, b = pcall(f, ...)
  if ok then return a, b end
  call:fail("the " .. name .. " raised an error")
  call:close()
  error(a, 0)
end

-- Where pcall can't be yielded across (PUC 5.1), a loop's coroutine asks without it; an error there ends the coroutine,
-- and the call is collected with it.
local trial = coroutine.create(function() pcall(coroutine.yield) end)
coroutine.resume(trial)
local yieldable = coroutine.status(trial) == "suspended"

local function ask_in(loop)
  if not loop or yieldable then return ask end
  return function(_, _, f, ...) return f(...) end
end

local function pour(call, streams, bytes, asking)
  local ok, why = asking(call, "sink", streams.sink, bytes)
  if ok == false or (ok == nil and why ~= nil) then call:fail("the sink gave up: " .. tostring(why or "it returned false")) end
end

local function feed(call, streams, asking)
  local bytes, why = asking(call, "body's reader", streams.reader)
  if bytes == nil and why ~= nil then return call:fail("the body's reader gave up: " .. tostring(why)) end
  if bytes ~= nil and type(bytes) ~= "string" then
    call:close()
    core.mistake("session:request: the reader in option 'body' must give strings and then nil, not a " .. type(bytes))
  end
  call:feed(bytes ~= "" and bytes or nil) -- an empty piece is the end, as for the readers of load
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
    core.mistake(("%s: the function must give a string, not %s"):format(option, proof == "" and "an empty one" or "a " .. type(proof)))
  end
  return proof
end

local function tell(call, streams, asking)
  call:secret(asking(call, "client_secret function", calls.proof, streams.settings))
end

--- Sees a call through to its end.
---@param call userdata of core.start or core.perform
---@param loop table? whose coroutine this is; nil: block
---@param streams table { sink, reader, settings }
---@return ... as call:result()
function calls.serve(call, loop, streams)
  local asking = ask_in(loop)
  while true do
    local what, bytes = wanted(call, loop)
    if what == "done" then return call:result()
    elseif what == "sink" then pour(call, streams, bytes, asking)
    elseif what == "body" then feed(call, streams, asking)
    elseif what == "secret" then tell(call, streams, asking) end
  end
end

return calls
