--- A store of tokens in nginx's shared memory, which all workers of one nginx share: option `store` of airlock.client.
-- It lives as long as nginx runs, and over a reload. docs/store.md says what its four functions must do.
--
-- A `lua_shared_dict` can add a key that isn't there, replace one that is, and count; each of these is atomic, and
-- nothing that is more than one of them is. So a record has several keys, and what decides is always one of these
-- three:
--
--   <name>               the newest fence that was given out
--   <name>:lock:<fence>  that fence has the lock: the worker's pid; it expires with the lease
--   <name>:slot:<fence>  what that fence has saved, or found: the number of a text; 0: no record. The newest slot
-- counts.
--   text:<number>        the text of a record; it is never changed
--
-- Each fence has a slot of its own, which the next one takes away. So whoever comes too late has nothing left to write
-- into, wherever it was stopped on its way. Only `safe_add` takes memory: what nginx can't store it refuses, and throws
-- out nobody else's token for it.

-- spec: spec/hosts/nginx_store_spec.lua

local core = require "airlock.core"
local ngx = require "ngx"

-- fences back that a slot is looked for: those between were given out to workers that were killed a moment later
local reach = 64
local counter = "texts"

local function slot(name, fence) return ("%s:slot:%d"):format(name, fence) end
local function hold(name, fence) return ("%s:lock:%d"):format(name, fence) end
local function text_of(number) return ("text:%d"):format(number) end

-- Whether a process is gone for certain; a worker that was killed gives nothing back, and its lease may be long.
local function gone()
  local ok, ffi = pcall(require, "ffi")
  if not ok then return function() return false end end
  pcall(ffi.cdef, "int kill(int pid, int signal);")
  local no_such_process = 3
  return function(pid) return ffi.C.kill(pid, 0) ~= 0 and ffi.errno() == no_such_process end
end

local function find(options)
  local whose = "airlock.store.ngx"
  if type(options) ~= "table" then
    core.mistake(whose .. ": a table of options was expected, not a " .. type(options))
  end
  for name in pairs(options) do
    if name ~= "dict" and name ~= "lifetime" then
      core.mistake(("%s: unknown option '%s' (it takes: dict, lifetime)"):format(whose, tostring(name)))
    end
  end
  local dict, lifetime = options.dict, options.lifetime
  if lifetime ~= nil and not (type(lifetime) == "number" and lifetime > 0 and lifetime < math.huge) then
    core.mistake(whose .. ": option 'lifetime' must be a number of seconds, more than 0")
  end
  if type(dict) == "table" and type(dict.safe_add) == "function" then return dict, "lua_shared_dict" end
  if type(dict) ~= "string" then
    core.mistake(whose .. ": option 'dict' must name a lua_shared_dict, not be a " .. type(dict))
  end
  if not ngx.shared[dict] then
    core.mistake(("%s: nginx has no shared memory named '%s': add the line `lua_shared_dict %s 10m;` to the http "
      .. "block of its configuration")
      :format(whose, dict, dict))
  end
  return ngx.shared[dict], "lua_shared_dict " .. dict
end

--- A store in nginx's shared memory, for option `store`: all workers share its tokens, and none outlives nginx. A
--- dictionary that isn't there raises, and the message names the line to add.
---@param options airlock.nginx_store_options
---@return airlock.store_functions store
---@see docs/nginx.md
return function(options)
  local dict, called = find(options)
  local lifetime = options.lifetime or 0 -- 0: for ever, as nginx has it
  local dead = gone()

  local function refusal(why)
    if why ~= "no memory" then return why end
    return called .. " is full: give it more memory in nginx's configuration, and to nothing else"
  end

  -- Adds what wasn't there; nil and why it can't; false: it was there.
  local function add(key, value, seconds)
    local ok, why = dict:safe_add(key, value, seconds)
    if ok then return true end
    if why == "exists" then return false end
    return nil, refusal(why)
  end

  -- The number of the text that counts, and the fence whose slot says so; 0: there is no record. `top`: fences up to
  -- that one alone. Down to a slot, and up again from there: a slot goes away only once there is one above it, so on
  -- the way up none is missed.
  local function newest(name, top)
    local fence = top or dict:get(name) or 0
    local lowest = fence - reach
    while fence > lowest and fence > 1 and not dict:get(slot(name, fence)) do fence = fence - 1 end
    local number, from = 0, nil
    while fence <= (top or dict:get(name) or 0) do
      local found = dict:get(slot(name, fence))
      if found then number, from = found, fence end
      fence = fence + 1
    end
    return number, from
  end

  local store = {}

  function store.load(name)
    local last
    while true do
      local number = newest(name)
      if number == 0 then return nil end
      local text = dict:get(text_of(number))
      if text then return text end
      if number == last then break end -- else it was replaced while we looked
      last = number
    end
    if lifetime > 0 then return nil end -- it has just been forgotten
    ngx.log(ngx.ERR, "airlock: a token is gone from ", called, ": something else that uses it has pushed it out")
    return nil
  end

  -- The next fence; nil: somebody else has it. Before the slot is looked for: what the one before saves from now on, it
  -- saves in vain.
  local function advance(name, before)
    if dict:get(name) ~= before then -- somebody else had the lock meanwhile, and gave it back
      dict:delete(hold(name, before + 1))
      return nil
    end
    local fence = dict:incr(name, 1)
    return fence == before + 1 and fence or nil -- else we were stopped here until our lease was over
  end

  -- A slot of one's own, with what the one before had. Its slot is taken away only while ours is the newest fence: a
  -- newer one counts on it.
  local function inherit(name, fence)
    local number, from = newest(name, fence - 1)
    local ok, why = add(slot(name, fence), number, lifetime)
    if not ok then return nil, why end
    if dict:get(name) ~= fence then
      dict:delete(slot(name, fence))
      return nil
    end
    if from then dict:delete(slot(name, from)) end
    return true
  end

  function store.lock(name, lease)
    ngx.update_time() -- leases end by it, and a worker that was stopped has an old one
    local there, why = add(name, 0)
    if there == nil then return nil, why end
    if lifetime > 0 then dict:expire(name, lifetime + lease) end -- it outlives what it counts
    local before = dict:get(name) or 0
    local holder = dict:get(hold(name, before))
    if holder and not dead(holder) then return nil end
    local got
    got, why = add(hold(name, before + 1), ngx.worker.pid(), lease)
    if not got then return nil, why end
    local fence = advance(name, before)
    if not fence then return nil end
    got, why = inherit(name, fence)
    if got then return fence end
    dict:delete(hold(name, fence))
    return nil, why
  end

  function store.unlock(name, fence)
    dict:delete(hold(name, fence))
  end

  -- The number of a new text; 0: there is no text; nil and why it can't be kept.
  local function put(text)
    if not text then return 0 end
    local ok, why = add(counter, 0)
    if ok == nil then return nil, why end
    local number = dict:incr(counter, 1)
    ok, why = add(text_of(number), text, lifetime)
    if ok then return number end
    return nil, why
  end

  function store.save(name, text, fence)
    local own = slot(name, fence)
    local old = dict:get(own)
    if not old or dict:get(name) ~= fence then return false end
    local number, why = put(text)
    if not number then return nil, why end
    if not dict:replace(own, number, lifetime) then -- a number for a number: that takes no memory
      dict:delete(text_of(number))
      return false
    end
    -- Where a higher fence was given out just now, it has found the old text or the new one: neither may be taken away.
    if dict:get(name) ~= fence then return false end
    dict:delete(text_of(old))
    return true
  end

  return store
end
