--- The loop of nginx with its Lua module, and of OpenResty: found by itself there. Calls are carried over cosockets and
--- yield to
-- nginx, so that no worker is blocked. A call that waits for another one's token request waits at a semaphore.

-- spec: spec/hosts/nginx_wait_spec.lua

local compat = require "airlock.compat"
local core = require "airlock.core"
local cosocket = require "airlock.loop.ngx.cosocket"
local ngx = require "ngx"
local semaphore = require "ngx.semaphore"
local task = require "airlock.loop.task"
local wait = require "airlock.loop.wait"

-- `polls`: nobody watches core.fd() here.
local loop = { start = core.carry, start_token = core.carry_token, polls = true }

local get_phase = ngx.get_phase

local yields = {
  rewrite = true, server_rewrite = true, access = true, content = true, timer = true, preread = true,
  ssl_cert = true, ssl_session_fetch = true, ssl_client_hello = true,
}
-- nobody is served yet: a call blocks there, over libcurl, and does no harm
local blocks = { init = true, init_worker = true }

local bells = setmetatable({}, { __mode = "k" }) -- coroutine → what rings when it may go on
local tasks = setmetatable({}, { __mode = "k" }) -- coroutines whose waits somebody may end
local longest = 3600 -- seconds between two looks at a clock that nothing is due at

--- Whether the running code may yield. In a phase that can't, such as log or body_filter, it raises.
---@return boolean
function loop.mine()
  local phase = get_phase()
  if yields[phase] then return true end
  if blocks[phase] then return false end
  core.mistake(("nginx can't wait for a request in its phase '%s'; make it in rewrite, access or content, or in a "
    .. "timer (ngx.timer.at)")
    :format(phase))
end

local tend

-- Sees a token call through, in a timer of its own: it outlives the request that began it, as its answer may hold the
-- only new refresh token.
local function run(_, token_call)
  repeat
    local what, seconds = token_call:following()
    if what == "send" then
      local ok, why = pcall(cosocket.carry, token_call)
      if not ok then token_call:broke("cut_off", tostring(why)) end
    elseif what == "wait" then
      ngx.sleep(math.max(seconds, 0.001))
      core.step()
    end
    tend()
  until not what
end

--- Lets nginx see to others.
function loop.breathe()
  ngx.sleep(0)
end

-- Wakes whoever can go on, and sends new token calls on their way.
function tend()
  wait.wake()
  for token_call in core.token_call do
    local ok, why = ngx.timer.at(0, run, token_call)
    if not ok then
      token_call:broke("connect",
        ("nginx gives no timer for a token request: %s (lua_max_running_timers, lua_max_pending_timers)"):format(why))
      wait.wake()
    end
  end
end

--- Lets the running coroutine wait until it is unparked.
function loop.park()
  local bell = semaphore.new()
  bells[compat.running()] = bell
  tend()
  while not bell:wait(math.min(core.patience() or longest, longest)) do
    core.step()
    tend()
  end
end

--- Lets a parked coroutine go on.
---@param thread thread
function loop.unpark(thread)
  local bell = bells[thread]
  bells[thread] = nil
  if bell then bell:post(1) end
end

-- What moves the bytes waits at a socket, where nobody can wake it. So in a task it runs in a light thread beside,
-- which is killed once the call has ended otherwise: it was cancelled, or its session was closed.
local function carry_beside(here, call, reader, sink)
  local ok, why, over
  local beside = ngx.thread.spawn(function()
    ok, why = pcall(cosocket.carry, call, reader, sink)
    over = true
    wait.unpark(loop, here)
  end)
  local function cancel()
    call:fail "the program cancelled this call"
    wait.unpark(loop, here)
  end
  if not over then wait.park_for(call, loop, cancel) end
  if not over then ngx.thread.kill(beside)
  elseif not ok then error(why, 0) end
end

--- Carries a call over nginx's connections.
---@param call userdata
---@param reader? function
---@param sink? function
function loop.carry(call, reader, sink)
  local here = compat.running()
  if tasks[here] then carry_beside(here, call, reader, sink) else cosocket.carry(call, reader, sink) end
end

--- Starts a function in a light thread of the running request or timer, which waits for it before it ends.
---@param f function
---@return airlock.task task
function loop.spawn(f)
  local self, body = task.new(f)
  ngx.thread.spawn(function()
    tasks[compat.running()] = true
    return body()
  end)
  return self
end

-- Nobody watches core.fd() here, which tells other hosts that calls have ended.
local close = core.classes.session.close
function core.classes.session.close(self)
  close(self)
  wait.wake()
end

return loop
